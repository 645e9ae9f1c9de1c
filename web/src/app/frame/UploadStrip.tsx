import { lazy, Suspense } from 'react'

import { uploads } from '../../api/upload'
import { useStore } from '../../store'

/** Whoever sends nothing needs none. */
const UploadRow = lazy(() => import('./UploadRow'))

/** Files on their way. They travel on while someone looks at other pages. */
export function UploadStrip() {
  const all = useStore(uploads)
  return <Suspense>{all.map((upload) => <UploadRow key={upload.key} upload={upload} />)}</Suspense>
}
