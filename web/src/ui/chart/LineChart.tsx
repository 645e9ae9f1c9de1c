import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react'

import { Grid } from './Grid'
import { plotOf, roomFor, toneClass, yOf, type Plot } from './plot'
import { Readout } from './Readout'
import { axisOf, dayOf, spread, yearTicks, type Axis } from './scale'
import { useWidth } from './useWidth'

export interface Line {
  id: string
  name: string
  /** A decimal for each date. */
  figures: readonly string[]
  /** Which of the series colours, from 0. */
  tone: number
  dashed?: boolean
}

interface LineChartProps {
  /** What the control that walks through time is called. */
  label: string
  /** ISO dates, oldest first. */
  dates: readonly string[]
  /** At most five. */
  lines: readonly Line[]
  /** A figure for the axis. */
  short: (figure: string) => string
  /** A figure for the readout. */
  full: (figure: string) => string
}

const LABEL_PX = 16

/** Lines over time, each with its name at its end, and the figures of one day above them. */
export function LineChart({ label, dates, lines, short, full }: LineChartProps) {
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const [chosen, setChosen] = useState<number>()
  const last = dates.length - 1
  const at = Math.min(chosen ?? last, last)
  const axis = axisOf(lines.flatMap((line) => line.figures))
  const plot = plotOf(width, {
    left: roomFor(axis.ticks.map(short), 12),
    right: roomFor(
      lines.map((line) => line.name),
      14,
    ),
  })
  const xs = placesOf(dates, plot)

  const walk = (event: KeyboardEvent) => {
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key]
    if (event.key === 'Escape') setChosen(undefined)
    if (to === undefined) return
    event.preventDefault()
    setChosen(Math.min(last, Math.max(0, to)))
  }
  const point = (event: PointerEvent<HTMLElement>) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left
    setChosen(nearest(xs, x))
  }
  const figures = lines.map((line) => ({ ...line, text: full(line.figures[at] ?? '') }))
  const spoken = figures.map((line) => `${line.name} ${line.text}`).join(', ')

  return (
    <>
      <Readout day={dates[at] ?? ''} figures={figures} />
      <div
        ref={box}
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={at}
        aria-valuetext={`${dates[at]}: ${spoken}`}
        onKeyDown={walk}
        onBlur={() => setChosen(undefined)}
        onPointerMove={point}
        onPointerLeave={() => setChosen(undefined)}
        className="min-h-0 flex-1"
      >
        {width > 0 && (
          <svg width={width} height={plot.height} aria-hidden="true" className="block">
            <Grid plot={plot} axis={axis} text={short} />
            <Years dates={dates} plot={plot} />
            {chosen !== undefined && <Hair x={xs[at] ?? 0} plot={plot} />}
            {lines.map((line) => (
              <LinePath key={line.id} line={line} xs={xs} plot={plot} axis={axis} at={at} />
            ))}
            <EndLabels lines={lines} plot={plot} axis={axis} />
          </svg>
        )}
      </div>
    </>
  )
}

function placesOf(dates: readonly string[], plot: Plot): number[] {
  const first = dayOf(dates[0] ?? '')
  const span = dayOf(dates.at(-1) ?? '') - first
  // A single day stands at the end, where its labels are.
  return dates.map((date) =>
    span > 0 ? plot.left + ((dayOf(date) - first) / span) * (plot.right - plot.left) : plot.right,
  )
}

function nearest(xs: readonly number[], x: number): number {
  let best = 0
  for (const [index, one] of xs.entries()) {
    if (Math.abs(one - x) < Math.abs((xs[best] ?? 0) - x)) best = index
  }
  return best
}

/** The years, or where there are too few of them the first and the last day. */
function Years({ dates, plot }: { dates: readonly string[]; plot: Plot }) {
  const [from = '', to = ''] = [dates[0], dates.at(-1)]
  const years = yearTicks(from, to, Math.max(2, Math.floor((plot.right - plot.left) / 60)))
  const ends = from === to ? [to] : [from, to]
  const shown = years.length > 2 ? years : ends
  const span = dayOf(to) - dayOf(from)
  return shown.map((date) => {
    const share = span > 0 ? (dayOf(date) - dayOf(from)) / span : 1
    const x = Math.round(plot.left + share * (plot.right - plot.left)) + 0.5
    return (
      <g key={date}>
        <line x1={x} x2={x} y1={plot.bottom} y2={plot.bottom + 4} className="stroke-edge" />
        <text x={x} y={plot.bottom + 17} textAnchor="middle" className="figures fill-soft text-xs">
          {shown === years ? date.slice(0, 4) : date}
        </text>
      </g>
    )
  })
}

function Hair({ x, plot }: { x: number; plot: Plot }) {
  const at = Math.round(x) + 0.5
  return <line x1={at} x2={at} y1={plot.top} y2={plot.bottom} className="stroke-edge" />
}

interface LinePathProps {
  line: Line
  xs: readonly number[]
  plot: Plot
  axis: Axis
  at: number
}

function LinePath({ line, xs, plot, axis, at }: LinePathProps) {
  const places = line.figures.map(
    (figure, index) => [xs[index] ?? 0, yOf(plot, axis, figure)] as const,
  )
  const path = places.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`)
  const [x = 0, y = 0] = places[at] ?? []
  return (
    <g className={toneClass(line.tone)}>
      <path
        d={path.join('')}
        fill="none"
        stroke="currentColor"
        strokeWidth={line.tone === 0 ? 2 : 1.5}
        strokeLinejoin="round"
        strokeDasharray={line.dashed ? '4 3' : undefined}
      />
      <circle cx={x} cy={y} r={3} fill="currentColor" />
    </g>
  )
}

/** Each line is named where it ends; no legend has to be read against colours. */
function EndLabels({ lines, plot, axis }: { lines: readonly Line[]; plot: Plot; axis: Axis }) {
  const wanted = lines.map((line) => yOf(plot, axis, line.figures.at(-1) ?? '0'))
  const placed = spread(wanted, LABEL_PX, plot.bottom)
  return lines.map((line, index) => (
    <text
      key={line.id}
      x={plot.right + 10}
      y={placed[index]}
      dominantBaseline="middle"
      fill="currentColor"
      className={`text-xs font-medium ${toneClass(line.tone)}`}
    >
      {line.name}
    </text>
  ))
}
