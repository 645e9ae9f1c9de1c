import { createFileRoute, notFound } from '@tanstack/react-router'

import { investorsQuery } from '../../api/investors'
import { asOfSearch } from '../../pages/funds/fundsSearch'
import { InvestorsPage } from '../../pages/investors/InvestorsPage'
import { maySeeInvestors } from '../access'
import { loadWords } from '../i18n'

export const Route = createFileRoute('/_console/t/$slug/investors')({
  validateSearch: asOfSearch,
  beforeLoad: ({ context }) => {
    if (!maySeeInvestors(context.role)) throw notFound()
  },
  loaderDeps: ({ search }) => search,
  loader: ({ context, params, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(investorsQuery(params.slug, deps.as_of))
    return loadWords('funds', 'investors')
  },
  component: InvestorsPage,
})
