import { Problem } from './problem'

/** The first try may still be at work; its answer is worth a few seconds. */
const TRIES_MAX = 5

/**
 * Send something that must happen once, with its key, and again while the first try is at work.
 *
 * The server answers a repeated key with what it said the first time; until then it says when to
 * come again.
 */
export async function onceMore<T>(send: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await send()
    } catch (error) {
      const passes = error instanceof Problem && error.code === 'in_flight'
      if (!passes || tries === TRIES_MAX) throw error
      const seconds = error.retryAfterSeconds ?? 1
      await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
    }
  }
}

/**
 * The keys of one form: the same input has the same key, so that a second press, a retry after a
 * lost answer, and going back to what was sent before are all the same request.
 */
export function createKeys(): (input: unknown) => string {
  const keys = new Map<string, string>()
  return (input) => {
    const text = JSON.stringify(input)
    const known = keys.get(text)
    if (known) return known
    // Not randomUUID, which a page without TLS does not have.
    const bytes = crypto.getRandomValues(new Uint8Array(16))
    const key = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    keys.set(text, key)
    return key
  }
}
