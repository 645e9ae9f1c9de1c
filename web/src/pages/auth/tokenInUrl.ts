/**
 * The token of a link from a mail: it stands in the fragment, which a browser never sends, so no
 * log ever holds it. What a mail program has mangled is a token that no server knows.
 */
export function tokenInUrl(hash = window.location.hash): string {
  const token = hash.replace(/^#/, '')
  try {
    return decodeURIComponent(token)
  } catch {
    return token
  }
}
