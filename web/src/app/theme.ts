import { createStore, useStore } from '../store'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const KEY = 'underpin.theme'

const isTheme = (text: string | null): text is Theme => THEMES.some((theme) => theme === text)

const stored = localStorage.getItem(KEY)
const theme = createStore<Theme>(isTheme(stored) ? stored : 'system')

/** public/theme.js does the same before the first paint. */
export function chooseTheme(chosen: Theme): void {
  theme.set(() => chosen)
  localStorage.setItem(KEY, chosen)
  if (chosen === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = chosen
}

export const useTheme = (): Theme => useStore(theme)
