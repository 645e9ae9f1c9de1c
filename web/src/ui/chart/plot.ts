import { heightOn, type Axis } from './scale'

/** The height of a chart with all that belongs to it, so that nothing moves when it arrives. */
export const CHART_PX = 264
const READOUT_PX = 24
const YEARS_PX = 22
const TOP_PX = 6

/** The area of the marks inside the drawing. */
export interface Plot {
  left: number
  right: number
  top: number
  bottom: number
  /** The whole drawing. */
  width: number
  height: number
}

export function plotOf(width: number, room: { left: number; right: number }): Plot {
  const height = CHART_PX - READOUT_PX
  return {
    left: room.left,
    right: Math.max(room.left + 1, width - room.right),
    top: TOP_PX,
    bottom: height - YEARS_PX,
    width,
    height,
  }
}

/** About how wide a text of the charts is: figures and short words at 12 px. */
const DIGIT_PX = 7.2

/** The room that the longest of some texts takes beside the marks. */
export const roomFor = (texts: readonly string[], gap: number): number =>
  Math.ceil(Math.max(3, ...texts.map((text) => text.length)) * DIGIT_PX) + gap

/** Where a figure stands in the drawing. */
export function yOf(plot: Plot, axis: Axis, figure: string): number {
  return plot.bottom - heightOn(axis, figure) * (plot.bottom - plot.top)
}

/** The colours of up to five series; one thing has one colour in every chart. */
export const TONES = [
  'text-series-1',
  'text-series-2',
  'text-series-3',
  'text-series-4',
  'text-series-5',
] as const

export const toneClass = (tone: number): string => TONES[tone] ?? TONES[0]
