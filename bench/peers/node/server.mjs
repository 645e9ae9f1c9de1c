// The tenant's list of notes as a node service would have it: the session looked up, the tenant set, one read, one transaction.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'

import pg from 'pg'

const pool = new pg.Pool({ max: 8 })

const SESSION = {
  name: 'session',
  text: 'select user_id, tenant_id, role from peer.session where token_hash = $1 and slug = $2 and expires_at > now()',
}
const SCOPE = {
  name: 'scope',
  text: "select set_config('underpin.tenant', $1, true), set_config('underpin.subject', $2, true), set_config('underpin.role', $3, true)",
}
const LIST = {
  name: 'list',
  text: 'select id, text, words, created_at from notes.note where tenant_id = $1 order by id desc limit $2',
}

async function list(request) {
  const url = new URL(request.url, 'http://localhost')
  const slug = url.pathname.split('/')[3]
  const token = request.headers.authorization?.replace(/^Bearer /, '') ?? ''
  const limit = Number(url.searchParams.get('limit') ?? 50)
  const client = await pool.connect()
  try {
    await client.query('begin')
    const digest = createHash('sha256').update(token).digest('hex')
    const [session] = (await client.query({ ...SESSION, values: [digest, slug] })).rows
    if (!session) return { status: 401, body: {} }
    const scope = [session.tenant_id, session.user_id, session.role]
    await client.query({ ...SCOPE, values: scope })
    const { rows } = await client.query({ ...LIST, values: [session.tenant_id, limit + 1] })
    const items = rows.slice(0, limit).map(({ id, text, words }) => ({ id, text, words }))
    return { status: 200, body: { items, next: rows.length > limit ? items.at(-1).id : null } }
  } finally {
    await client.query('commit')
    client.release()
  }
}

const server = createServer((request, response) => {
  list(request)
    .catch((error) => ({ status: 500, body: { error: String(error) } }))
    .then(({ status, body }) => {
      const text = JSON.stringify(body)
      response.writeHead(status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      })
      response.end(text)
    })
})
server.listen(0, '127.0.0.1', () => console.log(`127.0.0.1:${server.address().port}`))
