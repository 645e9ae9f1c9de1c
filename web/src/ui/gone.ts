import { Problem } from '../api/problem'

/** It is no longer there for the reader: what was read of it before must not stay in sight. */
export const isGone = (error: Error | null): boolean =>
  error instanceof Problem && (error.status === 404 || error.status === 403)
