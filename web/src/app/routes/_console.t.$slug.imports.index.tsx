import { createFileRoute, notFound } from '@tanstack/react-router'

import { importsQuery } from '../../api/imports'
import { tenantQuery } from '../../api/tenant'
import { ImportsPage } from '../../pages/imports/ImportsPage'
import { mayImport } from '../access'
import { loadWords } from '../i18n'

export const Route = createFileRoute('/_console/t/$slug/imports/')({
  beforeLoad: ({ context }) => {
    if (!mayImport(context.role)) throw notFound()
  },
  loader: ({ context, params }) => {
    void context.queryClient.prefetchInfiniteQuery(importsQuery(params.slug))
    void context.queryClient.prefetchQuery(tenantQuery(params.slug))
    return loadWords('imports')
  },
  component: ImportsPage,
})
