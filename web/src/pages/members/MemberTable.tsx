import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { membersQuery } from '../../api/members'
import type { Member, Role } from '../../api/types'
import { mayAdminister } from '../../app/access'
import { useSession } from '../../app/useSession'
import { Badge } from '../../ui/Badge'
import { useFormat } from '../../ui/format/useFormat'
import type { Column } from '../../ui/table/column'
import { PagedTable } from '../../ui/table/PagedTable'
import { actColumn, RowAction } from '../../ui/table/RowAction'
import { RemoveMember } from './RemoveMember'
import { RoleSelect } from './RoleSelect'

interface MemberTableProps {
  slug: string
  ownRole: Role
}

const idOf = (member: Member) => member.user.id

export function MemberTable({ slug, ownRole }: MemberTableProps) {
  const { t } = useTranslation('members')
  const query = useInfiniteQuery(membersQuery(slug))
  const [removing, setRemoving] = useState<Member>()
  const columns = useMemberColumns(slug, ownRole, setRemoving)
  return (
    <>
      <PagedTable label={t('title')} query={query} columns={columns} rowId={idOf} />
      {removing && (
        <RemoveMember slug={slug} member={removing} onClose={() => setRemoving(undefined)} />
      )}
    </>
  )
}

function useMemberColumns(slug: string, ownRole: Role, onRemove: (member: Member) => void) {
  const { t } = useTranslation('members')
  const format = useFormat()
  const ownId = useSession().user.id
  return useMemo((): Column<Member>[] => {
    const about: Column<Member>[] = [
      {
        id: 'name',
        header: t('column.name'),
        width: 26,
        text: (member) => member.user.name,
        cell: (member) => (
          <span className="flex items-center gap-2">
            <span className="truncate">{member.user.name}</span>
            {member.user.id === ownId && <Badge>{t('you')}</Badge>}
          </span>
        ),
      },
      { id: 'email', header: t('column.email'), width: 36, text: (member) => member.user.email },
      {
        id: 'role',
        header: t('column.role'),
        width: 18,
        text: (member) => member.role,
        cell: (member) => <RoleSelect slug={slug} member={member} ownRole={ownRole} />,
      },
      {
        id: 'joined',
        header: t('column.joined'),
        width: 26,
        align: 'right',
        text: (member) => member.joined_at,
        cell: (member) => format.instant(member.joined_at),
      },
      {
        id: 'seen',
        header: t('column.seen'),
        width: 20,
        align: 'right',
        text: (member) => member.last_seen_at ?? '',
        cell: (member) => (member.last_seen_at ? format.age(member.last_seen_at) : t('never')),
      },
    ]
    if (!mayAdminister(ownRole)) return about
    const act = actColumn<Member>(t('column.act'), 14, (member) => (
      <RowAction
        label={t('remove.one', { name: member.user.name })}
        danger
        onClick={() => onRemove(member)}
      >
        {t('remove.action')}
      </RowAction>
    ))
    return [...about, act]
  }, [t, format, slug, ownRole, ownId, onRemove])
}
