import { useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'

import { importEnded, importQuery, isOver, withProgress } from '../../api/imports'
import type { LiveEvent } from '../../api/live'
import type { Import, ImportProgress } from '../../api/types'
import { useRoom } from '../../app/useRoom'
import { paceOf, withMark, type Mark, type Pace } from './pace'

const FINDINGS_EVERY_MS = 2_000

interface ImportEvents {
  pace: Pace | undefined
  /** The stream is broken for longer than a blink. */
  late: boolean
}

/** Follow an import while it moves; each event is the full picture, so the newest is enough. */
export function useImportEvents(slug: string, shown: Import | undefined): ImportEvents {
  const queryClient = useQueryClient()
  const [marks, setMarks] = useState<readonly Mark[]>([])
  const findingsReadAt = useRef(0)
  const id = shown?.id ?? ''
  const moving = shown !== undefined && !isOver(shown.state)
  const { queryKey } = importQuery(slug, id)

  const readFindings = () => {
    if (Date.now() - findingsReadAt.current < FINDINGS_EVERY_MS) return
    findingsReadAt.current = Date.now()
    void queryClient.invalidateQueries({ queryKey: [...queryKey, 'findings'] })
  }
  const onEvent = ({ kind, data }: LiveEvent) => {
    if (kind !== 'import.progress' && kind !== 'import.finished') return
    const progress = data as ImportProgress
    const known = queryClient.getQueryData(queryKey)
    if (known && hasNewFindings(known, progress)) readFindings()
    // A read that began before this event must not bring the older picture back.
    void queryClient.cancelQueries({ queryKey, exact: true })
    queryClient.setQueryData(queryKey, (now) => now && withProgress(now, progress))
    const mark = { at: Date.now(), rows: progress.rows.read, bytes: progress.bytes_read }
    setMarks((all) => withMark(all, mark))
    if (kind === 'import.finished') importEnded(queryClient, slug, id)
  }
  const room = useRoom(slug, moving ? `import/${id}` : undefined, {
    onEvent,
    onResync: () => void queryClient.invalidateQueries({ queryKey }),
  })
  return { pace: shown && paceOf(marks, shown.bytes), late: room === 'late' || room === 'closed' }
}

const findings = ({ refused, warnings }: Import['rows']) => refused + warnings

function hasNewFindings(known: Import, progress: ImportProgress): boolean {
  return findings(progress.rows) > findings(known.rows)
}
