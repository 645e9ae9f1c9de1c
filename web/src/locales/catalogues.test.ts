import { expect, test } from 'vitest'

const catalogues = import.meta.glob<Record<string, unknown>>('./*/*.json', {
  eager: true,
  import: 'default',
})

function keysOf(node: unknown, path = ''): string[] {
  if (typeof node !== 'object' || node === null) return [path]
  return Object.entries(node).flatMap(([key, value]) => keysOf(value, `${path}.${key}`))
}

const placeholders = (text: unknown) =>
  [...JSON.stringify(text).matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).toSorted()

const english = Object.keys(catalogues).filter((path) => path.startsWith('./en/'))

test.each(english)('%s says the same things in German', (path) => {
  const german = catalogues[path.replace('/en/', '/de/')]
  expect(keysOf(german).toSorted()).toEqual(keysOf(catalogues[path]).toSorted())
  expect(placeholders(german)).toEqual(placeholders(catalogues[path]))
})
