import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { importQuery, isOver } from '../../api/imports'
import { Badge } from '../../ui/Badge'
import { useFormat } from '../../ui/format/useFormat'
import { Icon } from '../../ui/icons'
import { PageHeader } from '../../ui/PageHeader'
import { ProblemView } from '../../ui/ProblemView'
import { useNow } from '../../ui/useNow'
import { FindingsTable } from './FindingsTable'
import { ImportCounts } from './ImportCounts'
import { ImportFacts } from './ImportFacts'
import { ImportProgressBar } from './ImportProgressBar'
import { ImportStateBadge } from './ImportStateBadge'
import { useImportEvents } from './useImportEvents'

const route = getRouteApi('/_console/t/$slug/imports/$import')
/** While the stream is broken the page asks by itself. */
const FALLBACK_MS = 5_000

export function ImportPage() {
  const { t } = useTranslation('imports')
  const { slug, import: id } = route.useParams()
  const { severity } = route.useSearch()
  const known = useQuery(importQuery(slug, id))
  const { pace, late } = useImportEvents(slug, known.data)
  const query = useQuery({
    ...importQuery(slug, id),
    refetchInterval: ({ state }) =>
      late && !(state.data && isOver(state.data.state)) ? FALLBACK_MS : false,
  })
  const shown = query.data

  if (query.isLoadingError) {
    return <ProblemView error={query.error} onRetry={() => void query.refetch()} />
  }
  return (
    <>
      <PageHeader
        title={shown?.filename}
        note={
          <>
            {shown && <ImportStateBadge state={shown.state} />}
            {(late || query.isRefetchError) && <LateBadge readAt={query.dataUpdatedAt} />}
          </>
        }
      >
        <Link
          to="/t/$slug/imports"
          params={{ slug }}
          className="text-sm text-accent hover:underline"
        >
          {t('all')}
        </Link>
      </PageHeader>
      <ImportProgressBar shown={shown} pace={pace} />
      <ImportCounts rows={shown?.rows} />
      {shown?.error && <FileError code={shown.error.code} message={shown.error.message} />}
      <ImportFacts shown={shown} />
      <FindingsTable slug={slug} shown={shown} severity={severity} />
    </>
  )
}

/** The stream is late: this is how old the page is. */
function LateBadge({ readAt }: { readAt: number }) {
  const { t } = useTranslation('imports')
  const format = useFormat()
  const now = useNow(1_000)
  return (
    <Badge tone="warn">
      <Icon name="clock" className="size-3.5" />
      {t('late', { age: format.duration((now - readAt) / 1000) })}
    </Badge>
  )
}

function FileError({ code, message }: { code: string; message: string }) {
  const { t } = useTranslation('imports')
  return (
    <div role="alert" className="mx-5 mt-4 rounded-md border border-bad bg-bad-soft px-3 py-2">
      <p className="font-medium">{t('failed')}</p>
      <p className="text-sm">
        {message} <code className="font-mono text-xs text-soft">{code}</code>
      </p>
    </div>
  )
}
