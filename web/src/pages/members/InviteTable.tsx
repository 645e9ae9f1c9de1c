import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { invitesQuery, revokeInvite } from '../../api/invites'
import { asProblem } from '../../api/problem'
import type { Invite, Role } from '../../api/types'
import { ConfirmDialog } from '../../ui/ConfirmDialog'
import { useFormat } from '../../ui/format/useFormat'
import type { Column } from '../../ui/table/column'
import { PagedTable } from '../../ui/table/PagedTable'
import { actColumn, RowAction } from '../../ui/table/RowAction'
import { toast } from '../../ui/toasts'
import { useRoleName } from '../../ui/useRoleName'
import { InviteDialog } from './InviteDialog'

const idOf = (invite: Invite) => invite.id

interface InviteTableProps {
  slug: string
  ownRole: Role
}

/** The invites that nobody has accepted yet. */
export function InviteTable({ slug, ownRole }: InviteTableProps) {
  const { t } = useTranslation('members')
  const query = useInfiniteQuery(invitesQuery(slug))
  const [revoking, setRevoking] = useState<Invite>()
  const [again, setAgain] = useState<Invite>()
  const columns = useInviteColumns(setRevoking, setAgain)
  return (
    <>
      <PagedTable
        label={t('invites.title')}
        query={query}
        columns={columns}
        rowId={idOf}
        empty={{ title: t('invites.empty'), next: t('invites.emptyNext') }}
      />
      {revoking && (
        <RevokeInvite slug={slug} invite={revoking} onClose={() => setRevoking(undefined)} />
      )}
      {again && (
        <InviteDialog
          slug={slug}
          ownRole={ownRole}
          again={again}
          onClose={() => setAgain(undefined)}
        />
      )}
    </>
  )
}

interface RevokeInviteProps {
  slug: string
  invite: Invite
  onClose: () => void
}

function RevokeInvite({ slug, invite, onClose }: RevokeInviteProps) {
  const { t } = useTranslation('members')
  const queryClient = useQueryClient()
  const revoke = useMutation({
    mutationFn: () => revokeInvite(slug, invite.id),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: invitesQuery(slug).queryKey })
      toast(t('revoke.done', { email: invite.email }))
      onClose()
    },
  })
  return (
    <ConfirmDialog
      title={t('revoke.one', { email: invite.email })}
      consequence={t('revoke.consequence')}
      action={revoke.isPending ? t('revoke.busy') : t('revoke.action')}
      busy={revoke.isPending}
      problem={revoke.error ? asProblem(revoke.error) : null}
      onConfirm={revoke.mutate}
      onClose={onClose}
    />
  )
}

type OnInvite = (invite: Invite) => void

function useInviteColumns(onRevoke: OnInvite, onAgain: OnInvite): Column<Invite>[] {
  const { t } = useTranslation('members')
  const format = useFormat()
  const roleName = useRoleName()
  return useMemo(
    () => [
      { id: 'email', header: t('column.email'), width: 32, text: (invite) => invite.email },
      {
        id: 'role',
        header: t('column.role'),
        width: 14,
        text: (invite) => invite.role,
        cell: (invite) => roleName(invite.role),
      },
      { id: 'by', header: t('column.invitedBy'), width: 24, text: (invite) => invite.invited_by.name },
      {
        id: 'created',
        header: t('column.created'),
        width: 26,
        align: 'right',
        text: (invite) => invite.created_at,
        cell: (invite) => format.instant(invite.created_at),
      },
      {
        id: 'expires',
        header: t('column.expires'),
        width: 26,
        align: 'right',
        text: (invite) => invite.expires_at,
        cell: (invite) => format.instant(invite.expires_at),
      },
      actColumn(t('column.act'), 30, (invite) => (
        <>
          <RowAction
            label={t('again.one', { email: invite.email })}
            onClick={() => onAgain(invite)}
          >
            {t('again.action')}
          </RowAction>
          <RowAction
            label={t('revoke.one', { email: invite.email })}
            danger
            onClick={() => onRevoke(invite)}
          >
            {t('revoke.action')}
          </RowAction>
        </>
      )),
    ],
    [t, format, roleName, onRevoke, onAgain],
  )
}
