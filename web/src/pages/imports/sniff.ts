// A first look at a file before it is sent. The rules are those of the server (modules/funds,
// import/scan.rs and import/header.rs): what is refused here would be refused there, only later.

export const SNIFF_BYTES = 64 * 1024
export const PREVIEW_ROWS = 20

export type FileProblem =
  | { code: 'empty_file' }
  | { code: 'not_utf8' }
  | { code: 'not_csv'; format: 'binary' | 'semicolons' | 'tabs' | 'one_column' }
  | { code: 'too_many_columns'; count: number }

export interface Sniffed {
  header: string[]
  rows: string[][]
  problem: FileProblem | undefined
}

const COLUMNS_MAX = 200
const nothing = (problem: FileProblem): Sniffed => ({ header: [], rows: [], problem })

/** Look at the first bytes of a file; `whole` says that there are no more. */
export function sniff(bytes: Uint8Array, whole: boolean): Sniffed {
  const text = decode(bytes, whole)
  if (text === undefined) return nothing({ code: 'not_utf8' })
  if (text.trim() === '') return nothing({ code: 'empty_file' })
  if (text.includes('\0') || text.startsWith('PK\u0003') || /^\s*(%PDF|[{[<])/.test(text)) {
    return nothing({ code: 'not_csv', format: 'binary' })
  }
  const [header = [], ...rows] = parseCsv(text, PREVIEW_ROWS + 1, whole)
  if (header.length > COLUMNS_MAX) {
    return { header, rows, problem: { code: 'too_many_columns', count: header.length } }
  }
  const only = header.length === 1 ? (header[0] ?? '') : ''
  if (only.includes(';'))
    return { header, rows, problem: { code: 'not_csv', format: 'semicolons' } }
  if (only.includes('\t')) return { header, rows, problem: { code: 'not_csv', format: 'tabs' } }
  if (header.length === 1)
    return { header, rows, problem: { code: 'not_csv', format: 'one_column' } }
  return { header, rows, problem: undefined }
}

/** The text, or undefined if it is no UTF-8. A character that the cut divides is no fault. */
function decode(bytes: Uint8Array, whole: boolean): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !whole })
  } catch {
    return undefined
  }
}

/** The first complete rows of comma-separated text (RFC 4180). */
export function parseCsv(text: string, rowsMax: number, whole: boolean): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let field = ''
  let quoted = false
  const endRow = () => {
    row.push(field)
    // An empty line is no row.
    if (row.length > 1 || row[0] !== '') rows.push(row)
    row = []
    field = ''
  }
  for (let at = 0; at < text.length && rows.length < rowsMax; at++) {
    const sign = text[at] ?? ''
    if (quoted) {
      if (sign !== '"') field += sign
      else if (text[at + 1] === '"') field += text[++at]
      else quoted = false
    } else if (sign === '"' && field === '') quoted = true
    else if (sign === ',') {
      row.push(field)
      field = ''
    } else if (sign === '\n' || sign === '\r') {
      if (sign === '\r' && text[at + 1] === '\n') at++
      endRow()
    } else field += sign
  }
  // The last row of a part of a file may be cut, unless it is all there is to see.
  const unended = field !== '' || row.length > 0
  if (unended && rows.length < rowsMax && (whole || rows.length === 0)) endRow()
  return rows
}
