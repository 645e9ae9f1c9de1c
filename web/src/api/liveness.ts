import { createStore } from '../store'

export interface Liveness {
  /** Whether the last request reached the server. */
  reachable: boolean
  /** When the server last answered, in ms since the epoch. */
  answeredAt: number
  /** Connections on which the server tells us what changes. */
  streams: number
  /** Connections that should be there and are not. */
  lateStreams: number
}

export const liveness = createStore<Liveness>({
  reachable: true,
  answeredAt: Date.now(),
  streams: 0,
  lateStreams: 0,
})

export function reached(): void {
  liveness.set((now) => ({ ...now, reachable: true, answeredAt: Date.now() }))
}

export function unreachable(): void {
  liveness.set((now) => ({ ...now, reachable: false }))
}

export function streamOpened(): void {
  liveness.set((now) => ({ ...now, streams: now.streams + 1 }))
}

export function streamClosed(): void {
  liveness.set((now) => ({ ...now, streams: now.streams - 1 }))
}

export function streamLate(late: boolean): void {
  liveness.set((now) => ({ ...now, lateStreams: now.lateStreams + (late ? 1 : -1) }))
}
