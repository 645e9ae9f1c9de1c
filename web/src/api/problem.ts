import type { FieldError, ProblemBody } from './types'

/** A refusal of the server (RFC 9457), or a failure to reach it. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly detail: string | undefined
  readonly requestId: string | undefined
  readonly fields: readonly FieldError[]
  readonly retryAfterSeconds: number | undefined

  constructor(body: ProblemBody, waitSeconds?: number) {
    super(body.title)
    this.name = 'Problem'
    this.status = body.status
    this.code = body.code
    this.detail = body.detail ?? undefined
    this.requestId = body.instance ?? undefined
    this.fields = body.errors ?? []
    this.retryAfterSeconds = waitSeconds
  }
}

/** The code of a problem that never reached the server. */
export const OFFLINE = 'offline'

export function offline(): Problem {
  return new Problem({ type: 'about:blank', title: 'offline', status: 0, code: OFFLINE })
}

/**
 * Make a problem of whatever came back: a proxy may answer 502 with HTML, and that too must read
 * like a problem.
 */
export function problemFrom(
  status: number,
  header: (name: string) => string | null,
  body: unknown,
): Problem {
  const retryAfter = retryAfterSeconds(header('Retry-After'))
  const requestId = header('X-Request-Id') ?? undefined
  if (isProblemBody(body)) {
    return new Problem({ ...body, instance: body.instance ?? requestId }, retryAfter)
  }
  const code = status === 503 || status === 502 || status === 504 ? 'unavailable' : 'internal'
  return new Problem(
    { type: 'about:blank', title: code, status, code, instance: requestId },
    retryAfter,
  )
}

/** `Retry-After` is seconds or an HTTP date (RFC 9110 §10.2.3). */
export function retryAfterSeconds(value: string | null, now = Date.now()): number | undefined {
  if (!value) return undefined
  if (/^\d+$/.test(value)) return Number(value)
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000))
}

export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : offline()
}

function isProblemBody(body: unknown): body is ProblemBody {
  return (
    typeof body === 'object' &&
    body !== null &&
    'code' in body &&
    typeof body.code === 'string' &&
    'title' in body
  )
}
