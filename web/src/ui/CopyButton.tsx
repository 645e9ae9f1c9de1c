import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { Icon } from './icons'

const CONFIRMED_MS = 1_500

interface CopyButtonProps {
  text: string
  label: string
  className?: string
}

export function CopyButton({ text, label, className = '' }: CopyButtonProps) {
  const { t } = useTranslation()
  const [copied, setCopied] = useState(false)

  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), CONFIRMED_MS)
    return () => clearTimeout(timer)
  }, [copied])

  const copy = () => void navigator.clipboard.writeText(text).then(() => setCopied(true))
  return (
    <button
      type="button"
      onClick={copy}
      aria-label={copied ? t('copied') : label}
      title={label}
      className={`inline-flex size-6 items-center justify-center rounded hover:bg-hover ${className}`}
    >
      <Icon name={copied ? 'check' : 'copy'} />
    </button>
  )
}
