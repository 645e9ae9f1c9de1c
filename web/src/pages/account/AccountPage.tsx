import { useTranslation } from 'react-i18next'

import { chooseLanguage, LANGUAGES } from '../../app/i18n'
import { chooseTheme, THEMES, useTheme } from '../../app/theme'
import { useSession } from '../../app/useSession'
import { PageHeader } from '../../ui/PageHeader'
import { Segments } from '../../ui/Segments'
import { PasswordForm } from './PasswordForm'
import { SecondFactor } from './SecondFactor'
import { SessionTable } from './SessionTable'

export function AccountPage() {
  const { t, i18n } = useTranslation('account')
  const { t: frameWords } = useTranslation('frame')
  const { user } = useSession()
  const theme = useTheme()
  return (
    <>
      <PageHeader title={t('title')} />
      <p className="px-5 pb-4 text-soft">
        {user.name} · {user.email}
      </p>
      <Section title={t('look')}>
        <div className="flex flex-wrap gap-6">
          <Segments
            label={t('theme')}
            value={theme}
            choices={THEMES.map((value) => ({ value, text: frameWords(`theme.${value}`) }))}
            onChoose={chooseTheme}
          />
          <Segments
            label={t('language')}
            value={LANGUAGES.find((one) => one === i18n.language) ?? 'en'}
            choices={LANGUAGES.map((value) => ({ value, text: frameWords(`language.${value}`) }))}
            onChoose={(language) => void chooseLanguage(language)}
          />
        </div>
      </Section>
      <Section title={t('password.title')}>
        <PasswordForm />
      </Section>
      <Section title={t('factor.title')}>
        <SecondFactor />
      </Section>
      <h2 className="border-t border-line px-5 pt-5 pb-2 text-sm font-semibold">
        {t('sessions.title')}
      </h2>
      <SessionTable />
    </>
  )
}

function Section({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section className="border-t border-line px-5 py-5">
      <h2 className="mb-3 text-sm font-semibold">{title}</h2>
      {children}
    </section>
  )
}
