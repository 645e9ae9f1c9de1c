import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { BareInput } from '../../ui/Field'
import { isVintage } from './fundsSearch'

interface VintageInputProps {
  vintage: string | undefined
  onChange: (vintage: string | undefined) => void
}

/** The year that the funds are of. Empty means any, and a half-typed year means nothing yet. */
export function VintageInput({ vintage, onChange }: VintageInputProps) {
  const { t } = useTranslation('funds')
  /** Ahead of the URL while someone types. */
  const [typed, setTyped] = useState<string>()
  return (
    <label className="flex items-center gap-2 text-sm text-soft" title={t('ofVintageHint')}>
      {t('ofVintage')}
      <BareInput
        aria-label={t('ofVintage')}
        inputMode="numeric"
        maxLength={4}
        autoComplete="off"
        placeholder={t('anyVintage')}
        value={typed ?? vintage ?? ''}
        onBlur={() => setTyped(undefined)}
        onChange={({ target }) => {
          const text = target.value.trim()
          setTyped(text)
          if (text === '') onChange(undefined)
          else if (isVintage(text)) onChange(text)
        }}
        className="w-16 text-text"
      />
    </label>
  )
}
