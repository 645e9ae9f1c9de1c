import { createFileRoute, notFound } from '@tanstack/react-router'

import { apiKeysQuery } from '../../api/apiKeys'
import { KeysPage } from '../../pages/keys/KeysPage'
import { mayAdminister } from '../access'
import { loadWords } from '../i18n'

export const Route = createFileRoute('/_console/t/$slug/keys')({
  beforeLoad: ({ context }) => {
    if (!mayAdminister(context.role)) throw notFound()
  },
  loader: ({ context, params }) => {
    void context.queryClient.prefetchInfiniteQuery(apiKeysQuery(params.slug))
    return loadWords('keys')
  },
  component: KeysPage,
})
