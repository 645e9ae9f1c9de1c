import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'

import { asProblem } from '../../api/problem'
import { endSession, sessionsQuery } from '../../api/session'
import type { SessionRow } from '../../api/types'
import { Badge } from '../../ui/Badge'
import { useFormat } from '../../ui/format/useFormat'
import { ProblemView } from '../../ui/ProblemView'
import type { Column } from '../../ui/table/column'
import { DataTable } from '../../ui/table/DataTable'
import { actColumn, RowAction } from '../../ui/table/RowAction'
import { toast, toastProblem } from '../../ui/toasts'
import { describeAgent } from './userAgent'

const idOf = (session: SessionRow) => session.id

export function SessionTable() {
  const { t } = useTranslation('account')
  const query = useQuery(sessionsQuery)
  const columns = useSessionColumns()
  if (query.isLoadingError) {
    return <ProblemView error={query.error} onRetry={() => void query.refetch()} />
  }
  return (
    <div className="flex min-h-40 flex-1 flex-col">
      <DataTable
        label={t('sessions.title')}
        columns={columns}
        rows={query.data?.items}
        count={query.data?.items.length ?? 0}
        rowId={idOf}
      />
    </div>
  )
}

function useEndSession() {
  const { t } = useTranslation('account')
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: endSession,
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey })
      toast(t('sessions.ended'))
    },
    onError: (error) => toastProblem(asProblem(error)),
  })
}

function useSessionColumns(): Column<SessionRow>[] {
  const { t } = useTranslation('account')
  const format = useFormat()
  const { mutate: end, isPending, variables } = useEndSession()
  return useMemo(
    () => [
      {
        id: 'agent',
        header: t('sessions.agent'),
        width: 34,
        text: (session) => describeAgent(session.user_agent) ?? t('sessions.unknown'),
        cell: (session) => (
          <span className="flex items-center gap-2">
            {describeAgent(session.user_agent) ?? t('sessions.unknown')}
            {session.current && <Badge tone="good">{t('sessions.current')}</Badge>}
          </span>
        ),
        title: (session) => session.user_agent ?? '',
      },
      { id: 'kind', header: t('sessions.kind'), width: 11, text: (session) => session.kind },
      {
        id: 'address',
        header: t('sessions.address'),
        width: 20,
        text: (session) => session.address ?? '',
      },
      {
        id: 'created',
        header: t('sessions.created'),
        width: 26,
        align: 'right',
        text: (session) => session.created_at,
        cell: (session) => format.instant(session.created_at),
      },
      {
        id: 'seen',
        header: t('sessions.seen'),
        width: 20,
        align: 'right',
        text: (session) => session.last_seen_at,
        cell: (session) => format.age(session.last_seen_at),
      },
      actColumn(t('sessions.act'), 12, (session) =>
        session.current ? null : (
          <RowAction
            danger
            disabled={isPending && variables === session.id}
            onClick={() => end(session.id)}
          >
            {t('sessions.end')}
          </RowAction>
        ),
      ),
    ],
    [t, format, end, isPending, variables],
  )
}
