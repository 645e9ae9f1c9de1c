import i18next, { type BackendModule } from 'i18next'
import { initReactI18next } from 'react-i18next'

export const LANGUAGES = ['en', 'de'] as const
export type Language = (typeof LANGUAGES)[number]

export const NAMESPACES = [
  'common',
  'auth',
  'frame',
  'dashboard',
  'deleted',
  'entry',
  'funds',
  'imports',
  'keys',
  'mailbox',
  'investors',
  'members',
  'pages',
  'trail',
  'account',
] as const
export type Namespace = (typeof NAMESPACES)[number]

const KEY = 'underpin.language'

/** Each catalogue is a chunk of its own and is fetched when a page first needs it. */
const catalogues = import.meta.glob<{ default: Record<string, unknown> }>('../locales/*/*.json')

const lazyCatalogues: BackendModule = {
  type: 'backend',
  init: () => {},
  read: (language, namespace, done) => {
    const load = catalogues[`../locales/${language}/${namespace}.json`]
    if (!load) return done(new Error(`no catalogue ${language}/${namespace}`), null)
    load().then(
      (module) => done(null, module.default),
      (error: Error) => done(error, null),
    )
  },
}

function preferredLanguage(): Language {
  const wanted = [localStorage.getItem(KEY), ...navigator.languages].map((tag) => tag?.slice(0, 2))
  return LANGUAGES.find((language) => language === wanted.find(isLanguage)) ?? 'en'
}

const isLanguage = (tag: string | undefined) => LANGUAGES.some((language) => language === tag)

export async function startI18n(): Promise<void> {
  const language = preferredLanguage()
  document.documentElement.lang = language
  await i18next
    .use(lazyCatalogues)
    .use(initReactI18next)
    .init({
      lng: language,
      // A missing text shows in the test that compares the catalogues, not as a second download.
      fallbackLng: false,
      ns: ['common'],
      defaultNS: 'common',
      interpolation: { escapeValue: false },
      react: { useSuspense: true },
    })
}

export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(KEY, language)
  await i18next.changeLanguage(language)
  document.documentElement.lang = language
}

/** For route loaders: a page never renders before its words are here. */
export function loadWords(...namespaces: Namespace[]): Promise<void> {
  return i18next.loadNamespaces(namespaces)
}
