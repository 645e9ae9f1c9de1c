// A browser that writes down everything a reader would never see: refused styles, errors, shifts.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

import { chromium } from 'playwright-core'

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
)
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const SHIFT_MAX = 0.05

export const OUT = join(import.meta.dirname, 'out')
const SCREENSHOTS = join(import.meta.dirname, '../../docs/screenshots')

export function readReadyFile() {
  const path = process.env.UNDERPIN_READY_FILE
  if (!path) throw new Error('UNDERPIN_READY_FILE names the ready file of a running server')
  return JSON.parse(readFileSync(path, 'utf8'))
}

export async function startBrowser() {
  mkdirSync(OUT, { recursive: true })
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: FLAGS,
  })
}

/** Everything that must stay empty, over all pages of a run. */
export const seen = { csp: [], errors: [], axe: [], shifts: [], longTasks: [] }

/** A page as a new person would have it: no cookies, no storage. */
export async function newPerson(browser, baseURL, options = {}) {
  const context = await browser.newContext({
    baseURL,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    viewport: { width: 1440, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options,
  })
  await context.addInitScript(watch)
  const page = await context.newPage()
  // Only a page that fails waits so long, and a machine may be slow.
  page.setDefaultTimeout(60_000)
  page.on('pageerror', (error) => seen.errors.push(String(error)))
  page.on('console', (message) => {
    const isFault = message.type() === 'error' && !isRefusal(message)
    if (isFault && !page.expects?.test(message.text())) seen.errors.push(message.text())
  })
  return page
}

/** Chromium logs every 4xx; those that a page asks for on purpose are no fault of the console. */
function isRefusal(message) {
  const { url } = message.location()
  return (
    /status of (401|404|409|412|422|429)/.test(message.text()) &&
    new URL(url).pathname.startsWith('/v1/')
  )
}

/** Runs inside the page, before anything else. */
function watch() {
  const record = { csp: [], shift: 0, longTasks: [] }
  window.watched = record
  const sockets = []
  record.openSockets = () => sockets.filter((socket) => socket.readyState < 2).length
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given)
      sockets.push(this)
    }
  }
  document.addEventListener('securitypolicyviolation', (event) =>
    record.csp.push(
      `${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
    ),
  )
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (!entry.hadRecentInput) {
        record.shift += entry.value
        record.shifts = [
          ...(record.shifts ?? []),
          ...entry.sources.map(({ node }) => node?.className ?? node?.nodeName),
        ]
      }
    }
  }).observe({ type: 'layout-shift', buffered: true })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) record.longTasks.push(Math.round(entry.duration))
  }).observe({ type: 'longtask', buffered: true })
}

/** Take down what the page did so far, and let axe look at it in light and in dark. */
export async function inspect(page, name, { screenshot } = {}) {
  const { csp, shift, shifts, longTasks } = await page.evaluate(() => ({
    ...window.watched,
    openSockets: undefined,
  }))
  seen.csp.push(...csp.map((one) => `${name}: ${one}`))
  seen.longTasks.push(...longTasks.map((ms) => ({ name, ms })))
  if (shift > SHIFT_MAX)
    seen.shifts.push(`${name}: ${shift.toFixed(3)} by ${shifts?.slice(0, 6).join(' | ')}`)
  for (const theme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    await page.waitForTimeout(60)
    await page.screenshot({ path: join(OUT, `${name}-${theme}.png`) })
    if (screenshot && process.env.UPDATE_SCREENSHOTS) {
      mkdirSync(SCREENSHOTS, { recursive: true })
      await page.screenshot({ path: join(SCREENSHOTS, `${screenshot}-${theme}.png`) })
    }
    seen.axe.push(...(await axe(page)).map((one) => `${name} (${theme}): ${one}`))
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.waitForTimeout(100)
  // What axe itself took is not the page's.
  await page.evaluate(() => {
    window.watched.longTasks.length = 0
  })
}

async function axe(page) {
  // Evaluated over the debugger, so the policy of the page does not stand in the way.
  await page.evaluate(axeSource)
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, { resultTypes: ['violations'] }),
  )
  return violations
    .filter(({ impact }) => impact !== 'minor')
    .map(
      ({ id, impact, nodes }) =>
        `${impact} ${id}: ${nodes[0].target} ${nodes[0].failureSummary.replaceAll('\n', ' ')}`,
    )
}

export async function signIn(page, { email, password }) {
  await page.getByLabel('Mail address').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** The password of those who come to be in a test. */
export const PASSWORD = 'a quiet sentence for one'

/** Somebody new in a tenant, signed in in a browser of their own; `page` is that of an admin. */
export async function newMember(browser, page, { url }, tenant, role = 'member') {
  const name = `Newcomer ${Date.now().toString(36)}`
  const email = `${name.replace(' ', '.').toLowerCase()}@example.test`
  const { link } = await post(page, `/v1/t/${tenant.slug}/invites`, { email, role })
  const guest = await newPerson(browser, url)
  await guest.goto('/sign-in')
  const token = decodeURIComponent(new URL(link).hash.slice(1))
  await post(guest, '/v1/invites/accept', { token, name, password: PASSWORD })
  return { guest, email, name }
}

/** Ask the server as the person of the page would. */
export function post(page, path, body) {
  return page.evaluate(
    async ([to, sent]) => {
      const headers = { 'Content-Type': 'application/json' }
      const answer = await fetch(to, { method: 'POST', headers, body: JSON.stringify(sent) })
      if (!answer.ok) throw new Error(`${to}: ${answer.status} ${await answer.text()}`)
      return answer.json()
    },
    [path, body],
  )
}
