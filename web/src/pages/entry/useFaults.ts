import { useTranslation } from 'react-i18next'

import type entry from '../../locales/en/entry.json'
import type { FieldError } from '../../api/types'
import { useFieldName } from './useFieldName'

type Fault = Exclude<keyof typeof entry.fault, 'amount'>

export interface Faults {
  of: (field: string, fault: Fault) => FieldError
  /** An amount that cannot be read, with the words that say why. */
  ofAmount: (field: string, code: string, words: string) => FieldError
}

/** Faults of fields in words that name the field, for the summary above the form. */
export function useFaults(): Faults {
  const { t } = useTranslation('entry')
  const nameOf = useFieldName()
  return {
    of: (field, fault) => ({
      field,
      code: fault,
      message: t(`fault.${fault}`, { field: nameOf(field) }),
    }),
    ofAmount: (field, code, words) => ({
      field,
      code,
      message: t('fault.amount', { field: nameOf(field), fault: words }),
    }),
  }
}
