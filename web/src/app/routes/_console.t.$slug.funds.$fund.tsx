import { createFileRoute } from '@tanstack/react-router'

import { dashboardQuery } from '../../api/dashboard'
import { FundPage } from '../../pages/funds/FundPage'
import { fundSearch } from '../../pages/funds/fundSearch'
import { loadWords } from '../i18n'

export const Route = createFileRoute('/_console/t/$slug/funds/$fund')({
  validateSearch: fundSearch,
  loaderDeps: ({ search }) => ({ as_of: search.as_of }),
  loader: ({ context, params, deps }) => {
    void context.queryClient.prefetchQuery(dashboardQuery(params.slug, params.fund, deps.as_of))
    return loadWords('funds', 'dashboard', 'entry')
  },
  component: FundPage,
})
