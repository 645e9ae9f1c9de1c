import { createFileRoute, notFound } from '@tanstack/react-router'

import { moduleListQuery, modulePagesOf } from '../../api/modulePages'
import { tenantQuery } from '../../api/tenant'
import { ModulePage } from '../../pages/modules/ModulePage'
import { loadWords } from '../i18n'

export const Route = createFileRoute('/_console/t/$slug/p/$path')({
  loader: async ({ context, params }) => {
    const tenant = await context.queryClient.ensureQueryData(tenantQuery(params.slug))
    const entry = modulePagesOf(tenant).find(({ path }) => path === params.path)
    if (!entry) throw notFound()
    void context.queryClient.prefetchInfiniteQuery(moduleListQuery(params.slug, entry))
    await loadWords('pages', 'entry', 'dashboard')
    return entry
  },
  component: Page,
})

function Page() {
  const { slug, path } = Route.useParams()
  const entry = Route.useLoaderData()
  return <ModulePage key={path} slug={slug} entry={entry} />
}
