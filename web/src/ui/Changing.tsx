import { useState, type ReactNode } from 'react'

interface ChangingProps {
  /** What is shown, as text: when it changes in place, it is marked. */
  text: string
  /** Whose it is. Another fund, another day or another order is no change. */
  of: string | undefined
  className?: string
  children?: ReactNode
}

/** How often a text has changed in place while its subject stayed the same. */
function useChanges(text: string, of: string | undefined): number {
  const [seen, setSeen] = useState({ text, of, changes: 0 })
  if (seen.text === text && seen.of === of) return seen.changes
  const changes = of !== undefined && seen.of === of ? seen.changes + 1 : 0
  setSeen({ text, of, changes })
  return changes
}

/** A figure that glows once when somebody else changes it. */
export function Changing({ text, of, className = '', children = text }: ChangingProps) {
  const changes = useChanges(text, of)
  return <span className={`${className} ${glowClass(changes)}`}>{children}</span>
}

/** Two names for one thing: the second change in a row begins anew, and nothing is drawn anew. */
export function glowClass(changes: number): string {
  if (changes === 0) return ''
  return changes % 2 === 1 ? 'glow' : 'glow-again'
}
