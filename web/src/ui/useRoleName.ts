import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'

import type { Role } from '../api/types'

/** A role in the language of the reader; one that a newer server has is shown as it is. */
export function useRoleName(): (role: string) => string {
  const { t, i18n } = useTranslation()
  return useCallback(
    (role: string) => (i18n.exists(`role.${role}`) ? t(`role.${role as Role}`) : role),
    [t, i18n],
  )
}
