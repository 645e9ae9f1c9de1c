import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { asProblem } from '../../api/problem'
import type { FundRow } from '../../api/types'
import { mayAdminister } from '../../app/access'
import { useMembership } from '../../app/useSession'
import { Button } from '../../ui/Button'
import { downloadCsv } from '../../ui/csv'
import { Icon } from '../../ui/icons'
import { csvOf, type Column } from '../../ui/table/column'
import { toastProblem } from '../../ui/toasts'
import { useDebounced } from '../../ui/useDebounced'
import { useShortcuts } from '../../ui/useShortcuts'
import { AsOfInput } from './AsOfInput'
import type { FundsSearch } from './fundsSearch'
import { VintageInput } from './VintageInput'

interface FundsToolsProps {
  slug: string
  search: FundsSearch
  onChange: (part: Partial<FundsSearch>, replace?: boolean) => void
  columns: readonly Column<FundRow>[]
  readAll: () => Promise<FundRow[]>
  onCreate: () => void
}

export function FundsTools(props: FundsToolsProps) {
  const { slug, search, onChange, columns, readAll, onCreate } = props
  const { t } = useTranslation('funds')
  const { role } = useMembership(slug)
  const save = useMutation({
    mutationFn: readAll,
    onSuccess: (rows) => {
      const name = ['funds', slug, search.as_of, search.vintage, search.q].filter(Boolean).join('-')
      downloadCsv(`${name}.csv`, csvOf(columns, rows))
    },
    onError: (error) => toastProblem(asProblem(error)),
  })
  return (
    <>
      <NameSearch q={search.q ?? ''} onChange={(q) => onChange({ q: q || undefined }, true)} />
      <VintageInput vintage={search.vintage} onChange={(vintage) => onChange({ vintage })} />
      <AsOfInput asOf={search.as_of} onChange={(as_of) => onChange({ as_of })} />
      <Button busy={save.isPending} onClick={() => save.mutate()} title={t('csvHint')}>
        <Icon name="download" />
        {t('csv')}
      </Button>
      {mayAdminister(role) && (
        <Button onClick={onCreate}>
          <Icon name="plus" />
          {t('new')}
        </Button>
      )}
    </>
  )
}

const REST_MS = 150

/** Search as one types: the field is ahead of the URL by the length of a pause. */
function NameSearch({ q, onChange }: { q: string; onChange: (q: string) => void }) {
  const { t } = useTranslation('funds')
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(q)
  const rested = useDebounced(text, REST_MS)
  const sent = useRef(q)

  useEffect(() => {
    if (rested === sent.current) return
    sent.current = rested
    onChange(rested)
  }, [rested, onChange])
  useEffect(() => {
    // The URL changed by itself: back, forward, or a link.
    if (q === sent.current) return
    sent.current = q
    setText(q)
  }, [q])
  useShortcuts({ '/': () => input.current?.focus() })

  return (
    <span className="relative">
      <Icon name="search" className="pointer-events-none absolute top-2 left-2.5 text-faint" />
      <input
        ref={input}
        type="search"
        aria-label={t('search')}
        placeholder={t('search')}
        aria-keyshortcuts="/"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur()
        }}
        className="h-8 w-56 rounded-md border border-edge bg-surface pr-2 pl-8 text-sm placeholder:text-faint"
      />
    </span>
  )
}
