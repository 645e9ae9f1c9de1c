import type { FieldError, FundChange, FundFacts } from '../../api/types'
import type { Faults } from './useFaults'

export type FundTexts = Record<'name' | 'vintage' | 'strategy' | 'manager', string>

export function fundTextsOf(fund: Partial<FundFacts>): FundTexts {
  return {
    name: fund.name ?? '',
    vintage: fund.vintage?.toString() ?? '',
    strategy: fund.strategy ?? '',
    manager: fund.manager ?? '',
  }
}

/** Some fields of a fund as they are sent; an empty one is cleared. */
export function readFund(texts: Partial<FundTexts>, words: Faults) {
  const faults: FieldError[] = []
  const change: FundChange = {}
  if (texts.name !== undefined) {
    change.name = texts.name.trim()
    if (change.name === '') faults.push(words.of('name', 'missing'))
  }
  if (texts.vintage !== undefined) {
    const year = texts.vintage.trim()
    change.vintage = year === '' ? null : Number(year)
    const isYear = year === '' || (/^\d{4}$/.test(year) && year >= '1900' && year <= '2200')
    if (!isYear) faults.push(words.of('vintage', 'year'))
  }
  if (texts.strategy !== undefined) change.strategy = texts.strategy.trim() || null
  if (texts.manager !== undefined) change.manager = texts.manager.trim() || null
  return { change, faults }
}
