import { createFileRoute } from '@tanstack/react-router'

import { fundsQuery } from '../../api/funds'
import { FundsPage } from '../../pages/funds/FundsPage'
import { filterOf, fundsSearch } from '../../pages/funds/fundsSearch'
import { loadWords } from '../i18n'

export const Route = createFileRoute('/_console/t/$slug/funds/')({
  validateSearch: fundsSearch,
  loaderDeps: ({ search }) => filterOf(search),
  loader: ({ context, params, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(fundsQuery(params.slug, deps))
    return loadWords('funds')
  },
  component: FundsPage,
})
