import { useTranslation } from 'react-i18next'

import { Button } from '../Button'

interface HeldRowsProps {
  held: number
  moved: boolean
  accept: () => void
}

/** New rows wait here until someone asks for them, so that none moves under the pointer. */
export function HeldRows({ held, moved, accept }: HeldRowsProps) {
  const { t } = useTranslation()
  if (held === 0 && !moved) return null
  return (
    <Button className="h-6 px-2 text-xs" onClick={accept}>
      {held > 0 ? t('table.held', { count: held }) : t('table.moved')}
    </Button>
  )
}
