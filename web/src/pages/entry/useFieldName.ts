import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'

import type dashboard from '../../locales/en/dashboard.json'

/** The name of a field for people; the API's name may have a prefix. */
export function useFieldName(): (field: string) => string {
  const { t, i18n } = useTranslation('dashboard')
  return useCallback(
    (field) => {
      const own = field.replace(/^report\.|_id$/g, '') as keyof typeof dashboard.field
      return i18n.exists(`dashboard:field.${own}`) ? t(`field.${own}`) : field
    },
    [t, i18n],
  )
}
