import { createStore } from '../store'
import type { LiveEvent } from './live'

/** An event as it is listed. */
export interface Happening extends LiveEvent {
  /** When it was heard, for a server that does not say when it happened. */
  heardAt: string
}

const KEPT_MAX = 20

/** What was heard of each fund since this tab was opened, newest first. */
export const activity = createStore<ReadonlyMap<string, readonly Happening[]>>(new Map())

export const activityKey = (tenant: string, fund: string) => `${tenant} ${fund}`

/** Whether two tell of one change: it may be told once for each audience, and again after a break. */
const isSame = (a: LiveEvent, b: LiveEvent) =>
  a.kind === b.kind && a.entity === b.entity && a.version === b.version

/** Keep an event for the list, once. */
export function noteEvent(tenant: string, fund: string, event: LiveEvent): void {
  const key = activityKey(tenant, fund)
  activity.set((all) => {
    const known = all.get(key) ?? []
    if (known.some((one) => isSame(one, event))) return all
    const heard = { ...event, heardAt: new Date().toISOString() }
    return new Map(all).set(key, [heard, ...known].slice(0, KEPT_MAX))
  })
}
