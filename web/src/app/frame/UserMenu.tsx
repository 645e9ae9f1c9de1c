import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { asProblem } from '../../api/problem'
import { signOutEverywhere, signOutHere } from '../../api/session'
import { Icon } from '../../ui/icons'
import { Menu, MenuGroup, MenuItem, menuItemClass } from '../../ui/Menu'
import { toastProblem } from '../../ui/toasts'
import { leaveForDoor } from '../doorway'
import { chooseLanguage, LANGUAGES } from '../i18n'
import { chooseTheme, THEMES, useTheme } from '../theme'
import { useSession } from '../useSession'

export function UserMenu({ onHelp }: { onHelp: () => void }) {
  const { t } = useTranslation('frame')
  const { user } = useSession()
  const signOut = useSignOut()
  return (
    <Menu
      label={t('user.menu', { name: user.name })}
      align="right"
      button={
        <>
          <Icon name="account" />
          <span className="hidden max-w-40 truncate text-sm lg:inline">{user.name}</span>
        </>
      }
    >
      <MenuGroup label={user.email}>
        <Link to="/account" role="menuitem" tabIndex={-1} className={menuItemClass}>
          {t('nav.account')}
        </Link>
        <MenuItem onSelect={onHelp}>{t('user.shortcuts')}</MenuItem>
      </MenuGroup>
      <Preferences />
      <MenuGroup label={t('user.session')}>
        <MenuItem onSelect={() => signOut(signOutHere)}>{t('user.signOutHere')}</MenuItem>
        <MenuItem onSelect={() => signOut(signOutEverywhere)}>
          {t('user.signOutEverywhere')}
        </MenuItem>
      </MenuGroup>
    </Menu>
  )
}

function Preferences() {
  const { t, i18n } = useTranslation('frame')
  const theme = useTheme()
  return (
    <>
      <MenuGroup label={t('user.theme')}>
        {THEMES.map((one) => (
          <MenuItem key={one} checked={one === theme} onSelect={() => chooseTheme(one)}>
            {t(`theme.${one}`)}
          </MenuItem>
        ))}
      </MenuGroup>
      <MenuGroup label={t('user.language')}>
        {LANGUAGES.map((one) => (
          <MenuItem
            key={one}
            checked={one === i18n.language}
            onSelect={() => void chooseLanguage(one)}
          >
            {t(`language.${one}`)}
          </MenuItem>
        ))}
      </MenuGroup>
    </>
  )
}

function useSignOut() {
  const { mutate } = useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    onSuccess: () => leaveForDoor(),
    onError: (error) => toastProblem(asProblem(error)),
  })
  return mutate
}
