import { createFileRoute } from '@tanstack/react-router'

import { portfolioQuery } from '../../api/dashboard'
import { PortfolioPage } from '../../pages/portfolio/PortfolioPage'
import { portfolioSearch } from '../../pages/portfolio/portfolioSearch'
import { loadWords } from '../i18n'

export const Route = createFileRoute('/_console/t/$slug/portfolio')({
  validateSearch: portfolioSearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context, params, deps }) => {
    void context.queryClient.prefetchQuery(portfolioQuery(params.slug, deps))
    return loadWords('funds', 'dashboard')
  },
  component: PortfolioPage,
})
