import { createFileRoute } from '@tanstack/react-router'

import { fundQuery } from '../../api/funds'
import { FundPage } from '../../pages/funds/FundPage'
import { asOfSearch } from '../../pages/funds/fundsSearch'
import { loadWords } from '../i18n'

export const Route = createFileRoute('/_console/t/$slug/funds/$fund')({
  validateSearch: asOfSearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context, params, deps }) => {
    void context.queryClient.prefetchQuery(fundQuery(params.slug, params.fund, deps.as_of))
    return loadWords('funds')
  },
  component: FundPage,
})
