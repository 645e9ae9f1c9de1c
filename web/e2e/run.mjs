// Drives the console in Chromium against a running server: `UNDERPIN_READY_FILE=… npm run e2e`.
// `npm run e2e -- people live` runs those only, after signing in.
import { join } from 'node:path'

import { newPerson, OUT, readReadyFile, seen, startBrowser } from './console.mjs'
import { check, equal, runAll, test } from './runner.mjs'
import { accountTests } from './accounts.mjs'
import { administrationTests } from './administration.mjs'
import { dashboardTests } from './dashboard.mjs'
import { deletionTests } from './deleted.mjs'
import { fundTests } from './funds.mjs'
import { importTests } from './imports.mjs'
import { liveTests } from './live.mjs'
import { peopleTests } from './people.mjs'
import { sessionTests } from './session.mjs'

const ready = readReadyFile()
const browser = await startBrowser()
const page = await newPerson(browser, ready.url)
const world = { browser, page, ready, demo: ready.tenants[0], empty: ready.tenants[1] }

const SUITES = {
  funds: fundTests,
  dashboard: dashboardTests,
  live: liveTests,
  deleted: deletionTests,
  imports: importTests,
  people: peopleTests,
  accounts: accountTests,
  administration: administrationTests,
}
const asked = process.argv.slice(2)
for (const name of asked) check(name in SUITES, `there is no ${name}; there are ${Object.keys(SUITES)}`)

sessionTests(world)
for (const [name, suite] of Object.entries(SUITES)) {
  if (asked.length === 0 || asked.includes(name)) suite(world)
}

test('sign out here leads to the door and the way back asks to sign in', async () => {
  await page.getByRole('button', { name: /Account menu/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out here' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await page.goto(`/t/${world.demo.slug}/funds?q=a`)
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  equal(new URL(page.url()).searchParams.get('next'), `/t/${world.demo.slug}/funds?q=a`, 'next')
})

test('no page had an accessibility fault (axe: serious, critical, moderate)', () => none(seen.axe))
test('no page met the content security policy', () => none(seen.csp))
test('no page logged an error', () => none(seen.errors))
test('no page moved under the reader (layout shift < 0.05)', () => none(seen.shifts))

function none(list) {
  check(list.length === 0, list.join('\n'))
}

const failed = await runAll({
  onFailure: (sentence) =>
    page.screenshot({
      path: join(OUT, `failed-${sentence.slice(0, 40).replaceAll(/\W+/g, '-')}.png`),
    }),
})
const slowest = seen.longTasks.toSorted((a, b) => b.ms - a.ms).slice(0, 5)
console.log(
  `long tasks: ${seen.longTasks.length}` +
    (slowest.length
      ? `, slowest ${slowest.map(({ name, ms }) => `${ms} ms (${name})`).join(', ')}`
      : ''),
)
await browser.close()
process.exitCode = failed > 0 ? 1 : 0
