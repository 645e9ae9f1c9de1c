import { readFile } from 'node:fs/promises'

import { inspect } from './console.mjs'
import { ask } from './dashboard.mjs'
import { check, equal, test } from './runner.mjs'

const DOM_ROWS_MAX = 100
const FUNDS_MIN = 1_000

/** The fund list and a fund. */
export function fundTests({ page, demo }) {
  const table = page.getByRole('table', { name: 'Funds' })
  let count = 0
  const allMatching = () => table.getByText(`All ${count.toLocaleString('en')} matching funds`)
  const names = () => table.locator('tbody th a').allInnerTexts()

  test('the fund list shows its first rows and its totals with few rows in the document', async () => {
    await page.goto(`/t/${demo.slug}/funds`)
    await table.locator('tbody th a').first().waitFor()
    const totals = await table
      .locator('tfoot')
      .getByText(/^All [\d,]+ matching funds$/)
      .innerText()
    count = Number(totals.replaceAll(/\D/g, ''))
    check(count > FUNDS_MIN, `only ${count} funds`)
    const drawn = await table.locator('tbody tr').count()
    check(drawn < DOM_ROWS_MAX, `${drawn} rows are drawn`)
    await inspect(page, 'funds', { screenshot: 'funds' })
  })

  test('scrolling to the end reads the pages in between and stays small', async () => {
    const region = page.getByRole('region', { name: 'Funds' })
    for (let step = 0; step < 60; step++) {
      await region.evaluate((element) => element.scrollTo(0, element.scrollHeight))
      if (await table.locator(`tbody tr[aria-rowindex="${count + 1}"] a`).count()) break
      await page.waitForTimeout(150)
    }
    equal(await table.locator(`tbody tr[aria-rowindex="${count + 1}"] a`).count(), 1, 'last row')
    check((await table.locator('tbody tr').count()) < DOM_ROWS_MAX, 'too many rows are drawn')
    await region.evaluate((element) => element.scrollTo(0, 0))
  })

  test('search as you type narrows the list and stands in the URL', async () => {
    await page.keyboard.press('/')
    await page.keyboard.type('black')
    await page.waitForURL(/q=black/)
    await page.waitForFunction(() => {
      const links = [...document.querySelectorAll('tbody th a')]
      return links.length > 0 && links.every((link) => /^black/i.test(link.textContent))
    })
    check((await names()).length > 1, 'nothing found')
    await page.goBack()
    await page.goForward()
    await page.getByLabel('Fund name begins with…').fill('no such fund at all')
    await page.getByText('No fund matches').waitFor()
    await inspect(page, 'funds-no-match')
    await page.getByRole('button', { name: 'Show all funds' }).click()
    await allMatching().waitFor()
  })

  test('a vintage narrows the list together with the search and stands in the URL', async () => {
    const year = page.getByLabel('Vintage')
    await year.fill('2019')
    await page.waitForURL(/vintage=2019/)
    const { count: inYear } = await ask(page, `/v1/t/${demo.slug}/funds?vintage=2019&limit=1`)
    check(inYear > 0 && inYear < count, `${inYear} of ${count}`)
    await table.getByText(`All ${inYear} matching funds`).waitFor()
    const cells = table.locator('tbody tr:not([aria-hidden]) td:nth-child(2)')
    check((await cells.allInnerTexts()).every((text) => text === '2019'), 'another vintage')
    await inspect(page, 'funds-vintage')
    const { count: both } = await ask(page, `/v1/t/${demo.slug}/funds?vintage=2019&q=a&limit=1`)
    await page.getByLabel('Fund name begins with…').fill('a')
    await table.getByText(`All ${both} matching funds`).waitFor()
    await page.reload()
    equal(await page.getByLabel('Vintage').inputValue(), '2019', 'the year after a reload')
    await page.getByLabel('Fund name begins with…').fill('')
    await page.getByLabel('Vintage').fill('')
    await allMatching().waitFor()
  })

  test('a click on a header sorts, says so, and stands in the URL', async () => {
    await page.getByRole('button', { name: 'Commitments' }).click()
    await page.waitForURL(/sort=-committed/)
    const header = page.getByRole('columnheader', { name: 'Commitments' })
    equal(await header.getAttribute('aria-sort'), 'descending', 'aria-sort')
    await page.waitForFunction(() => {
      const cells = [...document.querySelectorAll('tbody tr:not([aria-hidden]) td:nth-child(4)')]
      const amounts = cells.slice(0, 8).map((cell) => Number(cell.dataset.copy))
      return (
        amounts.length > 3 && amounts.every((amount, at) => at === 0 || amount <= amounts[at - 1])
      )
    })
  })

  test('keys walk the rows and copy a cell', async () => {
    await page.locator('body').press('j')
    await page.keyboard.press('j')
    await page.waitForFunction(() => document.activeElement?.closest('tr')?.dataset.index === '1')
    for (let step = 0; step < 3; step++) await page.keyboard.press('l')
    await page.keyboard.press('c')
    await page.getByText(/^Copied \d/).waitFor()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    check(/^\d+\.\d{2}$/.test(copied), `copied ${copied}`)
  })

  test('a fund opens beside the list, and as a page', async () => {
    await page.keyboard.press('Enter')
    const drawer = page.getByRole('complementary', { name: 'Fund details' })
    await drawer.getByRole('heading', { level: 2 }).first().waitFor()
    await drawer.getByText('By investor').waitFor()
    await drawer
      .locator('tfoot')
      .getByText(/allocation/)
      .waitFor()
    await inspect(page, 'fund-drawer')
    await drawer.getByRole('link', { name: 'Open as page' }).click()
    await page.getByRole('heading', { level: 1 }).waitFor()
    check(/\/funds\/[0-9a-f-]{36}/.test(page.url()), page.url())
    await page
      .locator('tfoot')
      .getByText(/investor/)
      .waitFor()
    await inspect(page, 'fund')
    await page.goBack()
    await drawer.waitFor()
    await page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'detached' })
    await page.waitForFunction(() => document.activeElement?.closest('tr')?.dataset.index === '1')
  })

  test('back from a fund finds the list where it was', async () => {
    const region = page.getByRole('region', { name: 'Funds' })
    await region.evaluate((element) => element.scrollTo(0, 3200))
    await table.locator('tr[data-index="105"] a').waitFor()
    await page.waitForTimeout(200)
    await page.locator('body').press('g')
    await page.keyboard.press('v')
    await page.getByRole('heading', { name: 'Investors', level: 1 }).waitFor()
    await page.goBack()
    await table.locator('tbody th a').first().waitFor()
    await page.waitForFunction(
      () => document.querySelector('[role=region][aria-label=Funds]')?.scrollTop === 3200,
    )
  })

  test('the CSV has every matching fund', async () => {
    await page.goto(`/t/${demo.slug}/funds`)
    await allMatching().waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'CSV' }).click(),
    ])
    const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n')
    equal(lines.length, count + 1, 'lines with the header')
  })

  test('the palette finds a fund by the beginning of its name, and the help lists the keys', async () => {
    await page.keyboard.press('Control+k')
    const palette = page.getByRole('dialog', { name: 'Search' })
    await palette.getByRole('combobox').fill('kkr')
    await palette.getByRole('option', { name: /^KKR/i }).first().waitFor()
    await inspect(page, 'palette')
    await page.keyboard.press('Escape')
    await palette.waitFor({ state: 'detached' })
    await page.locator('body').press('?')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    await inspect(page, 'shortcuts')
    await page.keyboard.press('Escape')
  })

  test('g then v shows the investors with their totals', async () => {
    await page.locator('body').press('g')
    await page.keyboard.press('v')
    await page.getByRole('heading', { name: 'Investors', level: 1 }).waitFor()
    await page
      .locator('tfoot')
      .getByText(/^All \d+ investors$/)
      .waitFor()
    await inspect(page, 'investors')
  })
}
