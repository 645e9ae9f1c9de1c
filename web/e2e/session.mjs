import { inspect, newPerson, signIn } from './console.mjs'
import { check, equal, test } from './runner.mjs'

/** The door. */
export function sessionTests({ browser, page, ready, demo }) {
  const owner = demo.users.find((user) => user.role === 'owner') ?? demo.users[0]

  test('a visitor is led to sign in', async () => {
    await page.goto('/')
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await inspect(page, 'sign-in', { screenshot: 'sign-in' })
  })

  test('a wrong password and an unknown mail address look the same and keep what was typed', async () => {
    const texts = []
    for (const email of [owner.email, 'nobody@example.test']) {
      await signIn(page, { email, password: 'not the password' })
      const alert = page.getByRole('alert')
      await alert.waitFor()
      await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'alert')
      texts.push(await alert.locator('p').first().innerText())
      equal(await page.getByLabel('Mail address').inputValue(), email, 'kept address')
    }
    equal(texts[0], texts[1], 'the two messages')
    await inspect(page, 'sign-in-refused')
  })

  test('a next that points to another host is not followed', async () => {
    const other = await newPerson(browser, ready.url)
    await other.goto('/sign-in?next=//example.com/')
    await signIn(other, owner)
    await other.getByRole('navigation', { name: 'Main navigation' }).waitFor()
    equal(new URL(other.url()).origin, new URL(ready.url).origin, 'origin')
    await other.context().close()
  })

  test('an unknown address has a page of its own', async () => {
    const other = await newPerson(browser, ready.url)
    await other.goto('/no/such/page')
    await other.getByRole('heading', { name: 'There is nothing here' }).waitFor()
    await inspect(other, 'not-found')
    await other.context().close()
  })

  test('the owner signs in and sees the funds of the demo tenant', async () => {
    await page.goto(`/sign-in?next=${encodeURIComponent(`/t/${demo.slug}/funds`)}`)
    await signIn(page, owner)
    await page.getByRole('heading', { name: 'Funds', level: 1 }).waitFor()
    check(page.url().endsWith(`/t/${demo.slug}/funds`), page.url())
  })
}
