import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { createLive, waitAfter, type Live, type RoomHandlers } from './live'
import { liveness } from './liveness'

/** The other end of the wire. */
class FakeSocket extends EventTarget {
  readyState = 0
  sent: Record<string, unknown>[] = []
  send(text: string) {
    this.sent.push(JSON.parse(text))
  }
  close() {
    this.readyState = 3
  }
  open() {
    this.readyState = 1
    this.dispatchEvent(new Event('open'))
  }
  says(frame: object) {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(frame) }))
  }
  breaks(code: number) {
    this.readyState = 3
    this.dispatchEvent(Object.assign(new Event('close'), { code }))
  }
}

let sockets: FakeSocket[] = []
let live: Live
const onDoubt = vi.fn<() => void>()
const last = () => sockets.at(-1) as FakeSocket
const listener = () => ({
  onEvent: vi.fn<RoomHandlers['onEvent']>(),
  onResync: vi.fn<() => void>(),
  onClosed: vi.fn<(code: string) => void>(),
})
const joined = (room: string, position: string, resumed = false) => ({
  op: 'joined',
  room,
  position,
  resumed,
})
const event = (room: string, id: string) => ({
  op: 'event',
  room,
  id,
  kind: 'fund.changed',
  entity: 'e',
  version: 2,
  data: {},
})

beforeEach(() => {
  vi.useFakeTimers()
  sockets = []
  onDoubt.mockClear()
  live = createLive({
    connect: () => {
      const socket = new FakeSocket()
      sockets.push(socket)
      return socket as unknown as WebSocket
    },
    onDoubt,
    random: () => 0.5,
  })
})
afterEach(() => {
  live.pause()
  vi.useRealTimers()
  expect(liveness.get()).toMatchObject({ streams: 0, lateStreams: 0 })
})

test('many rooms and many listeners share one connection', () => {
  const [a, b] = [listener(), listener()]
  live.join('funds', a)
  live.join('funds', b)
  live.join('fund/1', a)
  last().open()
  expect(sockets).toHaveLength(1)
  expect(last().sent).toEqual([
    { op: 'join', room: 'funds' },
    { op: 'join', room: 'fund/1' },
  ])
  last().says(joined('funds', '1-5'))
  last().says(event('funds', '1-6'))
  expect(a.onEvent).toHaveBeenCalledTimes(1)
  expect(b.onEvent).toHaveBeenCalledTimes(1)
  expect(live.stateOf('funds')).toBe('joined')
  expect(live.stateOf('fund/1')).toBe('joining')
})

test('a room is left with its last listener, and the connection a while after the last room', () => {
  const leaveA = live.join('funds', listener())
  const leaveB = live.join('funds', listener())
  last().open()
  leaveA()
  leaveA()
  expect(last().sent).toHaveLength(1)
  leaveB()
  expect(last().sent.at(-1)).toEqual({ op: 'leave', room: 'funds' })
  vi.advanceTimersByTime(4_000)
  expect(last().readyState).toBe(1)
  vi.advanceTimersByTime(2_000)
  expect(last().readyState).toBe(3)
  vi.advanceTimersByTime(60_000)
  expect(sockets).toHaveLength(1)
})

test('joining without a position reads again, for the page may be older than the room', () => {
  const a = listener()
  live.join('funds', a)
  last().open()
  last().says(joined('funds', '1-5'))
  expect(a.onResync).toHaveBeenCalledTimes(1)
})

test('after a break it comes back and goes on after the last event', () => {
  const a = listener()
  live.join('funds', a)
  last().open()
  last().says(joined('funds', '1-5'))
  last().says(event('funds', '1-6'))
  last().breaks(1006)
  expect(live.stateOf('funds')).toBe('joining')
  vi.advanceTimersByTime(600)
  expect(sockets).toHaveLength(2)
  last().open()
  expect(last().sent).toEqual([{ op: 'join', room: 'funds', after: '1-6' }])
  last().says(joined('funds', '1-9', true))
  last().says(event('funds', '1-7'))
  expect(a.onResync).toHaveBeenCalledTimes(1)
  expect(a.onEvent).toHaveBeenCalledTimes(2)
})

test('a room that is entered again goes on where it was left', () => {
  const leave = live.join('fund/1', listener())
  live.join('funds', listener())
  last().open()
  last().says(joined('fund/1', '1-5'))
  leave()
  last().says({ op: 'left', room: 'fund/1' })
  live.join('fund/1', listener())
  expect(last().sent.at(-1)).toEqual({ op: 'join', room: 'fund/1', after: '1-5' })
})

test('resync reads again and goes on from there', () => {
  const a = listener()
  live.join('funds', a)
  last().open()
  last().says(joined('funds', '1-5'))
  last().says({ op: 'resync', room: 'funds', id: '2-1' })
  expect(a.onResync).toHaveBeenCalledTimes(2)
  last().breaks(1012)
  vi.advanceTimersByTime(500)
  last().open()
  expect(last().sent).toEqual([{ op: 'join', room: 'funds', after: '2-1' }])
})

test('a room that closes to us says so and is not asked for again while the connection holds', () => {
  const a = listener()
  live.join('fund/1', a)
  last().open()
  last().says({ op: 'refused', room: 'fund/1', code: 'not_found' })
  expect(a.onClosed).toHaveBeenCalledWith('not_found')
  expect(live.stateOf('fund/1')).toBe('closed')
  expect(last().sent).toHaveLength(1)
})

test('a room that the server lets go of is joined again where it was', () => {
  const a = listener()
  live.join('funds', a)
  last().open()
  last().says(joined('funds', '1-5'))
  last().says({ op: 'left', room: 'funds', code: 'unavailable' })
  expect(live.stateOf('funds')).toBe('joining')
  vi.advanceTimersByTime(2_000)
  expect(last().sent.at(-1)).toEqual({ op: 'join', room: 'funds', after: '1-5' })
  expect(a.onClosed).not.toHaveBeenCalled()
})

test('the answer to our own leaving closes nothing that was entered again', () => {
  const leave = live.join('funds', listener())
  live.join('fund/1', listener())
  last().open()
  leave()
  live.join('funds', listener())
  last().says({ op: 'left', room: 'funds' })
  last().says(joined('funds', '1-5'))
  expect(live.stateOf('funds')).toBe('joined')
})

test('a role that changed begins anew, without what was told to the old one', () => {
  live.join('funds', listener())
  last().open()
  last().says(joined('funds', '1-5'))
  last().breaks(4403)
  expect(onDoubt).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(1_000)
  last().open()
  expect(last().sent).toEqual([{ op: 'join', room: 'funds' }])
})

test('a break that lasts is late, however often it tries, until the server speaks again', () => {
  live.join('funds', listener())
  last().open()
  last().says(joined('funds', '1-5'))
  expect(liveness.get()).toMatchObject({ streams: 1, lateStreams: 0 })
  last().breaks(1006)
  expect(liveness.get()).toMatchObject({ streams: 0, lateStreams: 0 })
  for (let waited = 0; waited < 3_000; waited += 100) {
    vi.advanceTimersByTime(100)
    if (last().readyState === 0) last().breaks(1006)
  }
  expect(sockets.length).toBeGreaterThan(2)
  expect(liveness.get().lateStreams).toBe(1)
  expect(live.stateOf('funds')).toBe('late')
  vi.advanceTimersByTime(40_000)
  last().open()
  last().says(joined('funds', '1-5', true))
  expect(liveness.get().lateStreams).toBe(0)
  expect(live.stateOf('funds')).toBe('joined')
})

test('a session that is over is looked at, and so is a door that stays shut', () => {
  live.join('funds', listener())
  last().open()
  last().says(joined('funds', '1-5'))
  last().breaks(4401)
  expect(onDoubt).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(4_000)
  expect(sockets).toHaveLength(1)
  vi.advanceTimersByTime(4_000)
  last().breaks(1006)
  expect(onDoubt).toHaveBeenCalledTimes(2)
})

test('a connection that is silent after a ping is dead', () => {
  live.join('funds', listener())
  last().open()
  last().says(joined('funds', '1-5'))
  vi.advanceTimersByTime(25_000)
  expect(last().sent.at(-1)).toEqual({ op: 'ping' })
  last().says({ op: 'pong' })
  vi.advanceTimersByTime(25_000)
  vi.advanceTimersByTime(10_000)
  expect(sockets).toHaveLength(2)
  expect(sockets[0]?.readyState).toBe(3)
})

test('a hidden tab lets go of the connection and takes it up where it was', () => {
  live.join('funds', listener())
  last().open()
  last().says(joined('funds', '1-5'))
  live.pause()
  expect(last().readyState).toBe(3)
  expect(liveness.get().streams).toBe(0)
  vi.advanceTimersByTime(600_000)
  expect(sockets).toHaveLength(1)
  live.resume()
  last().open()
  expect(last().sent).toEqual([{ op: 'join', room: 'funds', after: '1-5' }])
})

test('the wait grows and is spread, is short after a drain and long after a fault of ours', () => {
  expect(waitAfter(1012, 1, 1)).toBeLessThanOrEqual(1_000)
  expect(waitAfter(1006, 1, 1)).toBe(600)
  expect(waitAfter(1006, 4, 1)).toBe(4_100)
  expect(waitAfter(1006, 50, 1)).toBe(30_100)
  expect(waitAfter(1006, 50, 0)).toBe(100)
  expect(waitAfter(1008, 1, 0)).toBe(30_000)
  expect(waitAfter(4401, 1, 0)).toBe(5_000)
})
