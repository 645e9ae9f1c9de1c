/** A code as people type and paste it, `123 456` or `123-456`, as the server takes it. */
export function readCode(text: string): string {
  const bare = text.replaceAll(/[\s\-–]/g, '')
  return /^\d+$/.test(bare) ? bare : text.trim()
}

/** A long secret in groups that an eye can keep. */
export function inGroups(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(' ') ?? secret
}
