import { expect, test } from 'vitest'

import { linksIn } from './links'

test('an address becomes a link and the text around it stays', () => {
  expect(linksIn('Open\nhttp://127.0.0.1:8080/reset#a_b-C\nnow')).toEqual([
    { text: 'Open\n' },
    { text: 'http://127.0.0.1:8080/reset#a_b-C', href: 'http://127.0.0.1:8080/reset#a_b-C' },
    { text: '\nnow' },
  ])
})

test('the stop after an address is not part of it', () => {
  expect(linksIn('See (https://a.example/x).')).toEqual([
    { text: 'See (' },
    { text: 'https://a.example/x', href: 'https://a.example/x' },
    { text: ').' },
  ])
})

test('what is no web address is no link', () => {
  expect(linksIn('javascript:alert(1) mailto:a@b.example')).toEqual([
    { text: 'javascript:alert(1) mailto:a@b.example' },
  ])
  expect(linksIn('')).toEqual([])
})
