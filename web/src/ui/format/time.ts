/** An instant in the reader's zone, ISO short, the zone printed: 2026-03-31 14:05 CET. */
export function formatInstant(instant: string, locale: string, timeZone?: string): string {
  const at = new Date(instant)
  if (Number.isNaN(at.getTime())) return instant
  const parts = new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
    timeZone,
  }).formatToParts(at)
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? ''
  const date = `${part('year')}-${part('month')}-${part('day')}`
  return `${date} ${part('hour')}:${part('minute')} ${part('timeZoneName')}`
}

const STEPS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** A duration to two units: 2 min 5 sec. */
export function formatDuration(seconds: number, locale: string): string {
  let rest = Math.max(0, Math.round(seconds))
  const shown: string[] = []
  for (const [unit, length] of STEPS) {
    const count = Math.floor(rest / length)
    rest -= count * length
    const isLastUnit = unit === 'second' && shown.length === 0
    if (count === 0 && !isLastUnit) {
      if (shown.length > 0) break
      continue
    }
    const options = { style: 'unit', unit, unitDisplay: 'short' } as const
    shown.push(new Intl.NumberFormat(locale, options).format(count))
    if (shown.length === 2) break
  }
  return shown.join(' ')
}

/** How long ago, in the largest unit that fits: 3 minutes ago. */
export function formatAge(instant: string, locale: string, now = Date.now()): string {
  const seconds = Math.round((Date.parse(instant) - now) / 1000)
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return format.format(Math.trunc(seconds / length), unit)
  }
  return format.format(0, 'second')
}

export function isIsoDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const at = new Date(`${text}T00:00:00Z`)
  // 2025-02-30 parses to a day in March; such a date is none.
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)
}
