// A list of sentences, each with a function; the last line counts.

const tests = []

export function test(sentence, run) {
  tests.push({ sentence, run })
}

export function check(condition, message) {
  if (!condition) throw new Error(message)
}

export function equal(actual, expected, what) {
  check(
    Object.is(actual, expected),
    `${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(actual)}`,
  )
}

/** Run all tests in order; they share the server, and later ones stand on earlier ones. */
export async function runAll({ onFailure }) {
  let failed = 0
  for (const { sentence, run } of tests) {
    const begun = performance.now()
    try {
      await run()
      console.log(`ok    ${sentence} (${Math.round(performance.now() - begun)} ms)`)
    } catch (error) {
      failed++
      console.log(
        `FAIL  ${sentence}\n      ${String(error.stack ?? error).replaceAll('\n', '\n      ')}`,
      )
      await onFailure(sentence)
    }
  }
  console.log(`${tests.length - failed} passed, ${failed} failed`)
  return failed
}
