import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8')
const TOKEN = /--([a-z0-9-]+): light-dark\(oklch\(([^)]*)\), oklch\(([^)]*)\)\);/g

type Theme = 'light' | 'dark'
const tokens = new Map(
  [...css.matchAll(TOKEN)].map(([, name = '', light = '', dark = '']) => [name, { light, dark }]),
)

const inGamut = (value: number) => Math.min(1, Math.max(0, value))

/** Relative luminance (WCAG 2.2) of an OKLCH colour, by way of OKLab and linear sRGB. */
function luminance(colour: string): number {
  const [lightness = 0, chroma = 0, hue = 0] = colour.split(/[ /]+/).map(Number)
  const a = chroma * Math.cos((hue * Math.PI) / 180)
  const b = chroma * Math.sin((hue * Math.PI) / 180)
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  const red = inGamut(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s)
  const green = inGamut(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s)
  const blue = inGamut(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s)
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(front: string, back: string, theme: Theme): number {
  const colour = (name: string) => {
    const token = tokens.get(name)
    if (!token) throw new Error(`tokens.css has no --${name}`)
    return luminance(token[theme])
  }
  const [dark = 0, light = 0] = [colour(front), colour(back)].toSorted((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

const SURFACES = ['canvas', 'surface', 'sunken', 'raised', 'hover', 'selected']
const TEXT_PAIRS = [
  ...['text', 'text-soft', 'accent'].flatMap((text) =>
    SURFACES.map((back) => [text, back] as const),
  ),
  ...['canvas', 'surface', 'sunken', 'raised'].map((back) => ['text-faint', back] as const),
  ...['good', 'warn', 'bad'].flatMap((state) =>
    ['surface', 'canvas', 'raised', 'hover', `${state}-soft`].map((back) => [state, back] as const),
  ),
  ...['1', '2', '3', '4', '5'].map((series) => [`series-${series}`, 'surface'] as const),
  ...['text', 'text-soft'].map((text) => [text, 'marked'] as const),
  ...['good-soft', 'warn-soft', 'bad-soft'].flatMap((back) =>
    ['text', 'text-soft'].map((text) => [text, back] as const),
  ),
  ...['accent-fill', 'accent-fill-hover', 'bad-fill', 'bad-fill-hover'].map(
    (back) => ['on-accent', back] as const,
  ),
]
const SHAPE_PAIRS = [
  ...['canvas', 'surface', 'raised'].map((back) => ['edge', back] as const),
  ...['good', 'warn', 'bad', 'accent'].map((shape) => [shape, 'canvas'] as const),
]

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test.each(TEXT_PAIRS)('%s can be read on %s (4.5:1)', (front, back) => {
    expect(contrast(front, back, theme)).toBeGreaterThanOrEqual(4.5)
  })
  test.each(SHAPE_PAIRS)('the shape of %s can be seen on %s (3:1)', (front, back) => {
    expect(contrast(front, back, theme)).toBeGreaterThanOrEqual(3)
  })
})
