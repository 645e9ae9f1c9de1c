import { createFileRoute, notFound } from '@tanstack/react-router'

import { KeysPage } from '../../pages/keys/KeysPage'
import { mayAdminister } from '../access'
import { loadWords } from '../i18n'

export const Route = createFileRoute('/_console/t/$slug/keys')({
  beforeLoad: ({ context }) => {
    if (!mayAdminister(context.role)) throw notFound()
  },
  loader: ({ context, params }) => {
    // Fetched when it is needed: few open this page, and every first load would carry it.
    void import('../../api/apiKeys').then(({ apiKeysQuery }) =>
      context.queryClient.prefetchInfiniteQuery(apiKeysQuery(params.slug)),
    )
    return loadWords('keys')
  },
  component: KeysPage,
})
