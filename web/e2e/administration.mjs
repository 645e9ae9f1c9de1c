import { inspect, newMember } from './console.mjs'
import { check, equal, test } from './runner.mjs'

/** What owners and admins look after: invites, the last owner, API keys, the audit trail. */
export function administrationTests({ browser, page, ready, demo, empty }) {
  test('an open invite is sent again, and the link before it ends', async () => {
    const email = `otto.${Date.now().toString(36)}@example.test`
    await page.goto(`/t/${empty.slug}/members?view=invites`)
    await page.getByRole('button', { name: 'Invite', exact: true }).click()
    const first = page.getByRole('dialog', { name: 'Invite someone' })
    await first.getByLabel('Mail address').fill(email)
    await first.getByRole('button', { name: 'Create invite' }).click()
    const old = await first.getByLabel('Invite link').innerText()
    await first.getByText(`A mail with this link is on its way to ${email}`).waitFor()
    await first.getByRole('button', { name: 'Done' }).click()

    await page.getByRole('button', { name: `Send again… to ${email}` }).click()
    const again = page.getByRole('dialog', { name: `Invite ${email} again` })
    await again.getByLabel('Role').selectOption('admin')
    await inspect(page, 'invite-again')
    await again.getByRole('button', { name: 'Create invite' }).click()
    const link = await again.getByLabel('Invite link').innerText()
    check(link !== old, 'the link is the old one')
    await again.getByRole('button', { name: 'Done' }).click()
    const row = page.getByRole('row').filter({ hasText: email })
    await row.getByText('Admin').waitFor()
    equal(await row.count(), 1, 'open invites of the address')

    await page.getByRole('button', { name: `Revoke the invite of ${email}` }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click()
    await page.getByText(`The invite of ${email} was revoked`).waitFor()
  })

  test('the last owner is not removed, and the dialog says why and what to do', async () => {
    await page.goto(`/t/${empty.slug}/members`)
    const own = page.getByRole('row').filter({ hasText: 'you' })
    const email = await own.getByRole('cell').first().innerText()
    await own.getByRole('button', { name: /^Remove/ }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel(/Type .* to confirm/).fill(email)
    await dialog.getByRole('button', { name: 'Remove', exact: true }).click()
    const alert = dialog.getByRole('alert')
    await alert.getByText('A tenant keeps at least one owner').waitFor()
    await alert.getByText('Make someone else an owner first').waitFor()
    await inspect(page, 'last-owner')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await own.waitFor()
  })

  test('an API key is made with scopes, shown once, works as far as they go, and is revoked', async () => {
    await page.goto(`/t/${empty.slug}/keys`)
    await page.getByText('No API keys').waitFor()
    await inspect(page, 'keys-none')
    await page.getByRole('button', { name: 'New key' }).click()
    const dialog = page.getByRole('dialog', { name: 'New API key' })
    await dialog.getByLabel('Name').fill('Nightly report')
    await dialog.getByRole('button', { name: 'Make key' }).click()
    await dialog.getByRole('alert').waitFor()
    equal(await dialog.getByLabel('Name').inputValue(), 'Nightly report', 'kept name')
    await dialog.getByLabel('funds: read').check()
    await dialog.getByLabel('Ends').selectOption('In 30 days')
    await inspect(page, 'key-form')
    await dialog.getByRole('button', { name: 'Make key' }).click()
    const shown = dialog.getByLabel('API key', { exact: true })
    await shown.waitFor()
    await inspect(page, 'key-made')
    const key = await shown.innerText()
    await dialog.getByRole('button', { name: 'Copy key' }).click()
    equal(await page.evaluate(() => navigator.clipboard.readText()), key, 'copied')
    await dialog.getByRole('button', { name: 'Done' }).click()

    const ask = async (path) => {
      const headers = { Authorization: `Bearer ${key}` }
      return (await fetch(`${ready.url}/v1/t/${empty.slug}${path}`, { headers })).status
    }
    equal(await ask('/funds'), 200, 'with a scope')
    equal(await ask('/members'), 403, 'without a scope')
    const row = page.getByRole('table', { name: 'API keys' }).getByRole('row', { name: /Nightly/ })
    await row.getByText('funds:read').waitFor()
    await inspect(page, 'keys')
    await row.getByRole('button', { name: 'Revoke the key Nightly report' }).click()
    await inspect(page, 'key-revoke')
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click()
    await page.getByText('The key Nightly report was revoked').waitFor()
    await page.getByText('No API keys').waitFor()
    equal(await ask('/funds'), 401, 'after it was revoked')
  })

  test('the audit trail says who did what, opens an entry by its address, and that its chain is whole', async () => {
    await page.goto(`/t/${empty.slug}/trail`)
    const table = page.getByRole('table', { name: 'Audit trail' })
    const revoked = table.getByRole('row').filter({ hasText: 'API key revoked' }).first()
    await revoked.getByText('name Nightly report').waitFor()
    await page.getByRole('status').getByText(/^Whole: \d+ entries$/).waitFor()
    await inspect(page, 'trail')
    await revoked.getByRole('link').click()
    const entry = page.getByRole('complementary')
    await entry.getByRole('heading', { name: 'API key revoked' }).waitFor()
    await inspect(page, 'trail-entry')
    equal((await entry.getByLabel('Hash', { exact: true }).locator('code').innerText()).length, 64, 'hash')
    await page.reload()
    await entry.getByRole('heading', { name: 'API key revoked' }).waitFor()
    await page.keyboard.press('Escape')
    await entry.waitFor({ state: 'detached' })

    // What somebody does now stands there without a reload.
    const { guest, name } = await newMember(browser, page, ready, empty)
    const joined = table.getByRole('row').filter({ hasText: 'Member joined' })
    await joined.getByText(`Platform, for ${name}`).waitFor()
    await guest.goto(`/t/${empty.slug}/trail`)
    await guest.getByRole('heading', { name: 'There is nothing here' }).waitFor()
    const nav = guest.getByRole('navigation', { name: 'Main navigation' })
    equal(await nav.getByRole('link', { name: 'Audit trail' }).count(), 0, 'links for a member')
    await guest.context().close()
  })

  test('a chain that is broken is said in words, with the place', async () => {
    const broken = { whole: false, entries: null, head: null, broken_at: '3', fault: 'changed' }
    const url = `**/v1/t/${empty.slug}/audit-trail/proof`
    await page.route(url, (route) => route.fulfill({ json: broken }))
    await page.goto(`/t/${empty.slug}/trail`)
    await page.getByRole('alert').getByText('Entry 3 is not as it was written').waitFor()
    await page.getByRole('table', { name: 'Audit trail' }).getByText('Member joined').first().waitFor()
    await inspect(page, 'trail-broken')
    await page.unroute(url)
  })

  test('a platform without funds lists no page of theirs and begins elsewhere', async () => {
    const url = `**/v1/t/${demo.slug}`
    await page.route(url, async (route) => {
      const answer = await route.fetch()
      await route.fulfill({ response: answer, json: { ...(await answer.json()), areas: ['notes'] } })
    })
    await page.goto(`/t/${demo.slug}`)
    await page.getByRole('heading', { name: 'Members', level: 1 }).waitFor()
    const nav = page.getByRole('navigation', { name: 'Main navigation' })
    for (const name of ['Portfolio', 'Funds', 'Imports', 'Investors']) {
      equal(await nav.getByRole('link', { name }).count(), 0, `links to ${name}`)
    }
    await page.getByRole('button', { name: 'Invite', exact: true }).click()
    const roles = page.getByRole('dialog').getByLabel('Role').getByRole('option')
    equal((await roles.allInnerTexts()).join(), 'Owner,Admin,Member', 'roles')
    await inspect(page, 'without-funds')
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await page.unroute(url)
  })
}
