import { useTranslation } from 'react-i18next'

import type { AllocationDetails } from '../../api/types'
import type { Problem } from '../../api/problem'
import { TextField } from '../../ui/Field'
import { fieldError } from '../../ui/Form'
import { useFieldName } from './useFieldName'

export type DealTexts = Record<'deal_ref' | 'tranche', string>

export const dealTextsOf = ({ deal_ref, tranche }: AllocationDetails): DealTexts => ({
  deal_ref,
  tranche: tranche.toString(),
})

interface DealFieldsProps {
  texts: DealTexts
  set: (field: keyof DealTexts, text: string) => void
  problem: Problem | null
}

export function DealFields({ texts, set, problem }: DealFieldsProps) {
  const { t } = useTranslation('entry')
  const nameOf = useFieldName()
  return (
    <div className="grid grid-cols-[1fr_8rem] gap-4">
      <TextField
        name="deal_ref"
        label={nameOf('deal_ref')}
        hint={t('allocation.dealHint')}
        value={texts.deal_ref}
        onChange={({ target }) => set('deal_ref', target.value)}
        autoComplete="off"
        maxLength={100}
        error={fieldError(problem, 'deal_ref')}
      />
      <TextField
        name="tranche"
        label={nameOf('tranche')}
        value={texts.tranche}
        onChange={({ target }) => set('tranche', target.value)}
        autoComplete="off"
        inputMode="numeric"
        error={fieldError(problem, 'tranche')}
      />
    </div>
  )
}
