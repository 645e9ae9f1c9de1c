import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { changeFund, readFund as readFundNow } from '../../api/dashboard'
import type { FundFacts } from '../../api/types'
import { applyFundEvent } from '../../api/fundEvents'
import { toast } from '../../ui/toasts'
import { ConflictList } from './ConflictList'
import { EntryDialog } from './EntryDialog'
import { refuse } from './faults'
import { FundFields } from './FundFields'
import { fundTextsOf, readFund } from './fundTexts'
import { useFaults } from './useFaults'
import { useGuardedForm } from './useGuardedForm'

interface EditFundProps {
  slug: string
  fund: FundFacts
  onClose: () => void
}

export default function EditFund({ slug, fund, onClose }: EditFundProps) {
  const { t } = useTranslation('entry')
  const { t: commonWords } = useTranslation()
  const queryClient = useQueryClient()
  const faults = useFaults()
  const form = useGuardedForm({
    // The version of a fund is what its ETag says.
    base: { texts: fundTextsOf(fund), etag: `"${fund.version}"` },
    read: async () => {
      const { data, etag } = await readFundNow(slug, fund.id)
      return { texts: fundTextsOf(data), etag }
    },
    send: async (etag, _texts, changed) => {
      const { change, faults: found } = readFund(changed, faults)
      refuse(found)
      const { data } = await changeFund(slug, fund.id, etag, change)
      applyFundEvent(queryClient, slug, { kind: 'fund.changed', data: { fund_id: fund.id } })
      toast(t('fund.saved', { name: data.name }))
    },
    onDone: (sent) => {
      if (!sent) toast(t('conflict.same'))
      onClose()
    },
  })
  return (
    <EntryDialog
      title={t('fund.editing', { name: fund.name })}
      action={form.conflicts.length > 0 ? t('conflict.again') : commonWords('form.save')}
      problem={form.problem}
      busy={form.busy}
      onSubmit={form.submit}
      onClose={onClose}
    >
      <ConflictList conflicts={form.conflicts} />
      <FundFields texts={form.texts} set={form.set} problem={form.problem} />
    </EntryDialog>
  )
}
