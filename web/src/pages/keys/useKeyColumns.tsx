import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'

import type { ApiKey } from '../../api/types'
import { Badge } from '../../ui/Badge'
import { useFormat } from '../../ui/format/useFormat'
import type { Column } from '../../ui/table/column'
import { actColumn, RowAction } from '../../ui/table/RowAction'
import { useNow } from '../../ui/useNow'
import { useRoleName } from '../../ui/useRoleName'

/** What is told of a key: what it may, until when, and whether anybody still uses it. */
export function useKeyColumns(onRevoke: (key: ApiKey) => void): Column<ApiKey>[] {
  const { t } = useTranslation('keys')
  const format = useFormat()
  const roleName = useRoleName()
  return useMemo(
    () => [
      { id: 'name', header: t('column.name'), width: 22, text: (key) => key.name },
      {
        id: 'role',
        header: t('column.role'),
        width: 11,
        text: (key) => key.role,
        cell: (key) => roleName(key.role),
      },
      {
        id: 'scopes',
        header: t('column.scopes'),
        width: 27,
        text: (key) => key.scopes.join(' '),
        title: (key) => key.scopes.join('\n'),
      },
      {
        id: 'by',
        header: t('column.by'),
        width: 16,
        text: (key) => key.created_by.name,
        title: (key) => key.created_by.email,
      },
      {
        id: 'created',
        header: t('column.created'),
        width: 25,
        align: 'right',
        text: (key) => key.created_at,
        cell: (key) => format.instant(key.created_at),
      },
      {
        id: 'expires',
        header: t('column.expires'),
        width: 25,
        align: 'right',
        text: (key) => key.expires_at ?? '',
        cell: (key) => <Expiry at={key.expires_at} />,
      },
      {
        id: 'used',
        header: t('column.used'),
        width: 16,
        align: 'right',
        text: (key) => key.last_used_at ?? '',
        cell: (key) => (key.last_used_at ? format.age(key.last_used_at) : t('never')),
      },
      actColumn(t('column.act'), 11, (key) => (
        <RowAction label={t('revoke.one', { name: key.name })} danger onClick={() => onRevoke(key)}>
          {t('revoke.action')}
        </RowAction>
      )),
    ],
    [t, format, roleName, onRevoke],
  )
}

/** A key that is over stays in the list until somebody takes it out. */
function Expiry({ at }: { at: string | null | undefined }) {
  const { t } = useTranslation('keys')
  const format = useFormat()
  const now = useNow(30_000)
  if (!at) return t('never')
  if (Date.parse(at) > now) return format.instant(at)
  return <Badge tone="warn">{t('over', { date: format.instant(at) })}</Badge>
}
