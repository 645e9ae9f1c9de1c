import { ROW_PX, type Column, type TotalsRow } from './column'

interface TableFootProps<Row> {
  columns: readonly Column<Row>[]
  /** Undefined while they are being read. */
  totals: readonly TotalsRow[] | undefined
  firstRowIndex: number
}

/** The totals stay in sight under the rows and say in words what they total. */
export function TableFoot<Row>({ columns, totals, firstRowIndex }: TableFootProps<Row>) {
  const rows: readonly (TotalsRow | undefined)[] = totals ?? [undefined]
  return (
    <tfoot>
      {rows.map((total, index) => (
        <tr key={total?.key ?? index} aria-rowindex={firstRowIndex + index}>
          {columns.map((column, at) => {
            const Tag = at === 0 ? 'th' : 'td'
            return (
              <Tag
                key={column.id}
                scope={at === 0 ? 'row' : undefined}
                // Stacked from the bottom up, so that several currencies all stay in sight.
                style={{ bottom: (rows.length - 1 - index) * ROW_PX }}
                className={
                  'sticky z-10 h-8 bg-sunken p-0 text-sm font-medium whitespace-nowrap last:pr-3 ' +
                  `${index === 0 ? 'border-t border-line-strong ' : ''}` +
                  `${column.align === 'right' ? 'text-right' : 'text-left'} ` +
                  (at === 0 ? 'left-0 z-20' : '')
                }
              >
                <span className={`block truncate ${at === 0 ? 'pl-5 pr-2' : 'px-2'}`}>
                  {at === 0 ? (total?.label ?? <FootSkeleton />) : total?.cells[column.id]}
                </span>
              </Tag>
            )
          })}
        </tr>
      ))}
    </tfoot>
  )
}

const FootSkeleton = () => <span className="skeleton h-2.5 w-1/2" />
