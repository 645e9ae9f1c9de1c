// Walks the guide to the end in Chromium: `UNDERPIN_READY_FILE=… node web/e2e/guide.mjs`, beside the notes of examples/notes.
import { inspect, newPerson, readReadyFile, seen, signIn, startBrowser } from './console.mjs'
import { check, equal, runAll, test } from './runner.mjs'

const { url, instances, tenants } = readReadyFile()
const [{ slug, users }] = tenants
const owner = users.find(({ role }) => role === 'owner')
const browser = await startBrowser()

/** The owner on the page of notes, on an instance. */
async function onNotes(address) {
  const page = await newPerson(browser, address)
  await page.goto(`/sign-in?next=/t/${slug}/p/notes`)
  await signIn(page, owner)
  await page.getByRole('heading', { name: 'Notes', level: 1 }).waitFor()
  return page
}

const row = (page, text) => page.getByRole('row').filter({ hasText: text })

test('a note that is written on one instance is a row with its words counted, there and on the other', async () => {
  const [one, two = one] = instances
  const [writer, reader] = [await onNotes(one.url), await onNotes(two.url)]
  await writer.getByRole('button', { name: /^(New|Create|Add)/ }).click()
  const dialog = writer.getByRole('dialog')
  await dialog.getByLabel('Note').fill('three small words')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await dialog.waitFor({ state: 'detached' })
  for (const page of [writer, reader]) {
    await row(page, 'three small words').getByText('3', { exact: true }).waitFor()
  }
  if (process.env.GUIDE_BEGAN) {
    const seconds = (Date.now() - Number(process.env.GUIDE_BEGAN) * 1000) / 1000
    console.log(`from the empty file to a row on a page: ${seconds.toFixed(1)} s`)
  }
  await inspect(writer, 'notes')
})

test('what is missing is said at the field', async () => {
  const page = await onNotes(url)
  await page.getByRole('button', { name: /^(New|Create|Add)/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await dialog.getByText(/Note/).first().waitFor()
  equal(await dialog.count(), 1, 'dialogs')
})

test('no page had a fault', () => {
  for (const list of [seen.axe, seen.csp, seen.errors, seen.shifts]) {
    check(list.length === 0, list.join('\n'))
  }
})

const failed = await runAll({
  onFailure: async () => {},
})
await browser.close()
process.exitCode = failed > 0 ? 1 : 0
