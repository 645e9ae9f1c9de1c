import { expect, test } from 'vitest'

import { byArea, expiryAfter } from './scopes'

test('scopes stand by their area, as the server orders them', () => {
  expect(byArea(['files:read', 'files:write', 'tenant:read'])).toEqual([
    {
      area: 'files',
      scopes: [
        { scope: 'files:read', access: 'read' },
        { scope: 'files:write', access: 'write' },
      ],
    },
    { area: 'tenant', scopes: [{ scope: 'tenant:read', access: 'read' }] },
  ])
  expect(byArea([])).toEqual([])
})

test('a key ends so many days from now, or never', () => {
  const now = Date.parse('2026-01-31T12:00:00Z')
  expect(expiryAfter('30', now)).toBe('2026-03-02T12:00:00.000Z')
  expect(expiryAfter('never', now)).toBeUndefined()
})
