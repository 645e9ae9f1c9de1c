const KEY = 'underpin.tenant'

export const lastTenant = (): string | null => localStorage.getItem(KEY)

export const rememberTenant = (slug: string): void => localStorage.setItem(KEY, slug)
