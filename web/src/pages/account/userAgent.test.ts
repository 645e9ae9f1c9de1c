import { expect, test } from 'vitest'

import { describeAgent } from './userAgent'

test.each([
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
    'Chrome 156, Linux',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
    'Safari 18, macOS',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
    'Firefox 140, Windows',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0',
    'Edge 150, Windows',
  ],
  ['curl/8.5.0', 'curl 8'],
])('%s', (agent, said) => {
  expect(describeAgent(agent)).toBe(said)
})

test('no agent is no device, and an unknown one speaks for itself', () => {
  expect(describeAgent(null)).toBeUndefined()
  expect(describeAgent('underpin-cli 1.0')).toBe('underpin-cli 1.0')
})
