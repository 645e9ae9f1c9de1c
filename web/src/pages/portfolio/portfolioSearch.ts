import { asOfSearch, type AsOfSearch } from '../funds/fundsSearch'

/** The state of the portfolio as its URL has it. */
export interface PortfolioSearch extends AsOfSearch {
  currency?: string | undefined
}

export function portfolioSearch(search: Record<string, unknown>): PortfolioSearch {
  const { currency } = search
  const isCurrency = typeof currency === 'string' && /^[A-Z]{3}$/.test(currency)
  return { ...asOfSearch(search), currency: isCurrency ? currency : undefined }
}
