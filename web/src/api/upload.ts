import { createStore } from '../store'
import { offline, problemFrom, type Problem } from './problem'
import type { ImportAccepted } from './types'

export interface Upload {
  key: number
  tenant: string
  filename: string
  bytesSent: number
  bytes: number
  problem: Problem | undefined
  abort: () => void
}

export interface UploadInput {
  tenant: string
  file: File
  currency: string
}

/** Uploads live here and not in a page: leaving the page must not stop one. */
export const uploads = createStore<readonly Upload[]>([])

let lastKey = 0

const change = (key: number, fields: Partial<Upload>) =>
  uploads.set((all) =>
    all.map((upload) => (upload.key === key ? { ...upload, ...fields } : upload)),
  )

export function forgetUpload(key: number): void {
  uploads.set((all) => all.filter((upload) => upload.key !== key))
}

/**
 * Send a file as the body of a request.
 *
 * XMLHttpRequest and not fetch, because only it tells how much of a body has left. The browser
 * streams the File from disk; it is never read into memory here.
 */
export function startUpload({ tenant, file, currency }: UploadInput): Promise<ImportAccepted> {
  const key = ++lastKey
  const request = new XMLHttpRequest()
  const entry: Upload = {
    key,
    tenant,
    filename: file.name,
    bytesSent: 0,
    bytes: file.size,
    problem: undefined,
    abort: () => request.abort(),
  }
  uploads.set((all) => [...all, entry])
  return new Promise((resolve, reject) => {
    const fail = (problem: Problem) => {
      change(key, { problem })
      reject(problem)
    }
    request.upload.addEventListener('progress', ({ loaded }) => change(key, { bytesSent: loaded }))
    request.addEventListener('error', () => fail(offline()))
    request.addEventListener('abort', () => {
      forgetUpload(key)
      reject(new DOMException('upload stopped', 'AbortError'))
    })
    request.addEventListener('load', () => {
      const body = parsed(request.responseText)
      if (request.status !== 202) {
        fail(problemFrom(request.status, (name) => request.getResponseHeader(name), body))
        return
      }
      forgetUpload(key)
      resolve(body as ImportAccepted)
    })
    const query = new URLSearchParams({ kind: 'funds', filename: file.name, currency })
    request.open('POST', `/v1/t/${encodeURIComponent(tenant)}/imports?${query}`)
    request.setRequestHeader('Content-Type', 'text/csv')
    request.send(file)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

// A closed tab does stop an upload; the browser asks first.
window.addEventListener('beforeunload', (event) => {
  if (uploads.get().some((upload) => !upload.problem)) event.preventDefault()
})
