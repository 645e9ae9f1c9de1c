// How long the tests of pages wait for what should come at once: only one that fails waits so long, and a machine may be slow.
export const PATIENCE_MS = 60_000

if (typeof document !== 'undefined') {
  const { configure } = await import('@testing-library/react')
  configure({ asyncUtilTimeout: PATIENCE_MS })
}
