import { createStore } from '../store'
import type { Problem } from '../api/problem'

export interface Toast {
  key: number
  text: string
  problem?: Problem | undefined
  action?: ToastAction | undefined
}

/** What can be done about it, as long as it is shown. */
export interface ToastAction {
  label: string
  run: () => void
}

const SHOWN_MS = 5_000
/** Long enough to notice a mistake and to reach the button. */
const SHOWN_WITH_ACTION_MS = 12_000

export const toasts = createStore<readonly Toast[]>([])

let lastKey = 0

export function dismissToast(key: number): void {
  toasts.set((all) => all.filter((shown) => shown.key !== key))
}

/** Say what was done. It leaves by itself. */
export function toast(text: string, action?: ToastAction): void {
  const key = ++lastKey
  toasts.set((all) => [...all.slice(-2), { key, text, action }])
  setTimeout(() => dismissToast(key), action ? SHOWN_WITH_ACTION_MS : SHOWN_MS)
}

/** Say what failed. It stays until someone has read it. */
export function toastProblem(problem: Problem): void {
  toasts.set((all) => [...all.slice(-2), { key: ++lastKey, text: problem.message, problem }])
}
