/** The fields of a form, as texts. */
export type Texts = Readonly<Record<string, string>>

/** What the form began from: what the server had, and the tag that stands for exactly that. */
export interface Base<T extends Texts> {
  texts: T
  etag: string
}

/** A field that somebody else has changed since the form was opened. */
export interface Conflict {
  field: string
  was: string
  now: string
  /** What the reader wrote, if they changed the field too and to something else. */
  yours: string | undefined
}

/** The fields that differ from what the form began from. */
export function changedOf<T extends Texts>(base: T, texts: T): Partial<T> {
  const entries = Object.entries(texts).filter(([field, text]) => text !== base[field])
  return Object.fromEntries(entries) as Partial<T>
}

export interface Rebased<T extends Texts> {
  texts: T
  conflicts: Conflict[]
}

/**
 * Put what was typed onto what the server has now: what the reader did not touch follows the
 * server, what they typed stays.
 */
export function rebase<T extends Texts>(base: T, typed: T, now: T): Rebased<T> {
  const conflicts: Conflict[] = []
  const texts = { ...typed } as Record<string, string>
  for (const [field, current] of Object.entries(now)) {
    const was = base[field] ?? ''
    const mine = typed[field] ?? ''
    const touched = mine !== was
    if (!touched) texts[field] = current
    if (current === was) continue
    conflicts.push({ field, was, now: current, yours: touched && mine !== current ? mine : undefined })
  }
  return { texts: texts as T, conflicts }
}
