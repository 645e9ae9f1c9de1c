import { createFileRoute } from '@tanstack/react-router'

import { investorsQuery } from '../../api/investors'
import { asOfSearch } from '../../pages/funds/fundsSearch'
import { InvestorsPage } from '../../pages/investors/InvestorsPage'
import { loadWords } from '../i18n'

export const Route = createFileRoute('/_console/t/$slug/investors')({
  validateSearch: asOfSearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context, params, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(investorsQuery(params.slug, deps.as_of))
    return loadWords('funds', 'investors')
  },
  component: InvestorsPage,
})
