import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useCallback, useMemo, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { membersQuery } from '../../api/members'
import { renew } from '../../api/renew'
import { trailQuery } from '../../api/trail'
import type { TrailEntry } from '../../api/types'
import { useRoom } from '../../app/useRoom'
import { EmptyState } from '../../ui/EmptyState'
import { PageHeader } from '../../ui/PageHeader'
import { ProblemView } from '../../ui/ProblemView'
import { DataTable } from '../../ui/table/DataTable'
import { useTablePages } from '../../ui/table/useTablePages'
import { EntryDrawer } from './EntryDrawer'
import { namesOf } from './naming'
import { BrokenChain, ProofBadge } from './ProofBadge'
import { useTrailColumns } from './useTrailColumns'

const route = getRouteApi('/_console/t/$slug/trail')
const seqOf = (entry: TrailEntry) => entry.seq

/** Who did what in the tenant and when, and whether the chain of it holds. */
export function TrailPage() {
  const { t } = useTranslation('trail')
  const { slug } = route.useParams()
  const { entry: openSeq } = route.useSearch()
  const navigate = route.useNavigate()
  const queryClient = useQueryClient()
  const query = useInfiniteQuery(trailQuery(slug))
  const { rows, onSeen } = useTablePages(query, seqOf)
  const again = () => {
    renew(queryClient, trailQuery(slug).queryKey)
    renew(queryClient, membersQuery(slug).queryKey)
  }
  useRoom(slug, 'tenant', { onEvent: again, onResync: again })

  const people = useInfiniteQuery(membersQuery(slug)).data
  const names = useMemo(() => {
    const members = people?.pages.flatMap((page) => page.items.map((member) => member.user))
    return namesOf(members ?? [], rows ?? [])
  }, [people, rows])
  const columns = useTrailColumns(names)
  const open = rows?.find((entry) => entry.seq === openSeq)
  const show = useCallback(
    (entry?: string) => void navigate({ search: { entry }, replace: true, resetScroll: false }),
    [navigate],
  )
  const onOpen = useCallback((entry: TrailEntry) => show(entry.seq), [show])
  const close = useCallback(() => show(), [show])

  return (
    <>
      <PageHeader title={t('title')} note={<ProofBadge slug={slug} />}>
        <BrokenChain slug={slug} />
      </PageHeader>
      {query.isLoadingError && (
        <ProblemView error={query.error} onRetry={() => void query.refetch()} />
      )}
      {rows?.length === 0 && <EmptyState title={t('empty')}>{t('emptyNext')}</EmptyState>}
      {rows?.length !== 0 && !query.isLoadingError && (
        <div className="flex min-h-0 flex-1">
          <div className="flex min-w-0 flex-1 flex-col">
            <DataTable
              label={t('title')}
              columns={columns}
              rows={rows}
              count={rows?.length ?? 0}
              rowId={seqOf}
              onSeen={onSeen}
              openId={open?.seq}
              onOpen={onOpen}
              link={linkTo}
            />
          </div>
          {open && <EntryDrawer entry={open} names={names} onClose={close} />}
        </div>
      )}
    </>
  )
}

function linkTo(entry: TrailEntry, children: ReactNode) {
  return (
    <Link
      from="/t/$slug/trail"
      to="."
      search={{ entry: entry.seq }}
      replace
      resetScroll={false}
      preload={false}
      className="hover:underline"
    >
      {children}
    </Link>
  )
}
