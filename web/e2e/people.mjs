import { inspect, newPerson, PASSWORD, signIn } from './console.mjs'
import { check, equal, test } from './runner.mjs'

/** Members, invites, the account. */
export function peopleTests({ browser, page, ready, demo, empty }) {
  const email = `nora.${Date.now().toString(36)}@example.test`
  let link = ''

  test('an owner invites someone and sees the link once', async () => {
    await page.goto(`/t/${empty.slug}/members`)
    await page.getByRole('table', { name: 'Members' }).getByText('you').waitFor()
    await inspect(page, 'members')
    await page.getByRole('button', { name: 'Invite', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: 'Invite someone' })
    await dialog.getByLabel('Mail address').fill(email)
    await dialog.getByLabel('Role').selectOption('member')
    await inspect(page, 'invite-form')
    await dialog.getByRole('button', { name: 'Create invite' }).click()
    link = await dialog.getByLabel('Invite link').innerText()
    check(new URL(link).hash.length > 8, `the token is not in the fragment: ${link}`)
    await inspect(page, 'invite-link')
    await dialog.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('button', { name: 'Invites' }).click()
    await page.getByRole('table', { name: 'Invites' }).getByText(email).waitFor()
    await inspect(page, 'invites')
  })

  test('the invited person accepts in another browser and is inside', async () => {
    const guest = await newPerson(browser, ready.url)
    const { pathname, hash } = new URL(link)
    await guest.goto(pathname + hash)
    await guest.getByRole('heading', { name: `Join ${empty.name}` }).waitFor()
    await guest.getByText(email).waitFor()
    await inspect(guest, 'invite-accept')
    await guest.getByLabel('Name').fill('Nora Newcomer')
    await guest.getByLabel('Choose a password').fill('short')
    await guest.getByRole('button', { name: 'Join' }).click()
    await guest.getByRole('alert').waitFor()
    equal(await guest.getByLabel('Name').inputValue(), 'Nora Newcomer', 'kept name')
    await guest.getByLabel('Choose a password').fill(PASSWORD)
    await guest.getByRole('button', { name: 'Join' }).click()
    await guest.getByRole('heading', { name: 'Funds', level: 1 }).waitFor()
    await guest.context().close()
  })

  test('a used invite says that it is no longer valid', async () => {
    const guest = await newPerson(browser, ready.url)
    const { pathname, hash } = new URL(link)
    await guest.goto(pathname + hash)
    await guest.getByRole('heading', { name: 'This invitation is no longer valid' }).waitFor()
    await guest.context().close()
  })

  test('the role of a member changes, and the last owner stays', async () => {
    await page.goto(`/t/${empty.slug}/members`)
    await page.getByLabel('Role of Nora Newcomer').selectOption('admin')
    await page.getByText('Nora Newcomer is now: Admin').waitFor()
    const own = page.getByRole('row').filter({ hasText: 'you' }).getByRole('combobox')
    await own.selectOption('member')
    await page.getByText('A tenant keeps at least one owner').waitFor()
    await own.and(page.locator(':enabled')).waitFor()
    equal(await own.inputValue(), 'owner', 'own role')
    await page
      .getByRole('region', { name: 'Messages' })
      .getByRole('button', { name: 'Close' })
      .last()
      .click()
  })

  test('a member is removed after their address was typed', async () => {
    await page.getByRole('button', { name: 'Remove Nora Newcomer' }).click()
    const dialog = page.getByRole('dialog', { name: 'Remove Nora Newcomer' })
    const remove = dialog.getByRole('button', { name: 'Remove', exact: true })
    check(await remove.isDisabled(), 'remove is possible at once')
    await dialog.getByLabel(/Type .* to confirm/).fill(email)
    await inspect(page, 'remove-member')
    await remove.click()
    await page.getByText('Nora Newcomer was removed').waitFor()
  })

  test('an investor sees the portfolio and the funds only', async () => {
    const investor = demo.users.find((user) => user.role === 'investor')
    if (!investor) return
    const guest = await newPerson(browser, ready.url)
    await guest.goto(`/sign-in?next=/t/${demo.slug}/funds`)
    await signIn(guest, investor)
    const nav = guest.getByRole('navigation', { name: 'Main navigation' })
    await nav.getByRole('link', { name: 'Funds' }).waitFor()
    equal(await nav.getByRole('link', { name: 'Imports' }).count(), 0, 'links to imports')
    equal(await nav.getByRole('link', { name: 'Members' }).count(), 0, 'links to members')
    equal(await nav.getByRole('link', { name: 'Investors' }).count(), 0, 'links to investors')
    await guest.goto(`/t/${demo.slug}/members`)
    await guest.getByRole('heading', { name: 'There is nothing here' }).waitFor()
    await guest.context().close()
  })

  test('the account lists the sessions, and speaks German when asked', async () => {
    await page.locator('body').press('g')
    await page.keyboard.press('a')
    await page.getByRole('table', { name: 'Sessions' }).getByText('this one').waitFor()
    await inspect(page, 'account')
    await page.getByRole('button', { name: 'Deutsch' }).click()
    await page.getByRole('heading', { name: 'Konto', level: 1 }).waitFor()
    equal(await page.evaluate(() => document.documentElement.lang), 'de', 'lang')
    await page.goto(`/t/${demo.slug}/funds`)
    await page
      .locator('tfoot')
      .getByText(/^Alle [\d.]+ passenden Fonds$/)
      .waitFor()
    await inspect(page, 'funds-german')
    await page.goto('/account')
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('heading', { name: 'Account', level: 1 }).waitFor()
  })

  test('a chosen theme holds over a reload', async () => {
    await page.getByRole('button', { name: 'Dark', exact: true }).click()
    await page.reload()
    equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark', 'theme')
    await page.getByRole('button', { name: 'System', exact: true }).click()
  })
}
