import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { invitesQuery, revokeInvite } from '../../api/invites'
import { asProblem } from '../../api/problem'
import type { Invite, Role } from '../../api/types'
import { ConfirmDialog } from '../../ui/ConfirmDialog'
import { EmptyState } from '../../ui/EmptyState'
import { useFormat } from '../../ui/format/useFormat'
import { ProblemView } from '../../ui/ProblemView'
import type { Column } from '../../ui/table/column'
import { DataTable } from '../../ui/table/DataTable'
import { useTablePages } from '../../ui/table/useTablePages'
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
  const { rows, onSeen } = useTablePages(query, idOf)
  const [revoking, setRevoking] = useState<Invite>()
  const [again, setAgain] = useState<Invite>()
  const columns = useInviteColumns(setRevoking, setAgain)
  if (query.isLoadingError) {
    return <ProblemView error={query.error} onRetry={() => void query.refetch()} />
  }
  return (
    <>
      {rows?.length === 0 ? (
        <EmptyState title={t('invites.empty')}>{t('invites.emptyNext')}</EmptyState>
      ) : (
        <DataTable
          label={t('invites.title')}
          columns={columns}
          rows={rows}
          count={rows?.length ?? 0}
          rowId={idOf}
          onSeen={onSeen}
        />
      )}
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
      {
        id: 'act',
        header: t('column.act'),
        width: 30,
        align: 'right',
        text: () => '',
        cell: (invite) => (
          <>
            <button
              type="button"
              aria-label={t('again.one', { email: invite.email })}
              onClick={() => onAgain(invite)}
              className="h-6 rounded px-1.5 text-sm text-accent hover:underline"
            >
              {t('again.action')}
            </button>
            <button
              type="button"
              aria-label={t('revoke.one', { email: invite.email })}
              onClick={() => onRevoke(invite)}
              className="-mr-1.5 h-6 rounded px-1.5 text-sm text-bad hover:underline"
            >
              {t('revoke.action')}
            </button>
          </>
        ),
      },
    ],
    [t, format, roleName, onRevoke, onAgain],
  )
}
