const DOORS = ['/sign-in', '/invite', '/reset', '/dev/mail']

/** Pages for people who are not signed in. They are a document of their own, without the router. */
export function isDoor(pathname: string): boolean {
  return DOORS.includes(pathname.replace(/\/$/, ''))
}

/**
 * Leave the console for the sign-in page and come back to `next` from there.
 *
 * The document is left, not only the page: nothing that was read in this session stays in memory.
 */
export function leaveForDoor(next?: string): void {
  const query = next && next !== '/' ? `?${new URLSearchParams({ next })}` : ''
  window.location.assign(`/sign-in${query}`)
}
