import type { ModuleRow } from '../../api/modulePages'
import type { FieldError, ModuleField } from '../../api/types'
import { parseAmount, type AmountFault } from '../../ui/format/parseAmount'

interface Reading {
  locale: string
  /** Of the tenant: what an amount is in. */
  currency: string
  missing: (title: string) => string
  noAmount: (title: string, fault: AmountFault) => string
}

/** What was typed, as the module takes it: words, decimal texts, days, and money with its currency. */
export function readFields(
  fields: readonly ModuleField[],
  texts: Readonly<Record<string, string>>,
  reading: Reading,
) {
  const { locale, currency, missing, noAmount } = reading
  const body: Record<string, unknown> = {}
  const faults: FieldError[] = []
  for (const { field, title, kind } of fields) {
    const text = (texts[field] ?? '').trim()
    if (text === '') {
      faults.push({ field, code: 'missing', message: missing(title) })
    } else if (kind === 'money') {
      const parsed = parseAmount(text, { locale, currency })
      if ('amount' in parsed) body[field] = { amount: parsed.amount, currency }
      else faults.push({ field, code: parsed.fault, message: noAmount(title, parsed.fault) })
    } else if (kind === 'number') {
      if (/^-?\d{1,15}(\.\d+)?$/.test(text)) body[field] = Number(text)
      else faults.push({ field, code: 'not_a_number', message: noAmount(title, 'not_a_number') })
    } else {
      body[field] = text
    }
  }
  return { body: body as ModuleRow, faults }
}
