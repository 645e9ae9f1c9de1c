import { inspect } from './console.mjs'
import { check, equal, test } from './runner.mjs'

const HEADER =
  'pension_fund_name,fund_name,vintage_year,commitment_mm,capital_called_mm,remaining_value_mm,as_of_date,source_url'
const ROWS = 120_000
const BAD_EVERY = 10_000
// So many commitments, reported once a year.
const COMMITMENTS = 6_000

/** A file of position reports with some rows that have to be refused. */
function positionFile() {
  const lines = [HEADER]
  for (let row = 1; row <= ROWS; row++) {
    const commitment = row % BAD_EVERY === 0 ? 'n/a' : (10 + (row % 90)).toFixed(1)
    const fund = Math.floor((row % COMMITMENTS) / 4)
    const year = 2000 + Math.floor(row / COMMITMENTS)
    lines.push(
      `Investor ${row % 4},Harbor Fund ${fund},1999,${commitment},5.5,7.25,${year}-03-31,https://example.test/${row}`,
    )
  }
  return Buffer.from(lines.join('\n') + '\n')
}

/** From a file to its findings. */
export function importTests({ page, empty }) {
  test('an empty tenant says what will appear and how', async () => {
    await page.goto(`/t/${empty.slug}/funds`)
    await page.getByText('No funds yet').waitFor()
    await inspect(page, 'funds-empty')
    await page.getByRole('link', { name: 'Import a file' }).click()
    await page.getByRole('heading', { name: 'Imports', level: 1 }).waitFor()
    await page.getByText('No imports yet').waitFor()
    await inspect(page, 'imports-empty')
  })

  test('a file with semicolons is refused before anything is sent', async () => {
    await page.getByLabel('Choose a file').setInputFiles({
      name: 'semicolons.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('investor;fund;as_of;commitment\nA;B;2025-01-01;1\n'),
    })
    await page.getByText(/separated by semicolons/).waitFor()
    check(
      await page.getByRole('button', { name: 'Start import' }).isDisabled(),
      'start is possible',
    )
    await inspect(page, 'import-refused')
  })

  test('a dropped file shows its first rows and its recognised columns', async () => {
    await page.getByRole('button', { name: 'Cancel' }).click()
    const transfer = await page.evaluateHandle((text) => {
      const data = new DataTransfer()
      data.items.add(new File([text], 'harbor-positions.csv', { type: 'text/csv' }))
      return data
    }, positionFile().toString())
    await page.dispatchEvent('main', 'drop', { dataTransfer: transfer })
    const table = page.getByRole('table', { name: 'The first 20 rows' })
    await table.waitFor()
    equal(await table.locator('tbody tr').count(), 20, 'rows shown')
    await table.getByText('Commitment, millions').waitFor()
    await page.getByText('One column is passed over: source_url').waitFor()
    await inspect(page, 'import-preview')
  })

  test('the import starts, moves by itself, and goes on while its page is left', async () => {
    await page.getByRole('button', { name: 'Start import' }).click()
    await page.waitForURL(/imports\/[0-9a-f-]{36}/)
    const url = page.url()
    await page.getByRole('heading', { name: 'harbor-positions.csv' }).waitFor()
    const bar = page.getByRole('progressbar')
    await bar.waitFor()
    await page.getByRole('link', { name: 'Funds' }).click()
    await page.getByRole('heading', { name: 'Funds', level: 1 }).waitFor()
    await page.goto(url)
    await page.waitForFunction(
      () => Number(document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow')) > 0,
    )
    await inspect(page, 'import-running', { screenshot: 'import' })
  })

  test('the finished import counts what it did and lists what it refused', async () => {
    await page.getByText('Done', { exact: true }).waitFor({ timeout: 600_000 })
    const count = (name) =>
      page.locator('dt', { hasText: name }).first().locator('+ dd').innerText()
    equal(await count('Read'), '120,000', 'read')
    equal(await count('Refused'), String(ROWS / BAD_EVERY), 'refused')
    const findings = page.getByRole('table', { name: 'Findings' })
    await findings.getByText('not_a_number').first().waitFor()
    check((await findings.getByText('n/a').count()) > 0, 'the value is not shown')
    await inspect(page, 'import')
    await page.getByRole('button', { name: 'Warnings' }).click()
    await page.waitForURL(/severity=warning/)
    await page.getByRole('button', { name: 'Errors' }).click()
    await findings.getByText('not_a_number').first().waitFor()
  })

  test('the list of imports has it and the funds have come in', async () => {
    await page.getByRole('link', { name: 'All imports' }).click()
    await page.getByRole('link', { name: 'harbor-positions.csv' }).waitFor()
    await inspect(page, 'imports')
    await page.getByRole('link', { name: 'Funds' }).click()
    await page.locator('tfoot').getByText('All 1,500 matching funds').waitFor()
  })
}
