import { inspect, newPerson, signIn } from './console.mjs'
import { ask } from './dashboard.mjs'
import { check, equal, test } from './runner.mjs'

/** Somebody else's screen has it by then. */
const SEEN_MS = 2_000

/** Make something as the person of the page would. */
const make = (page, path, body) =>
  page.evaluate(
    async ([to, sent]) => {
      const headers = {
        'Content-Type': 'application/json',
        'Idempotency-Key': crypto.randomUUID(),
      }
      const answer = await fetch(to, { method: 'POST', headers, body: JSON.stringify(sent) })
      if (!answer.ok) throw new Error(`${to}: ${answer.status} ${await answer.text()}`)
      return answer.json()
    },
    [path, body],
  )

/** What was deleted, and the ways back. */
export function deletionTests({ browser, page, ready, demo, empty }) {
  const stamp = Date.now().toString(36)
  const api = `/v1/t/${demo.slug}`
  const pages = `/t/${demo.slug}`
  const dialog = page.getByRole('dialog')
  const world = {}

  test('a fund is deleted after its consequences were read, and is back by Undo', async () => {
    await page.goto(`${pages}/funds`)
    await page.getByRole('heading', { name: 'Funds', level: 1 }).waitFor()
    const names = { fund: `Passing Fund ${stamp}`, investor: `Passing Investor ${stamp}` }
    const fund = await make(page, `${api}/funds`, { name: names.fund, currency: 'USD' })
    const investor = await make(page, `${api}/investors`, { name: names.investor })
    const report = { as_of: '2024-06-30', commitment: '1000.00', value: '1200.00' }
    const body = { investor_id: investor.id, report }
    const allocation = await make(page, `${api}/funds/${fund.id}/allocations`, body)
    Object.assign(world, { names, fund, investor, allocation })

    await page.goto(`${pages}/funds/${fund.id}`)
    await page.getByRole('button', { name: 'Delete…' }).click()
    await page.getByRole('dialog', { name: `Delete ${names.fund}` }).waitFor()
    await dialog.getByText('With the fund go its 1 allocation').waitFor()
    await dialog.getByText('For 30 days it can be restored').waitFor()
    await inspect(page, 'delete-fund')
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText(`${names.fund} was deleted`).waitFor()
    await page.getByRole('heading', { name: 'Funds', level: 1 }).waitFor()
    await inspect(page, 'deleted-undo')
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText(`${names.fund} is back, with its allocations`).waitFor()
    equal((await ask(page, `${api}/funds/${fund.id}`)).allocations, 1, 'allocations')
  })

  test('a colleague on the page of a fund sees who deleted it, restores it, and is where they were', async () => {
    const { names, fund } = world
    const ben = await newPerson(browser, (ready.instances[1] ?? ready.instances[0]).url)
    await ben.goto(`/sign-in?next=${pages}/funds/${fund.id}`)
    await signIn(ben, demo.users.find(({ role }) => role === 'member'))
    await ben.getByRole('heading', { name: names.fund, level: 1 }).waitFor()
    await ben.getByText('Live', { exact: true }).waitFor()
    await ben.evaluate(() => {
      window.neverReloaded = true
    })
    await page.goto(`${pages}/funds/${fund.id}`)
    await page.getByRole('button', { name: 'Delete…' }).click()
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText(`${names.fund} was deleted`).waitFor()
    await ben
      .getByText(`${names.fund} was deleted by Ada Okafor`)
      .waitFor({ timeout: SEEN_MS })
    await inspect(ben, 'fund-deleted')
    await ben.getByRole('button', { name: 'Restore' }).click()
    await ben.getByRole('heading', { name: names.fund, level: 1 }).waitFor()
    await ben.getByRole('table', { name: 'By investor' }).getByText(names.investor).waitFor()
    check(await ben.evaluate(() => window.neverReloaded), 'the page was reloaded')
    await ben.context().close()
  })

  test('an allocation is deleted from its drawer and restored on the page of what was deleted', async () => {
    const { names, fund, investor } = world
    await page.goto(`${pages}/funds/${fund.id}?investor=${investor.id}`)
    const drawer = page.getByRole('complementary')
    await drawer.getByRole('table', { name: 'Reports' }).locator('tbody th').first().waitFor()
    await drawer.getByRole('button', { name: 'Delete…' }).click()
    await dialog.getByText(`With the allocation to ${names.fund}`).waitFor()
    await inspect(page, 'delete-allocation')
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
    await drawer.waitFor({ state: 'detached' })
    equal((await ask(page, `${api}/funds/${fund.id}`)).allocations, 0, 'allocations')

    await page.locator('body').press('g')
    await page.keyboard.press('d')
    await page.getByRole('heading', { name: 'Deleted', level: 1 }).waitFor()
    const row = page.getByRole('row').filter({ hasText: names.investor })
    await row.getByText(`of ${names.fund}`).waitFor()
    await row.getByText('Ada Okafor').waitFor()
    await inspect(page, 'deleted')
    await row.getByRole('button', { name: `Restore ${names.investor}` }).click()
    await row.waitFor({ state: 'detached' })
    equal((await ask(page, `${api}/funds/${fund.id}`)).allocations, 1, 'allocations')
  })

  test('an investor with allocations is not deleted, and says why; one without is', async () => {
    const { names } = world
    const other = `Lonely Investor ${stamp}`
    await page.goto(`${pages}/investors`)
    await make(page, `${api}/investors`, { name: other })
    await page.getByRole('button', { name: `Delete ${names.investor}…` }).click()
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
    await dialog.getByText('The investor has allocations').waitFor()
    await inspect(page, 'delete-investor-in-use')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: `Delete ${other}…` }).click()
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText(`${other} was deleted`).waitFor()
    await page.getByRole('row').filter({ hasText: other }).waitFor({ state: 'detached' })
  })

  test('where nothing is deleted the page says what would be there', async () => {
    await page.goto(`/t/${empty.slug}/deleted`)
    await page.getByText('Nothing is deleted').waitFor()
    await inspect(page, 'deleted-empty')
  })
}
