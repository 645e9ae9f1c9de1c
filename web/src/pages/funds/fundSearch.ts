import { textOf } from '../../app/searchParams'
import { asOfSearch, type AsOfSearch } from './fundsSearch'

/** The state of a fund's page as its URL has it. */
export interface FundSearch extends AsOfSearch {
  /** The investor whose allocations are open beside the figures. */
  investor?: string | undefined
  /** The allocation whose reports are open. */
  allocation?: string | undefined
}

export function fundSearch(search: Record<string, unknown>): FundSearch {
  return {
    ...asOfSearch(search),
    investor: textOf(search.investor),
    allocation: textOf(search.allocation),
  }
}
