// Leaves a .br and a .gz beside each file of the build that gains by it: the server compresses nothing while somebody waits.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const DIST = new URL('../dist/', import.meta.url).pathname
const TEXT = /\.(js|css|html|svg|json|txt|webmanifest)$/
/** A smaller file fits into one packet either way. */
const WORTH_BYTES = 512

const encodings = {
  '.br': (bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
  '.gz': (bytes) => promisify(gzip)(bytes, { level: 9 }),
}

const files = await readdir(DIST, { recursive: true, withFileTypes: true })
for (const file of files.filter((entry) => entry.isFile() && TEXT.test(entry.name))) {
  const path = join(file.parentPath ?? file.path, file.name)
  const bytes = await readFile(path)
  for (const [end, compress] of Object.entries(encodings)) {
    const smaller = bytes.length < WORTH_BYTES ? bytes : await compress(bytes)
    if (smaller.length < bytes.length) await writeFile(path + end, smaller)
    else await rm(path + end, { force: true })
  }
}
