import createClient from 'openapi-fetch'

import { reached, unreachable } from './liveness'
import { offline, problemFrom } from './problem'
import type { paths } from './schema'

export const client = createClient<paths>({ fetch: noteReachability })

/** Every answer, a refusal too, proves that the server is there; a thrown fetch proves it is not. */
async function noteReachability(sent: Request): Promise<Response> {
  try {
    const response = await fetch(sent)
    reached()
    return response
  } catch (error) {
    if (!sent.signal.aborted) unreachable()
    throw error
  }
}

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The body of an answer, or its problem thrown. */
export async function unwrap<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    // A cancelled query is no failure; the query library knows its own AbortError.
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw offline()
  })
  if (!response.ok) {
    throw problemFrom(response.status, (name) => response.headers.get(name), error)
  }
  return data as T
}

/** What the server said, and the tag that a change of it has to name. */
export interface Tagged<T> {
  data: T
  etag: string
}

export async function tagged<T>(call: Promise<Answer<T>>): Promise<Tagged<T>> {
  let etag = ''
  const noted = call.then((answer) => {
    etag = answer.response.headers.get('ETag') ?? ''
    return answer
  })
  return { data: await unwrap(noted), etag }
}

interface AskOptions {
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** Ask an address that the contract of this build does not name: the list of a module's page. */
export async function ask<T>(
  method: string,
  url: string,
  { body, headers, signal }: AskOptions = {},
): Promise<T> {
  const sent = new Request(new URL(url, window.location.origin), {
    method,
    headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
    body: body === undefined ? null : JSON.stringify(body),
    signal: signal ?? null,
  })
  const answer = noteReachability(sent).then(async (response) => {
    const said: unknown = await response.json().catch(() => undefined)
    return { data: said as T, error: said, response }
  })
  return unwrap(answer)
}
