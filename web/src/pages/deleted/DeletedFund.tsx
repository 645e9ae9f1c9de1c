import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { deletedQuery } from '../../api/deleted'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/Button'
import { EmptyState } from '../../ui/EmptyState'
import { useFormat } from '../../ui/format/useFormat'
import { PageHeader } from '../../ui/PageHeader'
import { ProblemView } from '../../ui/ProblemView'
import { useRestore } from './useRestore'

interface DeletedFundProps {
  slug: string
  fund: string
  /** Why it is not shown. */
  error: Error | null
  onRetry: () => void
}

/** In the place of a fund that is not there: who deleted it, and the way to bring it back. */
export default function DeletedFund({ slug, fund, error, onRetry }: DeletedFundProps) {
  const { t } = useTranslation('deleted')
  const format = useFormat()
  const query = useInfiniteQuery(deletedQuery(slug))
  const restore = useRestore(slug)
  const found = query.data?.pages.flatMap(({ items }) => items).find(({ id }) => id === fund)
  if (query.isPending) return null
  if (!found) return <ProblemView error={error} onRetry={onRetry} />
  const until = format.instant(found.purged_after)
  const restoring = (
    <Button look="primary" busy={restore.isPending} onClick={() => restore.mutate(found)}>
      {t('restore.action')}
    </Button>
  )
  return (
    <>
      <PageHeader title={found.name} />
      <EmptyState
        title={t('gone.title', { name: found.name, by: found.deleted_by?.name || t('former') })}
        action={restoring}
      >
        {t('gone.next', { at: format.instant(found.deleted_at), until })}{' '}
        <Link to="/t/$slug/deleted" params={{ slug }} className="text-accent underline">
          {t('gone.all')}
        </Link>
      </EmptyState>
    </>
  )
}
