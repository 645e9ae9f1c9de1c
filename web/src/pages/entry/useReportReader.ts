import { useTranslation } from 'react-i18next'

import type { FieldError, ReportEntry } from '../../api/types'
import { formatExact } from '../../ui/format/numbers'
import { readReport, type ReportTexts } from './reportTexts'
import { useFaults } from './useFaults'

interface ReadReport {
  report: ReportEntry
  faults: FieldError[]
}

/** Reads the fields of a report in the language and the currency that they were written in. */
export function useReportReader(currency: string): (texts: ReportTexts) => ReadReport {
  const { t, i18n } = useTranslation()
  const faults = useFaults()
  const locale = i18n.language
  const example = formatExact('1234.5', currency, locale)
  return (texts) =>
    readReport(texts, {
      locale,
      currency,
      noDate: () => faults.of('report.as_of', 'date'),
      noAmount: (field, fault) =>
        faults.ofAmount(field, fault, t(`amount.${fault}`, { example, currency })),
    })
}
