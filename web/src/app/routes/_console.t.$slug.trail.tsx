import { createFileRoute, notFound } from '@tanstack/react-router'

import { TrailPage } from '../../pages/trail/TrailPage'
import { mayAdminister } from '../access'
import { loadWords } from '../i18n'
import { textOf } from '../searchParams'

export const Route = createFileRoute('/_console/t/$slug/trail')({
  validateSearch: (search): { entry?: string | undefined } => ({ entry: textOf(search.entry) }),
  beforeLoad: ({ context }) => {
    if (!mayAdminister(context.role)) throw notFound()
  },
  loader: ({ context, params }) => {
    // Fetched when it is needed: few open this page, and every first load would carry it.
    void import('../../api/trail').then(({ trailProofQuery, trailQuery }) => {
      void context.queryClient.prefetchInfiniteQuery(trailQuery(params.slug))
      void context.queryClient.prefetchQuery(trailProofQuery(params.slug))
    })
    return loadWords('trail')
  },
  component: TrailPage,
})
