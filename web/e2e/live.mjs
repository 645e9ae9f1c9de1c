import { inspect, newPerson, signIn } from './console.mjs'
import { ask, sameFigures, sharedFund } from './dashboard.mjs'
import { check, equal, test } from './runner.mjs'

/** A colleague's change is on the other screen by then, without a reload; how soon is measured and printed. */
const SEEN_MS = 10_000

const dialog = (page) => page.getByRole('dialog')

/** Save, and wait until the server has said that it is so. */
async function save(page, name = 'Save') {
  await dialog(page).getByRole('button', { name }).click()
  await dialog(page).waitFor({ state: 'detached' })
}
async function correct(page, investor, value) {
  const table = page.getByRole('table', { name: 'By investor' })
  await table.getByRole('link', { name: investor, exact: true }).click()
  const drawer = page.getByRole('complementary')
  await drawer.getByRole('button', { name: /Correct the report/ }).first().click()
  await dialog(page).getByLabel('Value').fill(value)
  await save(page)
}

/** Two people on two instances, and one from outside. */
export function liveTests({ browser, ready, demo }) {
  const [one, two = one] = ready.instances
  const person = (role) => demo.users.find((user) => user.role === role)
  const world = {}

  /** Someone on the page of the shared fund, on an instance of their own. */
  async function onFund(role, instance) {
    const page = await newPerson(browser, instance.url)
    await page.goto(`/sign-in?next=/t/${demo.slug}/funds`)
    await signIn(page, person(role))
    await page.getByRole('heading', { name: 'Funds', level: 1 }).waitFor()
    world.fund ??= await sharedFund(page, demo.slug)
    await page.goto(`/t/${demo.slug}/funds/${world.fund.id}`)
    await page.getByRole('heading', { name: world.fund.name, level: 1 }).waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
    // A reload would bring the change as well; this mark would then be gone.
    await page.evaluate(() => {
      window.neverReloaded = true
    })
    return page
  }
  test('Ada changes the manager on one instance and Ben sees it on the other without a reload', async () => {
    world.ada = await onFund('owner', one)
    world.ben = await onFund('member', two)
    const { ada, ben } = world
    const manager = `${world.fund.manager ?? 'Harbor'} & Co.`
    await ada.getByRole('button', { name: 'Edit fund' }).click()
    await inspect(ada, 'edit-fund')
    await dialog(ada).getByLabel('Manager').fill(manager)
    await save(ada)
    const begun = performance.now()
    await ben.getByText(manager, { exact: false }).first().waitFor({ timeout: SEEN_MS })
    console.log(`      seen ${Math.round(performance.now() - begun)} ms after the answer`)
    await ben.getByText('Ada Okafor changed manager').waitFor()
    check(await ben.evaluate(() => window.neverReloaded), 'the page was reloaded')
  })

  test('a corrected value reaches the figures of the other screen and is marked there', async () => {
    const { ada, ben, fund } = world
    await ben.emulateMedia({ reducedMotion: 'no-preference' })
    const before = await ben.locator('dt', { hasText: /^Value$/ }).locator('+ dd').innerText()
    await correct(ada, 'CalSTRS', '777,123,456.25')
    await ben.waitForFunction(
      (old) => {
        const value = [...document.querySelectorAll('dt')].find((dt) => dt.textContent === 'Value')
        return value?.nextElementSibling.textContent !== old
      },
      before,
      { timeout: SEEN_MS },
    )
    check((await ben.locator('dd .glow, dd .glow-again').count()) > 0, 'no figure is marked')
    await ben.locator('tbody td', { hasText: '777,123,456' }).waitFor()
    const board = await ask(ben, `/v1/t/${demo.slug}/funds/${fund.id}/dashboard`)
    await sameFigures(ben, board.positions)
    await ben.getByText('Ada Okafor changed an allocation').waitFor()
    await inspect(ben, 'fund-live', { screenshot: 'fund' })
    await ada.keyboard.press('Escape')
  })

  test('however many rooms a page is in, a tab has one connection', async () => {
    const { ben } = world
    const open = () => ben.evaluate(() => window.watched.openSockets())
    equal(await open(), 1, 'connections')
    await ben.getByRole('link', { name: 'Portfolio' }).click()
    await ben.getByRole('heading', { name: 'Portfolio', level: 1 }).waitFor()
    await ben.goBack()
    await ben.getByRole('heading', { name: world.fund.name, level: 1 }).waitFor()
    equal(await open(), 1, 'connections after a walk')
  })

  test('who saves over a change of somebody else is shown it and keeps what they typed', async () => {
    const { ada, fund } = world
    const other = await ada.context().newPage()
    await other.goto(`/t/${demo.slug}/funds/${fund.id}`)
    await ada.getByRole('button', { name: 'Edit fund' }).click()
    await dialog(ada).getByLabel('Strategy').fill('Large buyout')
    await other.getByRole('button', { name: 'Edit fund' }).click()
    await dialog(other).getByLabel('Vintage').fill('1999')
    await dialog(other).getByLabel('Strategy').fill('Growth')
    await save(other)
    await other.close()
    await dialog(ada).getByRole('button', { name: 'Save' }).click()
    await dialog(ada).getByText('Somebody else has changed this meanwhile').waitFor()
    await dialog(ada).getByText(/Strategy: .* is now Growth; you wrote Large buyout/).waitFor()
    equal(await dialog(ada).getByLabel('Strategy').inputValue(), 'Large buyout', 'what was typed')
    equal(await dialog(ada).getByLabel('Vintage').inputValue(), '1999', 'what was not touched')
    await inspect(ada, 'edit-conflict')
    await save(ada, 'Save anyway')
    await ada.getByText(/Large buyout · vintage 1999/).waitFor()
  })

  test('an amount is read as it is pasted, and what cannot be read takes the focus', async () => {
    const { ada } = world
    await ada.getByRole('button', { name: 'New allocation' }).click()
    const form = dialog(ada)
    await form.getByLabel('Commitment').fill('1.234,50')
    await form.getByText('Read as 1,234.50 USD').waitFor()
    await form.getByLabel('Called').fill('12,34,567')
    await form.getByText('Read as 1,234,567.00 USD').waitFor()
    await form.getByLabel('Value').fill('a lot')
    await ada.keyboard.press('Control+Enter')
    await ada.waitForFunction(() => document.activeElement?.getAttribute('role') === 'alert')
    await form.getByRole('button', { name: /Value is no amount/ }).click()
    await ada.waitForFunction(() => document.activeElement?.name === 'report.value')
    equal(await form.getByLabel('Commitment').inputValue(), '1.234,50', 'kept amount')
    await inspect(ada, 'new-allocation')
    await form.getByRole('button', { name: 'Cancel' }).click()
  })

  test('a fund whose answer was lost is created once', async () => {
    const { ada } = world
    const name = `Once Fund ${Date.now().toString(36)}`
    const keys = []
    ada.expects = /ERR_FAILED/
    await ada.goto(`/t/${demo.slug}/funds`)
    await ada.route('**/funds', async (route) => {
      const request = route.request()
      if (request.method() !== 'POST') return route.continue()
      keys.push(request.headers()['idempotency-key'])
      const answer = await route.fetch()
      // The server has done it; the first answer never arrives.
      return keys.length === 1 ? route.abort() : route.fulfill({ response: answer })
    })
    await ada.getByRole('button', { name: 'New fund' }).click()
    await dialog(ada).getByLabel('Name').fill(name)
    await inspect(ada, 'new-fund')
    await dialog(ada).getByRole('button', { name: 'Create' }).click()
    await dialog(ada).getByText('The server was not reached').waitFor()
    equal(await dialog(ada).getByLabel('Name').inputValue(), name, 'kept name')
    await dialog(ada).getByRole('button', { name: 'Create' }).click()
    await ada.getByRole('heading', { name, level: 1 }).waitFor()
    equal(keys.length, 2, 'requests')
    equal(keys[0], keys[1], 'the key of the retry')
    await ada.unroute('**/funds')
    const { items } = await ask(ada, `/v1/t/${demo.slug}/funds?q=${encodeURIComponent(name)}`)
    equal(items.length, 1, 'funds of this name')
    await inspect(ada, 'fund-empty')
  })

  test('Ines sees her own rows only, and hears of her own changes only', async () => {
    const ines = await onFund('investor', two)
    const { ben, fund } = world
    await inspect(ines, 'fund-investor')
    const board = await ask(ines, `/v1/t/${demo.slug}/funds/${fund.id}/dashboard`)
    await sameFigures(ines, board.positions)
    const own = ines.getByRole('table', { name: 'Your allocations' })
    equal(await own.locator('tbody tr').count(), 1, 'allocations')
    const investor = await own.locator('tbody th').innerText()
    equal(await ines.getByRole('button', { name: /Edit|New/ }).count(), 0, 'ways to change')
    await correct(ben, 'CalSTRS', '77,123,457')
    await ben.keyboard.press('Escape')
    await correct(ben, investor, '55,000,001')
    await own.locator('tbody td', { hasText: '55,000,001' }).waitFor({ timeout: SEEN_MS })
    equal(await ines.locator('ol li').count(), 1, 'changes heard of')
    await own.getByRole('link').click()
    const drawer = ines.getByRole('complementary')
    await drawer.getByText('By hand').waitFor()
    equal(await drawer.getByRole('button', { name: /Correct|New/ }).count(), 0, 'ways to correct')
    await ines.goto(`/t/${demo.slug}`)
    await ines.getByRole('heading', { name: 'Portfolio', level: 1 }).waitFor()
    const all = await ask(ines, `/v1/t/${demo.slug}/portfolio`)
    await ines.getByRole('slider', { name: 'Vintage' }).waitFor()
    await sameFigures(ines, all.positions)
    equal(all.investors, 1, 'investors')
    await inspect(ines, 'portfolio-investor')
    await ines.goto(`/t/${demo.slug}/investors`)
    await ines.getByRole('heading', { name: 'There is nothing here' }).waitFor()
    await ines.context().close()
  })

  test('a connection that breaks is said to be late, comes back and misses nothing', async () => {
    const { ada, ben, fund } = world
    await ada.goto(`/t/${demo.slug}/funds/${fund.id}`)
    await ben.context().setOffline(true)
    ben.expects = /ERR_INTERNET_DISCONNECTED|WebSocket/
    await ben.evaluate(() => window.dispatchEvent(new Event('offline')))
    await correct(ada, 'CalSTRS', '77,123,458')
    await ben.context().setOffline(false)
    await ben.locator('tbody td', { hasText: '77,123,458' }).waitFor()
    await world.ada.context().close()
    await world.ben.context().close()
  })
}
