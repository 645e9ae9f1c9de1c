import { streamClosed, streamLate, streamOpened } from './liveness'

/** Something that happened in a room, as the server tells it. */
export interface LiveEvent {
  room: string
  /** Its place in the room, `<epoch>-<seq>`. */
  id: string
  kind: string
  entity: string
  version: number
  data: unknown
  /** When it happened and who did it, if the server says so. */
  at?: string
  actor?: string
}

export interface RoomHandlers {
  onEvent: (event: LiveEvent) => void
  /** What was missed cannot be told: read again. */
  onResync: () => void
  /** The room is closed to us, now or from the start. */
  onClosed?: ((code: string) => void) | undefined
}

/**
 * `joined` follows the room; `late` should and does not, for longer than a blink; `closed` is not
 * open to us.
 */
export type RoomState = 'joining' | 'joined' | 'late' | 'closed'

/** What the live client needs of the world; a test gives it another one. */
export interface LiveWorld {
  connect: () => WebSocket
  /** The session may have ended, or the role changed: have a look. */
  onDoubt: () => void
  random: () => number
}

export interface Live {
  /** Follow a room until the returned function is called; the last one to leave ends it. */
  join: (room: string, handlers: RoomHandlers) => () => void
  stateOf: (room: string) => RoomState
  subscribe: (listener: () => void) => () => void
  /** Let go of the connection but not of the rooms. */
  pause: () => void
  /** Connect now, whatever the wait. */
  resume: () => void
}

interface Room {
  handlers: Set<RoomHandlers>
  state: 'joining' | 'joined' | 'closed'
}

type Frame =
  | { op: 'joined'; room: string; position: string; resumed: boolean }
  | ({ op: 'event' } & LiveEvent)
  | { op: 'resync'; room: string; id: string }
  | { op: 'refused'; room: string; code: string }
  | { op: 'left'; room: string; code?: string }
  | { op: 'pong' }

/** A connection that is not there by then is late. */
const LATE_MS = 3_000
const PING_MS = 25_000
/** Silence after a ping that proves the connection dead. */
const SILENT_MS = 10_000
/** Between two pages nobody listens for a moment. */
const IDLE_MS = 5_000
const POSITIONS_MAX = 100
const REJOIN_MS = 1_000
/** `WebSocket.OPEN` */
const OPEN = 1

/** One connection that carries any number of rooms and comes back by itself. */
export function createLive(world: LiveWorld): Live {
  const rooms = new Map<string, Room>()
  /** Where each room was left off, also after it was left: coming back asks only for what is new. */
  const positions = new Map<string, string>()
  const listeners = new Set<() => void>()
  let socket: WebSocket | undefined
  let failures = 0
  let paused = false
  let late = false
  let speaks = false
  const timer = { late: clock(), retry: clock(), ping: clock(), silence: clock(), idle: clock() }

  const changed = () => {
    for (const listener of listeners) listener()
  }
  const setLate = (now: boolean) => {
    if (now === late) return
    late = now
    streamLate(now)
    changed()
  }
  /** Whether the server speaks to us; the indicator counts the connections on which it does. */
  const setSpeaks = (now: boolean) => {
    if (now === speaks) return
    speaks = now
    if (now) streamOpened()
    else streamClosed()
  }
  const send = (frame: object) => {
    if (socket?.readyState === OPEN) socket.send(JSON.stringify(frame))
  }
  const joinNow = (room: string) => send({ op: 'join', room, after: positions.get(room) })

  /** Join a room again that the server let go of, if it is still wanted by then. */
  const again = (name: string) => {
    const [room, through] = [rooms.get(name), socket]
    const retry = () => {
      const isWanted = rooms.get(name) === room && room?.state === 'joining'
      if (isWanted && socket === through) joinNow(name)
    }
    setTimeout(retry, REJOIN_MS * (1 + world.random()))
  }
  const drop = () => {
    const old = socket
    socket = undefined
    for (const one of [timer.retry, timer.ping, timer.silence]) one.stop()
    for (const room of rooms.values()) room.state = 'joining'
    old?.close(1000)
    setSpeaks(false)
  }
  const rest = () => {
    timer.late.stop()
    drop()
    setLate(false)
  }
  const connect = () => {
    timer.retry.stop()
    if (socket || paused || rooms.size === 0) return
    timer.late.startOnce(LATE_MS, () => setLate(true))
    const opened = world.connect()
    socket = opened
    let heard = false
    opened.addEventListener('open', () => {
      if (socket !== opened) return
      for (const room of rooms.keys()) joinNow(room)
      timer.ping.start(PING_MS, ping)
    })
    opened.addEventListener('message', ({ data }) => {
      if (socket !== opened) return
      if (!heard) {
        heard = true
        failures = 0
        timer.late.stop()
        setLate(false)
        setSpeaks(true)
      }
      timer.silence.stop()
      timer.ping.start(PING_MS, ping)
      read(JSON.parse(String(data)) as Frame)
    })
    opened.addEventListener('close', ({ code }) => {
      if (socket !== opened) return
      drop()
      failures += 1
      // Who we are has changed: what we were told before is no ground to go on from.
      if (code === 4403) positions.clear()
      // A refused upgrade has no code of its own; the second in a row is worth a question.
      const isDoubtful = code === 4401 || code === 4403 || (!heard && failures % 2 === 0)
      if (isDoubtful) world.onDoubt()
      timer.late.startOnce(LATE_MS, () => setLate(true))
      timer.retry.start(waitAfter(code, failures, world.random()), connect)
      changed()
    })
  }
  const ping = () => {
    send({ op: 'ping' })
    timer.silence.start(SILENT_MS, () => {
      drop()
      connect()
    })
  }
  const read = (frame: Frame) => {
    if (frame.op === 'pong') return
    const room = rooms.get(frame.room)
    // A room that was left a moment ago may still speak; what it says is asked for again on return.
    if (!room) return
    if (frame.op === 'event') {
      keep(positions, frame.room, frame.id)
      for (const to of room.handlers) to.onEvent(frame)
    } else if (frame.op === 'resync') {
      keep(positions, frame.room, frame.id)
      for (const to of room.handlers) to.onResync()
    } else if (frame.op === 'joined') {
      room.state = 'joined'
      changed()
      // What is replayed brings the position along; without a replay this is where we begin.
      if (frame.resumed) return
      keep(positions, frame.room, frame.position)
      for (const to of room.handlers) to.onResync()
    } else if (frame.op === 'refused') {
      room.state = 'closed'
      positions.delete(frame.room)
      changed()
      for (const to of room.handlers) to.onClosed?.(frame.code)
    } else if (frame.code !== undefined) {
      // It could not be followed any more; without a code it is the answer to our leaving.
      room.state = 'joining'
      changed()
      again(frame.room)
    }
  }
  const leave = (name: string, handlers: RoomHandlers) => {
    const room = rooms.get(name)
    if (!room?.handlers.delete(handlers) || room.handlers.size > 0) return
    rooms.delete(name)
    if (room.state !== 'closed') send({ op: 'leave', room: name })
    if (rooms.size > 0) return
    timer.idle.start(IDLE_MS, rest)
  }

  return {
    join: (name, handlers) => {
      timer.idle.stop()
      const known = rooms.get(name)
      if (known) {
        known.handlers.add(handlers)
        // Who comes later has read later, but perhaps not late enough.
        if (known.state === 'joined') handlers.onResync()
      } else {
        rooms.set(name, { handlers: new Set([handlers]), state: 'joining' })
        joinNow(name)
      }
      if (!timer.retry.isRunning()) connect()
      return () => leave(name, handlers)
    },
    stateOf: (name) => {
      const state = rooms.get(name)?.state ?? 'joining'
      return state === 'joining' && late ? 'late' : state
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    pause: () => {
      paused = true
      rest()
    },
    resume: () => {
      paused = false
      if (socket) return
      failures = 0
      connect()
    },
  }
}

/** How long to wait before the next try, in ms: spread out, so that not all come back at once. */
export function waitAfter(code: number, failures: number, random: number): number {
  // The instance goes away on purpose and another is there: at once, but not all in one moment.
  if (code === 1012 && failures <= 1) return random * 1_000
  // What the server holds against us does not pass by asking again soon.
  if (code === 1003 || code === 1008 || code === 1009) return 30_000 + random * 30_000
  const least = code === 1013 || code === 4401 ? 5_000 : 100
  return least + random * Math.min(30_000, 500 * 2 ** Math.min(10, failures - 1))
}

/** Remember a position; of rooms that nobody came back to, the oldest are forgotten. */
function keep(positions: Map<string, string>, room: string, position: string): void {
  positions.delete(room)
  positions.set(room, position)
  const oldest = positions.keys().next().value
  if (positions.size > POSITIONS_MAX && oldest !== undefined) positions.delete(oldest)
}

/** A timeout that knows whether it runs. */
function clock() {
  let running: ReturnType<typeof setTimeout> | undefined
  const stop = () => {
    clearTimeout(running)
    running = undefined
  }
  const start = (ms: number, act: () => void) => {
    stop()
    running = setTimeout(() => {
      running = undefined
      act()
    }, ms)
  }
  return {
    stop,
    start,
    /** Leaves a wait that has begun alone. */
    startOnce: (ms: number, act: () => void) => {
      if (running === undefined) start(ms, act)
    },
    isRunning: () => running !== undefined,
  }
}
