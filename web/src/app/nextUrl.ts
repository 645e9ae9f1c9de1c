import { isDoor } from './doorway'

/**
 * Where to go after signing in: a path of this origin or nothing.
 *
 * `//evil.example` and `/\evil.example` are other hosts to a browser though they begin with a
 * slash, and control characters are dropped before a URL is read; hence the parse, not a prefix.
 */
export function safeNext(next: string | undefined, origin = window.location.origin): string {
  if (!next?.startsWith('/')) return '/'
  let url: URL
  try {
    url = new URL(next, origin)
  } catch {
    return '/'
  }
  if (url.origin !== origin) return '/'
  // Coming back to the door would be a circle.
  if (isDoor(url.pathname)) return '/'
  return url.pathname + url.search + url.hash
}
