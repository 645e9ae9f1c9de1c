// Builds, adds up what the first load of a page needs (JS and CSS, gzip) and fails above the budget.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const DIST = join(import.meta.dirname, '../dist')
const split = (route) => `src/app/routes/${route}.tsx?tsr-split=component`
const words = (...namespaces) => namespaces.map((namespace) => `src/locales/en/${namespace}.json`)

const PAGES = [
  {
    name: 'sign-in',
    budgetKb: 130,
    needs: ['index.html', 'src/app/door.tsx', ...words('common', 'auth')],
  },
  {
    name: 'fund list',
    budgetKb: 180,
    needs: [
      'index.html',
      'src/app/console.tsx',
      split('_console'),
      split('_console.t.$slug'),
      split('_console.t.$slug.funds.index'),
      ...words('common', 'frame', 'funds'),
    ],
  },
]

execFileSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 'ignore', 'inherit'] })
const manifest = JSON.parse(readFileSync(join(DIST, '.vite/manifest.json'), 'utf8'))

/** The files of a chunk and of all that it imports before it can run. */
function filesOf(key, files = new Set()) {
  const chunk = manifest[key]
  if (!chunk) throw new Error(`the manifest has no ${key}; was the page renamed?`)
  if (files.has(chunk.file)) return files
  files.add(chunk.file)
  for (const css of chunk.css ?? []) files.add(css)
  for (const imported of chunk.imports ?? []) filesOf(imported, files)
  return files
}

function gzipBytes(file) {
  return gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length
}

let over = false
for (const { name, budgetKb, needs } of PAGES) {
  const files = new Set(['theme.js'])
  for (const key of needs) filesOf(key, files)
  const kb = [...files].reduce((sum, file) => sum + gzipBytes(file), 0) / 1000
  const verdict = kb > budgetKb ? 'OVER' : 'ok'
  over ||= kb > budgetKb
  console.log(
    `${verdict.padEnd(5)} ${name}: ${kb.toFixed(1)} kB of ${budgetKb} kB gzip in ${files.size} files`,
  )
}
process.exitCode = over ? 1 : 0
