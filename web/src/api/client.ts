import createClient from 'openapi-fetch'

import { reached, unreachable } from './liveness'
import { offline, problemFrom } from './problem'
import type { paths } from './schema'

export const client = createClient<paths>({ fetch: noteReachability })

/** Every answer, a refusal too, proves that the server is there; a thrown fetch proves it is not. */
async function noteReachability(request: Request): Promise<Response> {
  try {
    const response = await fetch(request)
    reached()
    return response
  } catch (error) {
    if (!request.signal.aborted) unreachable()
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
