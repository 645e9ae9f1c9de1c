import { Icon } from '../icons'
import { ariaSort, nextSort, type Column } from './column'

interface TableHeadProps<Row> {
  columns: readonly Column<Row>[]
  sort?: string | undefined
  onSort?: ((sort: string) => void) | undefined
}

export function TableHead<Row>({ columns, sort, onSort }: TableHeadProps<Row>) {
  return (
    <thead>
      <tr aria-rowindex={1}>
        {columns.map((column, index) => (
          <th
            key={column.id}
            scope="col"
            aria-sort={onSort ? ariaSort(column.sort, sort) : undefined}
            className={
              'sticky top-0 z-10 h-8 border-b border-line-strong bg-surface p-0 text-xs font-medium last:pr-3 ' +
              `text-soft ${column.align === 'right' ? 'text-right' : 'text-left'} ` +
              (index === 0 ? 'left-0 z-20' : '')
            }
          >
            <HeadCell column={column} sort={sort} onSort={onSort} first={index === 0} />
          </th>
        ))}
      </tr>
    </thead>
  )
}

interface HeadCellProps<Row> {
  column: Column<Row>
  sort: string | undefined
  onSort: ((sort: string) => void) | undefined
  first: boolean
}

function HeadCell<Row>({ column, sort, onSort, first }: HeadCellProps<Row>) {
  const inset = first ? 'pl-5 pr-2' : 'px-2'
  if (!column.sort || !onSort)
    return <span className={`block truncate ${inset}`}>{column.header}</span>

  const direction = ariaSort(column.sort, sort)
  const sorted = direction !== 'none'
  const alignsRight = column.align === 'right'
  return (
    <button
      type="button"
      onClick={() => onSort(nextSort(column, sort) ?? '')}
      className={
        `group/sort flex h-8 w-full items-center -outline-offset-2 hover:text-text ${inset} ` +
        `${alignsRight ? 'justify-end' : ''} ${sorted ? 'text-text' : ''}`
      }
    >
      <span className="relative min-w-0">
        <span className="block truncate">{column.header}</span>
        {/* In the room between the columns, so that a header is as wide as its word. */}
        <Icon
          name={direction === 'descending' ? 'down' : 'up'}
          className={
            `absolute top-0.5 size-3 ${alignsRight ? 'right-full mr-0.5' : 'left-full ml-1'} ` +
            (sorted ? '' : 'opacity-0 group-hover/sort:opacity-50')
          }
        />
      </span>
    </button>
  )
}
