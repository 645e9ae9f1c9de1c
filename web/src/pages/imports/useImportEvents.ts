import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

import { followEvents } from '../../api/eventStream'
import { importEnded, importEventsUrl, importQuery, isOver, withProgress } from '../../api/imports'
import type { Import, ImportProgress } from '../../api/types'
import { paceOf, withMark, type Mark, type Pace } from './pace'

const KINDS = ['import.progress', 'import.finished'] as const
const FINDINGS_EVERY_MS = 2_000

interface ImportEvents {
  pace: Pace | undefined
  /** The stream is broken for longer than a blink. */
  late: boolean
}

/** Follow an import while it moves; each event is the full picture, so the newest is enough. */
export function useImportEvents(slug: string, shown: Import | undefined): ImportEvents {
  const queryClient = useQueryClient()
  const [late, setLate] = useState(false)
  const [marks, setMarks] = useState<readonly Mark[]>([])
  const id = shown?.id
  const moving = shown !== undefined && !isOver(shown.state)

  useEffect(() => {
    if (!id || !moving) return
    const { queryKey } = importQuery(slug, id)
    let findingsReadAt = 0
    const readFindings = () => {
      if (Date.now() - findingsReadAt < FINDINGS_EVERY_MS) return
      findingsReadAt = Date.now()
      void queryClient.invalidateQueries({ queryKey: [...queryKey, 'findings'] })
    }
    const onEvent = (kind: string, payload: unknown) => {
      const progress = payload as ImportProgress
      const known = queryClient.getQueryData(queryKey)
      if (known && hasNewFindings(known, progress)) readFindings()
      // A read that began before this event must not bring the older picture back.
      void queryClient.cancelQueries({ queryKey, exact: true })
      queryClient.setQueryData(queryKey, (now) => now && withProgress(now, progress))
      const mark = { at: Date.now(), rows: progress.rows.read, bytes: progress.bytes_read }
      setMarks((all) => withMark(all, mark))
      if (kind === 'import.finished') importEnded(queryClient, slug, id)
    }
    const onResync = () => void queryClient.invalidateQueries({ queryKey })
    const stop = followEvents(importEventsUrl(slug, id), KINDS, {
      onEvent,
      onResync,
      onLate: setLate,
    })
    return () => {
      stop()
      setLate(false)
    }
  }, [queryClient, slug, id, moving])

  return { pace: shown && paceOf(marks, shown.bytes), late }
}

const findings = ({ refused, warnings }: Import['rows']) => refused + warnings

function hasNewFindings(known: Import, progress: ImportProgress): boolean {
  return findings(progress.rows) > findings(known.rows)
}
