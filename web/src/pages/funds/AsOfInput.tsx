import { useTranslation } from 'react-i18next'

import { BareInput } from '../../ui/Field'
import { isIsoDate } from '../../ui/format/time'

interface AsOfInputProps {
  asOf: string | undefined
  onChange: (asOf: string | undefined) => void
}

/** The day that sums run to. Empty means today, and a half-typed date means nothing yet. */
export function AsOfInput({ asOf, onChange }: AsOfInputProps) {
  const { t } = useTranslation('funds')
  return (
    <label className="flex items-center gap-2 text-sm text-soft">
      {t('asOf')}
      <BareInput
        type="date"
        aria-label={t('asOf')}
        key={asOf}
        defaultValue={asOf}
        onChange={({ target }) => {
          if (target.value === '' && !target.validity.badInput) onChange(undefined)
          else if (isIsoDate(target.value) && target.value >= '1900') onChange(target.value)
        }}
        className="w-36 text-text"
      />
    </label>
  )
}
