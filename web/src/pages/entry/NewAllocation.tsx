import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { createAllocation } from '../../api/dashboard'
import type { AllocationDetails, FundFacts, NewAllocation as Entry } from '../../api/types'
import { applyFundEvent } from '../../api/fundEvents'
import { SelectField } from '../../ui/Field'
import { fieldError } from '../../ui/Form'
import { toast } from '../../ui/toasts'
import { DealFields, type DealTexts } from './DealFields'
import { EntryDialog } from './EntryDialog'
import { refuse } from './faults'
import { ReportFields } from './ReportFields'
import { textsOf } from './reportTexts'
import { isTranche } from './tranche'
import { useAllInvestors } from './useAllInvestors'
import { useCreate } from './useCreate'
import { useFaults } from './useFaults'
import { useFieldName } from './useFieldName'
import { useReportReader } from './useReportReader'

interface NewAllocationProps {
  slug: string
  fund: FundFacts
  onClose: () => void
}

/** What an investor promised to a fund, with its first report. */
export default function NewAllocation({ slug, fund, onClose }: NewAllocationProps) {
  const { t, i18n } = useTranslation('entry')
  const { t: commonWords } = useTranslation()
  const nameOf = useFieldName()
  const queryClient = useQueryClient()
  const faults = useFaults()
  const investors = useAllInvestors(slug)
  const readReport = useReportReader(fund.currency)
  const [investor, setInvestor] = useState('')
  const [deal, setDeal] = useState<DealTexts>({ deal_ref: '', tranche: '1' })
  const [report, setReport] = useState(() => textsOf({}, i18n.language))

  const create = useCreate<Entry, AllocationDetails>({
    send: (key, body) => createAllocation(slug, fund.id, key, body),
    onDone: (made) => {
      const data = { fund_id: fund.id, allocation_id: made.id }
      applyFundEvent(queryClient, slug, { kind: 'allocation.created', data })
      toast(t('allocation.created', { name: made.investor.name }))
      onClose()
    },
  })
  const read = (): Entry => {
    const { report: said, faults: found } = readReport(report)
    if (!isTranche(deal.tranche)) found.unshift(faults.of('tranche', 'tranche'))
    if (investor === '') found.unshift(faults.of('investor_id', 'missing'))
    refuse(found)
    const tranche = Number(deal.tranche)
    return { investor_id: investor, deal_ref: deal.deal_ref.trim(), tranche, report: said }
  }
  return (
    <EntryDialog
      title={t('allocation.newIn', { fund: fund.name })}
      action={commonWords('form.create')}
      problem={create.problem}
      busy={create.busy}
      onSubmit={() => create.submit(read)}
      onClose={onClose}
    >
      <SelectField
        name="investor_id"
        label={nameOf('investor')}
        value={investor}
        onChange={({ target }) => setInvestor(target.value)}
        error={fieldError(create.problem, 'investor_id')}
      >
        <option value="" disabled>
          {t('investor.choose')}
        </option>
        {investors.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      <DealFields
        texts={deal}
        set={(field, text) => setDeal((now) => ({ ...now, [field]: text }))}
        problem={create.problem}
      />
      <ReportFields
        texts={report}
        set={(field, text) => setReport((now) => ({ ...now, [field]: text }))}
        currency={fund.currency}
        problem={create.problem}
      />
    </EntryDialog>
  )
}
