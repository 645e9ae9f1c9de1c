// How long the tests of pages wait for what should come at once: only one that fails waits so long, and a machine may be slow.
if (typeof document !== 'undefined') {
  const { configure } = await import('@testing-library/react')
  configure({ asyncUtilTimeout: 60_000 })
}

export {}
