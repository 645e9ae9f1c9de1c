/**
 * One CSV field (RFC 4180). A spreadsheet runs a text that begins with one of these signs as a
 * formula, so such a text gets a leading apostrophe; a plain negative number stays a number.
 */
export function csvField(value: string): string {
  const isFormula = /^[=+\-@\t\r]/.test(value) && !/^-\d+(\.\d+)?$/.test(value)
  const safe = isFormula ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.map(csvField).join(',')).join('\r\n') + '\r\n'
}

/** Hand a text to the browser as a file; the mark tells spreadsheets that it is UTF-8. */
export function downloadCsv(filename: string, rows: readonly (readonly string[])[]): void {
  const url = URL.createObjectURL(new Blob(['\uFEFF', toCsv(rows)], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = url
  link.download = filename
  link.click()
  // The download begins in a later task; taking the address back at once would cancel it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
