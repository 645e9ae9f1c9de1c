import type { TrailEntry } from '../../api/types'

export interface Subject {
  /** `user`, `invite`, `api_key`; empty where an entry has none. */
  kind: string
  id: string
}

export function subjectOf(entry: Pick<TrailEntry, 'subject'>): Subject {
  const [kind = '', ...id] = (entry.subject ?? '').split('/')
  return { kind, id: id.join('/') }
}

/** Enough of an id to tell one from another: the end, since the beginning is the time. */
export const shortId = (id: string): string => (id.length > 12 ? `…${id.slice(-8)}` : id)

/**
 * The names behind ids: people of today, and whoever acts in the entries that are here. Someone who
 * has left and did nothing has none.
 */
export function namesOf(
  people: readonly { id: string; name: string }[],
  entries: readonly Pick<TrailEntry, 'actor'>[],
): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const { actor } of entries) if (actor.id && actor.name) names.set(actor.id, actor.name)
  for (const { id, name } of people) names.set(id, name)
  return names
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

/** What else an entry says, on one line: `from member, to admin`. */
export function detailText(detail: unknown): string {
  if (detail === null || detail === undefined) return ''
  if (typeof detail === 'string') return UUID.test(detail) ? shortId(detail) : detail
  if (typeof detail !== 'object') return String(detail)
  if (Array.isArray(detail)) return detail.map(detailText).join(' ')
  return Object.entries(detail)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${detailText(value)}`)
    .join(', ')
}
