import { useTranslation } from 'react-i18next'

import type { Problem } from '../../api/problem'
import { TextField } from '../../ui/Field'
import { fieldError } from '../../ui/Form'
import { MoneyField } from '../../ui/MoneyField'
import { AMOUNTS, type ReportTexts } from './reportTexts'
import { useFieldName } from './useFieldName'

interface ReportFieldsProps {
  texts: ReportTexts
  set: (field: keyof ReportTexts, text: string) => void
  currency: string
  problem: Problem | null
  /** The day stands already: this report is corrected. */
  fixed?: boolean
}

/** What an allocation stood at on a day. */
export function ReportFields({ texts, set, currency, problem, fixed }: ReportFieldsProps) {
  const { t } = useTranslation('entry')
  const nameOf = useFieldName()
  return (
    <>
      {!fixed && (
        <TextField
          name="report.as_of"
          type="date"
          label={nameOf('as_of')}
          value={texts['report.as_of']}
          onChange={({ target }) => set('report.as_of', target.value)}
          error={fieldError(problem, 'report.as_of')}
        />
      )}
      <div className="grid grid-cols-2 gap-x-4 gap-y-2">
        {AMOUNTS.map((name) => (
          <MoneyField
            key={name}
            name={`report.${name}`}
            label={nameOf(name)}
            currency={currency}
            value={texts[`report.${name}`]}
            onChange={(text) => set(`report.${name}`, text)}
            error={fieldError(problem, `report.${name}`)}
          />
        ))}
      </div>
      <p className="-mt-2 text-xs text-soft">{t('report.optional')}</p>
    </>
  )
}
