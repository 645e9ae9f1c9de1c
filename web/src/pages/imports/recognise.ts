/** The names under which the server knows each field (modules/funds, import/header.rs). */
const ALIASES = {
  investor: ['investor', 'investor_name', 'pension_fund_name'],
  fund: ['fund', 'fund_name'],
  as_of: ['as_of', 'as_of_date', 'date'],
  commitment: ['commitment', 'commitment_mm'],
  called: ['called', 'called_mm', 'capital_called_mm'],
  distributed: ['distributed', 'distributed_mm', 'capital_distributed_mm'],
  value: ['value', 'value_mm', 'remaining_value_mm'],
  currency: ['currency'],
  vintage: ['vintage', 'vintage_year'],
  strategy: ['strategy', 'asset_class'],
  manager: ['manager', 'general_partner'],
} as const

export type ImportField = keyof typeof ALIASES

const FIELDS = Object.keys(ALIASES) as ImportField[]
const REQUIRED: readonly ImportField[] = ['investor', 'fund', 'as_of', 'commitment']

export interface RecognisedColumn {
  name: string
  field: ImportField | undefined
  /** Amounts in this column are in millions. */
  inMillions: boolean
}

export interface Recognition {
  columns: RecognisedColumn[]
  ignored: string[]
  missing: ImportField[]
  /** Fields that two columns claim. */
  twice: ImportField[]
}

/** Which column of a header means what. */
export function recognise(header: readonly string[]): Recognition {
  const columns = header.map((name): RecognisedColumn => {
    const key = name.trim().toLowerCase()
    const field = FIELDS.find((one) => ALIASES[one].some((alias) => alias === key))
    return { name: name.trim(), field, inMillions: field !== undefined && key.endsWith('_mm') }
  })
  const count = (field: ImportField) => columns.filter((column) => column.field === field).length
  return {
    columns,
    ignored: columns.filter((column) => !column.field).map((column) => column.name),
    missing: REQUIRED.filter((field) => count(field) === 0),
    twice: FIELDS.filter((field) => count(field) > 1),
  }
}
