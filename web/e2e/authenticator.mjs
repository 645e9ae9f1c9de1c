// The program on a person's phone (RFC 6238), as far as a test needs it.
import { createHmac } from 'node:crypto'

const STEP_MS = 30_000
/** A step that ends so soon may be over when the server looks. */
const MARGIN_MS = 3_000
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function bytesOf(base32) {
  const bits = [...base32].map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)))
}

function codeOf(key, step) {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const digest = createHmac('sha1', key).update(counter).digest()
  const word = digest.readUInt32BE(digest[19] & 0x0f) & 0x7fff_ffff
  return String(word % 1_000_000).padStart(6, '0')
}

/**
 * Codes of a secret, each of a later step than the one before, since the server takes none twice. It
 * takes those of the step before and after its own, so three of them need no waiting.
 */
export function authenticator(secret) {
  const key = bytesOf(secret.replaceAll(/\s/g, ''))
  let last = 0
  return async () => {
    for (;;) {
      const earliest = Math.floor((Date.now() + MARGIN_MS) / STEP_MS) - 1
      const latest = Math.floor(Date.now() / STEP_MS) + 1
      const step = Math.max(last + 1, earliest)
      if (step <= latest) {
        last = step
        return codeOf(key, step)
      }
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
}
