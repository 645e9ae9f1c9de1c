import { useEffect, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { Icon } from '../../ui/icons'

interface DropZoneProps {
  onFile: (file: File) => void
  children: ReactNode
}

const hasFile = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false

/** The whole window takes the file: nobody has to aim. */
export function DropZone({ onFile, children }: DropZoneProps) {
  const { t } = useTranslation('imports')
  const [over, setOver] = useState(false)

  useEffect(() => {
    const onDragOver = (event: DragEvent) => {
      if (!hasFile(event)) return
      // Without this the browser would leave the console and show the file.
      event.preventDefault()
      setOver(true)
    }
    const onDragLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false)
    }
    const onDrop = (event: DragEvent) => {
      if (!hasFile(event)) return
      event.preventDefault()
      setOver(false)
      const file = event.dataTransfer?.files[0]
      if (file) onFile(file)
    }
    window.addEventListener('dragover', onDragOver)
    window.addEventListener('dragleave', onDragLeave)
    window.addEventListener('drop', onDrop)
    return () => {
      window.removeEventListener('dragover', onDragOver)
      window.removeEventListener('dragleave', onDragLeave)
      window.removeEventListener('drop', onDrop)
    }
  }, [onFile])

  return (
    <>
      {children}
      {over && (
        <div className="pointer-events-none absolute inset-3 z-30 flex items-center justify-center gap-2 rounded-lg border-2 border-dashed border-accent bg-selected text-lg font-medium text-accent">
          <Icon name="upload" />
          {t('drop')}
        </div>
      )}
    </>
  )
}
