import i18next, { type Resource } from 'i18next'
import { initReactI18next } from 'react-i18next'

/** For tests: these catalogues are here, in English. */
export async function wordsOf(catalogues: Resource[string]): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: 'en',
    resources: { en: catalogues },
    defaultNS: 'common',
    interpolation: { escapeValue: false },
  })
}
