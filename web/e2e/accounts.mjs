import { authenticator } from './authenticator.mjs'
import { inspect, newMember, newPerson, PASSWORD, post, signIn } from './console.mjs'
import { check, equal, test } from './runner.mjs'

const NEW_PASSWORD = 'another quiet sentence'

/** What people do with their own account: a second factor, a forgotten password. */
export function accountTests({ browser, page, ready, empty }) {
  test('a second factor is turned on, asked for at the next sign-in, and turned off', async () => {
    const { guest, email } = await newMember(browser, page, ready, empty)
    const credentials = { email, password: PASSWORD }
    await guest.goto('/account')
    await guest.getByRole('button', { name: 'Turn on…' }).click()
    const dialog = guest.getByRole('dialog', { name: 'Second factor' })
    await dialog.getByLabel('Current password').fill('not the password')
    await dialog.getByRole('button', { name: 'Go on' }).click()
    await dialog.getByRole('alert').waitFor()
    await inspect(guest, 'second-factor-password')
    await dialog.getByLabel('Current password').fill(PASSWORD)
    await dialog.getByRole('button', { name: 'Go on' }).click()
    const code = authenticator(await dialog.getByLabel('Secret', { exact: true }).innerText())
    await inspect(guest, 'second-factor-secret')
    await dialog.getByLabel('Code', { exact: true }).fill('000000')
    await guest.keyboard.press('Enter')
    await dialog.getByRole('alert').waitFor()
    await dialog.getByLabel('Code', { exact: true }).fill(await code())
    await guest.keyboard.press('Enter')
    const codes = dialog.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem')
    await codes.first().waitFor()
    equal(await codes.count(), 10, 'recovery codes')
    const kept = await codes.allInnerTexts()
    await dialog.getByRole('button', { name: 'Copy all codes' }).click()
    equal(await guest.evaluate(() => navigator.clipboard.readText()), kept.join('\n'), 'copied')
    await inspect(guest, 'second-factor-codes')
    await dialog.getByRole('button', { name: 'I have kept them' }).click()
    await guest.getByText('10 recovery codes are left').waitFor()
    await inspect(guest, 'account-second-factor')

    await signInAgain(guest, credentials)
    const field = guest.getByLabel('Code', { exact: true })
    await field.and(guest.locator(':focus')).waitFor()
    await inspect(guest, 'sign-in-code')
    await guest.keyboard.type('000000')
    await guest.keyboard.press('Enter')
    await guest.getByRole('alert').getByText('This code is wrong').waitFor()
    await inspect(guest, 'sign-in-code-wrong')
    // Pasted as a phone shows it, in two groups.
    const shown = (await code()).replace(/(...)/, '$1 ')
    await guest.evaluate((text) => navigator.clipboard.writeText(text), shown)
    await field.focus()
    await guest.keyboard.press('Control+A')
    await guest.keyboard.press('Control+V')
    equal(await field.inputValue(), shown, 'pasted')
    await guest.keyboard.press('Enter')
    await guest.getByRole('heading', { name: 'Account', level: 1 }).waitFor()

    await signInAgain(guest, credentials)
    await guest.getByRole('button', { name: 'Use a recovery code' }).click()
    await guest.getByLabel('Recovery code').fill(kept[0])
    await inspect(guest, 'sign-in-recovery-code')
    await guest.keyboard.press('Enter')
    await guest.getByText('9 recovery codes are left').waitFor()

    await guest.getByRole('button', { name: 'Turn off…' }).click()
    const off = guest.getByRole('dialog', { name: 'Turn the second factor off' })
    await off.getByLabel('Current password').fill(PASSWORD)
    await off.getByLabel('Code', { exact: true }).fill(kept[1])
    await inspect(guest, 'second-factor-off')
    await off.getByRole('button', { name: 'Turn off' }).click()
    await guest.getByText('Off. With it').waitFor()
    await guest.context().close()
  })

  test('an owner asks staff for a second factor after having one, and is told who is shut out', async () => {
    const { guest } = await newMember(browser, page, ready, empty, 'owner')
    // Their owner has no second factor: on a page of this tenant they would be shut out as well.
    await page.goto('/account')
    const { guest: colleague } = await newMember(browser, page, ready, empty)
    await guest.goto(`/t/${empty.slug}/members`)
    const open = guest.getByRole('button', { name: 'Second factor: optional…' })
    const dialog = guest.getByRole('dialog', { name: 'Second factor of staff' })
    await open.click()
    await dialog.getByText('you would be the first to be shut out').waitFor()
    await inspect(guest, 'factor-policy-own')
    await dialog.getByRole('link', { name: 'To my account' }).click()
    await guest.getByRole('button', { name: 'Turn on…' }).waitFor()
    const { secret } = await post(guest, '/v1/second-factor', { password: PASSWORD })
    await post(guest, '/v1/second-factor/confirm', { code: await authenticator(secret)() })

    await guest.goto(`/t/${empty.slug}/members`)
    await open.click()
    await dialog.getByText('is shut out of this tenant at once').waitFor()
    await inspect(guest, 'factor-policy')
    await dialog.getByRole('button', { name: 'Require it' }).click()
    await guest.getByText('Staff need a second factor now').waitFor()
    // Who is shut out is refused pages and the live connection.
    colleague.expects = /403/
    try {
      await colleague.goto(`/t/${empty.slug}/funds`)
      await colleague.getByText('This tenant asks for a second factor').first().waitFor()
      await inspect(colleague, 'factor-needed')
    } finally {
      await guest.getByRole('button', { name: 'Second factor: required…' }).click()
      await dialog.getByRole('button', { name: 'Require it no more' }).click()
      await guest.getByText('Staff need no second factor any more').waitFor()
      // The tests that follow count on its one owner. What a page of owners was about to ask again is refused to a member.
      guest.expects = /403/
      const own = guest.getByRole('row').filter({ hasText: 'you' })
      await own.getByRole('combobox').selectOption('member')
      await guest.getByText('is now: Member').waitFor()
    }
    await colleague.reload()
    await colleague.getByRole('heading', { name: 'Funds', level: 1 }).waitFor()
    await colleague.context().close()
    await guest.context().close()
  })

  test('a sign-in whose challenge is spent says so and begins again', async () => {
    const guest = await newPerson(browser, ready.url)
    // Waiting five minutes or guessing five times would lock out the tests that follow.
    const spent = { second_factor: 'required', challenge: 'junk', expires_at: '2026-01-01T00:00:00Z' }
    await guest.route('**/v1/session', (route) => route.fulfill({ status: 201, json: spent }))
    await guest.goto('/sign-in')
    await signIn(guest, { email: 'someone@example.test', password: PASSWORD })
    await guest.getByLabel('Code', { exact: true }).fill('123456')
    await guest.getByRole('button', { name: 'Go on' }).click()
    await guest.getByRole('alert').getByText('This sign-in waits no more').waitFor()
    await inspect(guest, 'sign-in-code-late')
    await guest.getByRole('button', { name: 'Sign in again' }).click()
    await guest.getByRole('heading', { name: 'Sign in' }).waitFor()
    equal(await guest.getByLabel('Mail address').inputValue(), 'someone@example.test', 'kept address')
    equal(await guest.getByLabel('Password').inputValue(), '', 'kept password')
    await guest.context().close()
  })

  test('a forgotten password is set anew by the link of a mail, and nothing tells who has an account', async () => {
    const { guest, email } = await newMember(browser, page, ready, empty)
    await guest.context().clearCookies()
    const said = []
    for (const address of ['nobody@example.test', email]) {
      await guest.goto('/sign-in')
      await guest.getByRole('link', { name: 'Forgot your password?' }).click()
      await guest.getByLabel('Mail address').fill(address)
      if (said.length === 0) await inspect(guest, 'reset-ask')
      await guest.getByRole('button', { name: 'Send the link' }).click()
      const status = guest.getByRole('status')
      await status.waitFor()
      said.push((await status.innerText()).replace(address, '…'))
    }
    equal(said[0], said[1], 'what is said')
    await inspect(guest, 'reset-sent')

    await guest.getByRole('link', { name: 'Mailbox (dev)' }).click()
    const mails = guest.getByRole('navigation', { name: 'Mails' }).getByRole('link')
    await mails.filter({ hasText: email }).filter({ hasText: 'Set a new password' }).click()
    const mail = guest.getByRole('article', { name: 'Set a new password' })
    await mail.getByText(email).waitFor()
    await inspect(guest, 'mailbox')
    const href = await mail.getByRole('link').getAttribute('href')
    check(new URL(href).hash.length > 8, `the token is not in the fragment: ${href}`)
    await mail.getByRole('link').click()

    const field = guest.getByLabel('New password')
    await field.fill('short')
    await guest.getByRole('button', { name: 'Set the password' }).click()
    await guest.getByRole('alert').waitFor()
    await inspect(guest, 'reset-refused')
    await field.fill(NEW_PASSWORD)
    await guest.getByRole('button', { name: 'Set the password' }).click()
    await guest.getByRole('heading', { name: 'The password is set' }).waitFor()
    await inspect(guest, 'reset-done')
    await guest.getByRole('link', { name: 'Sign in' }).click()
    await signIn(guest, { email, password: NEW_PASSWORD })
    await guest.getByRole('navigation', { name: 'Main navigation' }).waitFor()

    const again = await newPerson(browser, ready.url)
    const { pathname, hash } = new URL(href)
    await again.goto(pathname + hash)
    await again.getByLabel('New password').fill(NEW_PASSWORD)
    await again.getByRole('button', { name: 'Set the password' }).click()
    await again.getByRole('heading', { name: 'This link is no longer valid' }).waitFor()
    await inspect(again, 'reset-gone')
    await again.context().close()
    await guest.context().close()
  })
}

async function signInAgain(guest, credentials) {
  await guest.context().clearCookies()
  await guest.goto('/sign-in?next=/account')
  await signIn(guest, credentials)
  await guest.getByRole('heading', { name: 'Second factor' }).waitFor()
}
