import { useTranslation } from 'react-i18next'

import type { ImportState } from '../../api/types'
import { Badge, type Tone } from '../../ui/Badge'

const TONES = {
  queued: 'neutral',
  running: 'accent',
  done: 'good',
  failed: 'bad',
} as const satisfies Record<ImportState, Tone>

export function ImportStateBadge({ state }: { state: ImportState }) {
  const { t } = useTranslation('imports')
  return <Badge tone={TONES[state]}>{t(`state.${state}`)}</Badge>
}
