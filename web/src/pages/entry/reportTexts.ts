import type { FieldError, PositionReport, ReportEntry } from '../../api/types'
import { formatPlain } from '../../ui/format/numbers'
import { parseAmount, type AmountFault } from '../../ui/format/parseAmount'
import { isIsoDate } from '../../ui/format/time'

/** The amounts of a report, in the order of the form. */
export const AMOUNTS = ['commitment', 'called', 'distributed', 'value'] as const
export type AmountName = (typeof AMOUNTS)[number]

/** The fields of a report under the names that the API has for them. */
export type ReportTexts = Record<'report.as_of' | `report.${AmountName}`, string>

/** A report as it stands in a form, in the language of the reader. */
export function textsOf(report: Partial<PositionReport>, locale: string): ReportTexts {
  const text = (name: AmountName) => {
    const money = report[name]
    return money ? formatPlain(money.amount, locale) : ''
  }
  return {
    'report.as_of': report.as_of ?? '',
    'report.commitment': text('commitment'),
    'report.called': text('called'),
    'report.distributed': text('distributed'),
    'report.value': text('value'),
  }
}

interface Reading {
  locale: string
  currency: string
  noDate: () => FieldError
  noAmount: (field: string, fault: AmountFault) => FieldError
}

/** Read the texts. What is empty was not reported, but a commitment has to be there. */
export function readReport(texts: ReportTexts, reading: Reading) {
  const { locale, currency, noDate, noAmount } = reading
  const report: ReportEntry = { as_of: texts['report.as_of'], commitment: '' }
  const faults: FieldError[] = isIsoDate(report.as_of) ? [] : [noDate()]
  for (const name of AMOUNTS) {
    const field = `report.${name}` as const
    const parsed = parseAmount(texts[field], { locale, currency })
    if ('amount' in parsed) report[name] = parsed.amount
    else if (parsed.fault === 'empty' && name !== 'commitment') report[name] = null
    else faults.push(noAmount(field, parsed.fault))
  }
  return { report, faults }
}
