import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { Drawer } from '../../ui/Drawer'
import { Icon } from '../../ui/icons'
import { FundDetails } from './FundDetails'

interface FundDrawerProps {
  slug: string
  fund: string
  as_of: string | undefined
  onClose: () => void
}

export default function FundDrawer({ slug, fund, as_of, onClose }: FundDrawerProps) {
  const { t } = useTranslation('funds')
  const asPage = (
    <Link
      to="/t/$slug/funds/$fund"
      params={{ slug, fund }}
      search={{ as_of }}
      className="flex h-7 items-center gap-1.5 rounded-md px-2 text-sm text-soft hover:bg-hover hover:text-text"
    >
      <Icon name="page" />
      {t('openPage')}
    </Link>
  )
  return (
    <Drawer label={t('details')} onClose={onClose} actions={asPage}>
      <FundDetails slug={slug} fund={fund} as_of={as_of} />
    </Drawer>
  )
}
