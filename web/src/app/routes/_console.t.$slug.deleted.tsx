import { createFileRoute, notFound } from '@tanstack/react-router'

import { DeletedPage } from '../../pages/deleted/DeletedPage'
import { mayEnter } from '../access'
import { loadWords } from '../i18n'

export const Route = createFileRoute('/_console/t/$slug/deleted')({
  beforeLoad: ({ context }) => {
    if (!mayEnter(context.role)) throw notFound()
  },
  loader: ({ context, params }) => {
    // Fetched when it is needed: few open this page, and every first load would carry it.
    void import('../../api/deleted').then(({ deletedQuery }) =>
      context.queryClient.prefetchInfiniteQuery(deletedQuery(params.slug)),
    )
    return loadWords('deleted')
  },
  component: DeletedPage,
})
