import { inspect } from './console.mjs'
import { check, equal, test } from './runner.mjs'

const FIGURES = ['committed', 'called', 'unfunded', 'distributed', 'value']
const NAMES = {
  committed: 'Commitments',
  called: 'Called',
  unfunded: 'Unfunded',
  distributed: 'Distributed',
  value: 'Value',
}

/** What the API says, asked by the page itself with its own session. */
export const ask = (page, url) =>
  page.evaluate(async (path) => (await fetch(path)).json(), url)

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0, signDisplay: 'negative' })
const shown = (amount) => whole.format(amount).replace('-', '−')
const multiple = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })

/** The six figures on the page are those of the API. */
export async function sameFigures(page, positions) {
  for (const figure of FIGURES) {
    const term = page.locator('dt', { hasText: new RegExp(`^${NAMES[figure]}$`) })
    equal(await term.locator('+ dd').innerText(), shown(positions[figure].amount), figure)
  }
  const tvpi = await page.locator('dt', { hasText: /^TVPI$/ }).locator('+ dd').innerText()
  equal(tvpi, `${multiple.format(positions.tvpi)}×`, 'tvpi')
}

const worth = ({ positions }) => Number(positions.value.amount)

/** A fund that many invest in. */
export async function sharedFund(page, slug) {
  const { items } = await ask(page, `/v1/t/${slug}/funds?limit=200&sort=-committed`)
  return items.toSorted((a, b) => b.allocations - a.allocations || worth(b) - worth(a))[0]
}

/** The fund's page and the portfolio. */
export function dashboardTests({ page, demo }) {
  test('g then p shows the portfolio with the figures of the API', async () => {
    await page.goto(`/t/${demo.slug}/funds`)
    await page.getByRole('table', { name: 'Funds' }).locator('tbody th a').first().waitFor()
    await page.locator('body').press('g')
    await page.keyboard.press('p')
    await page.getByRole('heading', { name: 'Portfolio', level: 1 }).waitFor()
    await page.getByRole('slider', { name: 'Vintage' }).waitFor()
    const all = await ask(page, `/v1/t/${demo.slug}/portfolio`)
    await sameFigures(page, all.positions)
    const rows = page.getByRole('table', { name: 'By investor' }).locator('tbody tr')
    equal(await rows.count(), all.by_investor.length, 'investors')
    await inspect(page, 'portfolio', { screenshot: 'portfolio' })
  })

  test('a chart says what it shows, is walked by keys, and is a table on demand', async () => {
    const chart = page.getByRole('group', { name: 'Over time' })
    check(/had been called/.test(await chart.locator('p').first().innerText()), 'no sentence')
    const time = chart.getByRole('slider', { name: 'Reporting date' })
    const last = await time.getAttribute('aria-valuetext')
    await time.press('Home')
    check((await time.getAttribute('aria-valuetext')) !== last, 'Home stays at the end')
    await time.press('End')
    equal(await time.getAttribute('aria-valuetext'), last, 'End')
    await chart.getByRole('button', { name: 'As a table' }).click()
    const { history } = await ask(page, `/v1/t/${demo.slug}/portfolio`)
    const table = chart.getByRole('table', { name: 'Over time' })
    equal(await table.locator('tbody tr').count(), history.length, 'rows')
    equal(await table.locator('tbody th').first().innerText(), history.at(-1).as_of, 'newest first')
    await page
      .getByRole('group', { name: 'By vintage' })
      .getByRole('button', { name: 'As a table' })
      .click()
    await inspect(page, 'portfolio-tables')
  })

  test('an earlier day stands in the URL and changes the figures', async () => {
    const { history } = await ask(page, `/v1/t/${demo.slug}/portfolio`)
    const day = history[0].as_of
    await page.goto(`/t/${demo.slug}/portfolio?as_of=${day}`)
    await page.getByText(`reported to ${day}`).waitFor()
    await sameFigures(page, history[0].positions)
    equal(await page.getByLabel('As of').inputValue(), day, 'the day in the field')
    await page.goto(`/t/${demo.slug}/portfolio?as_of=1950-01-01`)
    await page.getByText('Nothing was reported up to this day.').waitFor()
    await inspect(page, 'portfolio-empty')
    await page.getByRole('link', { name: 'Show today' }).click()
    await page.getByRole('table', { name: 'By investor' }).waitFor()
  })

  test('a fund shows its six figures, its history and its investors as the API has them', async () => {
    const { id, name } = await sharedFund(page, demo.slug)
    await page.goto(`/t/${demo.slug}/funds/${id}`)
    await page.getByRole('heading', { name, level: 1 }).waitFor()
    await page.getByRole('slider', { name: 'Reporting date' }).waitFor()
    const board = await ask(page, `/v1/t/${demo.slug}/funds/${id}/dashboard`)
    await sameFigures(page, board.positions)
    await page.getByText(`changes since ${board.previous.as_of}`).waitFor()
    const links = page.getByRole('table', { name: 'By investor' }).locator('tbody th a')
    equal(
      (await links.allInnerTexts()).join(),
      board.investors.map(({ investor }) => investor.name).join(),
      'investors by size',
    )
    await inspect(page, 'fund')
  })

  test('an investor leads to their allocation and its reports, by keys and by URL', async () => {
    const table = page.getByRole('table', { name: 'By investor' })
    await page.locator('body').press('j')
    await page.keyboard.press('Enter')
    const drawer = page.getByRole('complementary', { name: 'Allocations of an investor' })
    await drawer.getByRole('table', { name: 'Reports' }).locator('tbody th').first().waitFor()
    check(/investor=/.test(page.url()), page.url())
    const name = await table.locator('tbody th a').first().innerText()
    await drawer.getByRole('heading', { name, level: 2 }).waitFor()
    await inspect(page, 'fund-reports')
    await page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'detached' })
    await page.goBack()
    await drawer.waitFor()
    await page.goForward()
  })
}
