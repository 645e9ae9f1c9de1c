import { useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'

import { allocationQuery, changeAllocation } from '../../api/dashboard'
import type { AllocationDetails, PositionReport } from '../../api/types'
import { applyFundEvent } from '../../api/fundEvents'
import type { Tagged } from '../../api/client'
import { formatPlain } from '../../ui/format/numbers'
import { toast } from '../../ui/toasts'
import { ConflictList } from './ConflictList'
import { EntryDialog } from './EntryDialog'
import { refuse } from './faults'
import { ReportFields } from './ReportFields'
import { AMOUNTS, textsOf, type ReportTexts } from './reportTexts'
import { useFaults } from './useFaults'
import { useFieldName } from './useFieldName'
import { useGuardedForm } from './useGuardedForm'
import { useReportReader } from './useReportReader'

interface EditReportProps {
  slug: string
  /** As it was read when the form was opened, with its tag. */
  allocation: Tagged<AllocationDetails>
  /** The day of the report to correct; absent for a new one. */
  day: string | undefined
  onClose: () => void
}

/** Correct a report, or add one. It is sent whole, on the condition that nobody changed it meanwhile. */
export default function EditReport({ slug, allocation, day, onClose }: EditReportProps) {
  const { t, i18n } = useTranslation('entry')
  const { t: commonWords } = useTranslation()
  const queryClient = useQueryClient()
  const faults = useFaults()
  const saidOf = useSaid()
  const { id, currency, investor, fund } = allocation.data
  const read = useReportReader(currency)
  const known = useRef(allocation.data)
  const textsIn = (details: AllocationDetails): ReportTexts => {
    const report = details.reports.find(({ as_of }) => as_of === day)
    // A new report begins with what was promised last; the rest is new.
    const newest = details.reports[0]
    return textsOf(report ?? (newest ? { commitment: newest.commitment } : {}), i18n.language)
  }

  const form = useGuardedForm({
    base: { texts: textsIn(allocation.data), etag: allocation.etag },
    read: async () => {
      const query = allocationQuery(slug, id)
      const now = await queryClient.fetchQuery({ ...query, staleTime: 0 })
      known.current = now.data
      return { texts: textsIn(now.data), etag: now.etag }
    },
    send: async (etag, texts) => {
      const { report, faults: found } = read(texts)
      const isThere = known.current.reports.some(({ as_of }) => as_of === report.as_of)
      if (day === undefined && isThere) found.push(faults.of('report.as_of', 'exists'))
      refuse(found)
      const answer = await changeAllocation(slug, id, etag, { report })
      queryClient.setQueryData(allocationQuery(slug, id).queryKey, answer)
      const data = { fund_id: fund.id, allocation_id: id }
      applyFundEvent(queryClient, slug, { kind: 'allocation.changed', data })
      const saved = answer.data.reports.find(({ as_of }) => as_of === report.as_of)
      toast(t('report.saved', { date: report.as_of, amounts: saidOf(saved) }))
    },
    onDone: (sent) => {
      if (!sent) toast(t('conflict.same'))
      onClose()
    },
  })
  const title =
    day === undefined
      ? t('report.newOf', { name: investor.name })
      : t('report.correctOf', { date: day })
  return (
    <EntryDialog
      title={title}
      action={form.conflicts.length > 0 ? t('conflict.again') : commonWords('form.save')}
      problem={form.problem}
      busy={form.busy}
      onSubmit={form.submit}
      onClose={onClose}
    >
      <ConflictList conflicts={form.conflicts} />
      <ReportFields
        texts={form.texts}
        set={form.set}
        currency={currency}
        problem={form.problem}
        fixed={day !== undefined}
      />
    </EntryDialog>
  )
}

/** What the server now has, in words: the amounts of a report that are there. */
function useSaid() {
  const nameOf = useFieldName()
  const locale = useTranslation().i18n.language
  return (report: PositionReport | undefined) => {
    const amounts = AMOUNTS.flatMap((name) => {
      const money = report?.[name]
      return money ? `${nameOf(name)} ${formatPlain(money.amount, locale)}` : []
    })
    return `${amounts.join(', ')} ${report?.commitment.currency ?? ''}`
  }
}
