export interface ScopeArea {
  area: string
  /** The scopes of the area, `read` before `write`. */
  scopes: { scope: string; access: string }[]
}

/** Scopes `<area>:<access>` by their area, in the order in which the server names them. */
export function byArea(scopes: readonly string[]): ScopeArea[] {
  const areas = new Map<string, ScopeArea>()
  for (const scope of scopes) {
    const [area = '', access = ''] = scope.split(':')
    const known = areas.get(area) ?? { area, scopes: [] }
    known.scopes.push({ scope, access })
    areas.set(area, known)
  }
  return [...areas.values()]
}

/** How long a key is to live, in days; never to end is a choice that one has to make. */
export const LIVES = ['30', '90', '365', 'never'] as const
export type Life = (typeof LIVES)[number]

const DAY_MS = 86_400_000

export function expiryAfter(life: Life, now: number): string | undefined {
  return life === 'never' ? undefined : new Date(now + Number(life) * DAY_MS).toISOString()
}
