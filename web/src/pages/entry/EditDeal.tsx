import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import type { Tagged } from '../../api/client'
import { allocationQuery, changeAllocation } from '../../api/dashboard'
import type { AllocationChange, AllocationDetails } from '../../api/types'
import { applyFundEvent } from '../../api/fundEvents'
import { toast } from '../../ui/toasts'
import { ConflictList } from './ConflictList'
import { DealFields, dealTextsOf } from './DealFields'
import { EntryDialog } from './EntryDialog'
import { refuse } from './faults'
import { isTranche } from './tranche'
import { useFaults } from './useFaults'
import { useGuardedForm } from './useGuardedForm'

interface EditDealProps {
  slug: string
  allocation: Tagged<AllocationDetails>
  onClose: () => void
}

/** What tells an allocation apart from others of the same investor. */
export default function EditDeal({ slug, allocation, onClose }: EditDealProps) {
  const { t } = useTranslation('entry')
  const { t: commonWords } = useTranslation()
  const queryClient = useQueryClient()
  const faults = useFaults()
  const { id, investor, fund } = allocation.data
  const form = useGuardedForm({
    base: { texts: dealTextsOf(allocation.data), etag: allocation.etag },
    read: async () => {
      const query = allocationQuery(slug, id)
      const now = await queryClient.fetchQuery({ ...query, staleTime: 0 })
      return { texts: dealTextsOf(now.data), etag: now.etag }
    },
    send: async (etag, _texts, changed) => {
      const change: AllocationChange = {}
      if (changed.deal_ref !== undefined) change.deal_ref = changed.deal_ref.trim()
      if (changed.tranche !== undefined) {
        refuse(isTranche(changed.tranche) ? [] : [faults.of('tranche', 'tranche')])
        change.tranche = Number(changed.tranche)
      }
      const answer = await changeAllocation(slug, id, etag, change)
      queryClient.setQueryData(allocationQuery(slug, id).queryKey, answer)
      const data = { fund_id: fund.id, allocation_id: id }
      applyFundEvent(queryClient, slug, { kind: 'allocation.changed', data })
      toast(t('allocation.saved', { name: investor.name }))
    },
    onDone: (sent) => {
      if (!sent) toast(t('conflict.same'))
      onClose()
    },
  })
  return (
    <EntryDialog
      title={t('allocation.editing', { name: investor.name })}
      action={form.conflicts.length > 0 ? t('conflict.again') : commonWords('form.save')}
      problem={form.problem}
      busy={form.busy}
      onSubmit={form.submit}
      onClose={onClose}
    >
      <ConflictList conflicts={form.conflicts} />
      <DealFields texts={form.texts} set={form.set} problem={form.problem} />
    </EntryDialog>
  )
}
