import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'

import type { TrailEntry } from '../../api/types'
import { shortId, subjectOf } from './naming'

/** What entries say in the language of the reader; an act that a newer server has is shown as it is called. */
export function useWords(names: ReadonlyMap<string, string>) {
  const { t, i18n } = useTranslation('trail')
  return useMemo(() => {
    const word = (key: string, otherwise: string) =>
      i18n.exists(key, { ns: 'trail' }) ? String(t(key as never)) : otherwise
    return {
      act: ({ action }: TrailEntry) => word(`act.${action}`, action),
      actor: ({ actor: { kind, id, name } }: TrailEntry) => {
        const known = name ?? names.get(id ?? '')
        if (kind === 'service' && known) return t('actorFor', { name: known })
        return known ?? [word(`actor.${kind}`, kind), id && shortId(id)].filter(Boolean).join(' ')
      },
      actorKind: ({ actor }: TrailEntry) => word(`actor.${actor.kind}`, actor.kind),
      subject: (entry: TrailEntry) => {
        const { kind, id } = subjectOf(entry)
        if (!kind) return ''
        return names.get(id) ?? `${word(`subject.${kind}`, kind)} ${shortId(id)}`
      },
    }
  }, [t, i18n, names])
}
