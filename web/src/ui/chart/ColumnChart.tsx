import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react'

import { sum } from '../format/decimal'
import { Grid } from './Grid'
import { plotOf, roomFor, toneClass, yOf, type Plot } from './plot'
import { Readout } from './Readout'
import { axisOf, type Axis } from './scale'
import { useWidth } from './useWidth'

export interface Column {
  id: string
  /** What stands below it, if there is room. */
  name: string
  /** What stands on each other, from the bottom. */
  stack: readonly [string, string]
  /** What it is measured against. */
  mark: string
}

interface ColumnChartProps {
  label: string
  columns: readonly Column[]
  /** The names of the lower part, the upper part and the mark. */
  names: readonly [string, string, string]
  short: (figure: string) => string
  full: (figure: string) => string
  /** The column that is read while none is pointed at. */
  start: number
}

/** The tones of the parts: those of distributed, value and called in every chart. */
const [LOWER, UPPER, MARK] = [1, 0, 2]
const RIGHT_PX = 12
const NAME_PX = 38
const COLUMN_MAX_PX = 26

/** Columns of two parts, each with a mark that it is measured against: above the mark is gain. */
export function ColumnChart(props: ColumnChartProps) {
  const { label, columns, names, short, full, start } = props
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const [chosen, setChosen] = useState<number>()
  const last = columns.length - 1
  const at = Math.min(chosen ?? start, last)
  const axis = axisOf(columns.flatMap(({ stack, mark }) => [stack[0], topOf(stack), mark]))
  const plot = plotOf(width, { left: roomFor(axis.ticks.map(short), 12), right: RIGHT_PX })
  const step = (plot.right - plot.left) / Math.max(1, columns.length)

  const walk = (event: KeyboardEvent) => {
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key]
    if (event.key === 'Escape') setChosen(undefined)
    if (to === undefined) return
    event.preventDefault()
    setChosen(Math.min(last, Math.max(0, to)))
  }
  const point = (event: PointerEvent<HTMLElement>) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left
    setChosen(Math.min(last, Math.max(0, Math.floor((x - plot.left) / step))))
  }
  const column = columns[at]
  const values = column ? [...column.stack, column.mark] : []
  const figures = names.map((name, index) => ({
    id: name,
    name,
    tone: [LOWER, UPPER, MARK][index] ?? 0,
    text: full(values[index] ?? ''),
  }))
  const every = Math.max(1, Math.ceil(NAME_PX / step))

  return (
    <>
      <Readout day={column?.name ?? ''} figures={figures} named />
      <div
        ref={box}
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, last)}
        aria-valuenow={at}
        aria-valuetext={`${column?.name}: ${figures.map((one) => `${one.name} ${one.text}`).join(', ')}`}
        onKeyDown={walk}
        onBlur={() => setChosen(undefined)}
        onPointerMove={point}
        onPointerLeave={() => setChosen(undefined)}
        className="min-h-0 flex-1"
      >
        {width > 0 && (
          <svg width={width} height={plot.height} aria-hidden="true" className="block">
            <Grid plot={plot} axis={axis} text={short} />
            {columns.map((one, index) => (
              <ColumnMark
                key={one.id}
                column={one}
                plot={plot}
                axis={axis}
                middle={plot.left + step * (index + 0.5)}
                width={Math.min(COLUMN_MAX_PX, step * 0.7)}
                chosen={index === chosen}
                named={(start - index) % every === 0}
              />
            ))}
          </svg>
        )}
      </div>
    </>
  )
}

const topOf = ([low, high]: Column['stack']) => sum(low, high) ?? low

interface ColumnMarkProps {
  column: Column
  plot: Plot
  axis: Axis
  middle: number
  width: number
  chosen: boolean
  named: boolean
}

function ColumnMark({ column, plot, axis, middle, width, chosen, named }: ColumnMarkProps) {
  const [zero, low, high, mark] = ['0', column.stack[0], topOf(column.stack), column.mark].map(
    (figure) => yOf(plot, axis, figure),
  ) as [number, number, number, number]
  const left = middle - width / 2
  const part = (from: number, to: number, tone: number) => (
    <rect
      x={left}
      y={Math.min(from, to)}
      width={width}
      height={Math.abs(from - to)}
      fill="currentColor"
      fillOpacity={0.85}
      className={toneClass(tone)}
    />
  )
  return (
    <g>
      {chosen && (
        <rect
          x={left - 2}
          y={plot.top}
          width={width + 4}
          height={plot.bottom - plot.top}
          className="fill-hover"
        />
      )}
      {part(zero, low, LOWER)}
      {part(low, high, UPPER)}
      <line
        x1={left - 3}
        x2={left + width + 3}
        y1={mark}
        y2={mark}
        stroke="currentColor"
        strokeWidth={2}
        className={toneClass(MARK)}
      />
      {named && (
        <text
          x={middle}
          y={plot.bottom + 17}
          textAnchor="middle"
          className="figures fill-soft text-xs"
        >
          {column.name}
        </text>
      )}
    </g>
  )
}
