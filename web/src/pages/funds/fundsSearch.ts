import type { FundFilter, FundSort } from '../../api/funds'
import { oneOf, textOf } from '../../app/searchParams'
import { isIsoDate } from '../../ui/format/time'

const KEYS = [
  'name',
  'vintage',
  'committed',
  'called',
  'distributed',
  'unfunded',
  'value',
  'tvpi',
] as const
const SORTS: readonly FundSort[] = KEYS.flatMap((key) => [key, `-${key}`] as const)

export const DEFAULT_SORT: FundSort = 'name'

export interface AsOfSearch {
  as_of?: string | undefined
}

export interface FundsSearch extends AsOfSearch {
  q?: string | undefined
  vintage?: string | undefined
  sort?: FundSort | undefined
  /** The fund whose details are open beside the list. */
  open?: string | undefined
}

export function asOfSearch(search: Record<string, unknown>): AsOfSearch {
  const as_of = textOf(search.as_of)
  return { as_of: as_of && isIsoDate(as_of) ? as_of : undefined }
}

/** Whether a text is a year that a fund may be of. */
export const isVintage = (text: string): boolean =>
  /^\d{4}$/.test(text) && text >= '1900' && text <= '2200'

/** The state of the fund list as its URL has it; what makes no sense is as if it were not there. */
export function fundsSearch(search: Record<string, unknown>): FundsSearch {
  const vintage = textOf(search.vintage)
  return {
    ...asOfSearch(search),
    q: textOf(search.q),
    vintage: vintage && isVintage(vintage) ? vintage : undefined,
    sort: oneOf(SORTS, search.sort),
    open: textOf(search.open),
  }
}

/** What the server is asked; opening a drawer asks nothing new of the list. */
export function filterOf({ q, vintage, sort, as_of }: FundsSearch): FundFilter {
  return { q, vintage: vintage ? Number(vintage) : undefined, sort: sort ?? DEFAULT_SORT, as_of }
}
