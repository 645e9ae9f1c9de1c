import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { tenantQuery } from '../../api/tenant'
import { uploads } from '../../api/upload'
import { useStore } from '../../store'
import { Button } from '../../ui/Button'
import { TextField } from '../../ui/Field'
import { Form } from '../../ui/Form'
import { useFormat } from '../../ui/format/useFormat'
import { FileNotes } from './FileNotes'
import { PreviewTable } from './PreviewTable'
import { recognise, type Recognition } from './recognise'
import { sniff, SNIFF_BYTES, type Sniffed } from './sniff'
import { useStartImport } from './useStartImport'

interface ImportPreviewProps {
  slug: string
  file: File
  onCancel: () => void
}

/** What is in the file, before anything is sent. */
export function ImportPreview({ slug, file, onCancel }: ImportPreviewProps) {
  const { t } = useTranslation('imports')
  const { t: commonWords } = useTranslation()
  const format = useFormat()
  const look = useFirstLook(file)
  const tenant = useQuery(tenantQuery(slug)).data
  const start = useStartImport(slug)
  const sending = useStore(uploads).some(
    (upload) => upload.tenant === slug && upload.filename === file.name && !upload.problem,
  )
  const canStart = look !== undefined && isAcceptable(look) && !sending

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-col gap-4 border-t border-line px-5 py-4">
        <p>
          <span className="font-medium">{file.name}</span>{' '}
          <span className="text-soft">{format.bytes(file.size)}</span>
        </p>
        {look && <FileNotes sniffed={look.sniffed} recognition={look.recognition} />}
        <Form
          className="flex-row! items-end"
          onSubmit={(values) =>
            canStart && start({ file, currency: String(values.get('currency')).toUpperCase() })
          }
        >
          <div className="w-36">
            <TextField
              key={tenant?.currency}
              name="currency"
              label={t('preview.currency')}
              defaultValue={tenant?.currency ?? ''}
              pattern="[A-Za-z]{3}"
              maxLength={3}
              required
              title={t('preview.currencyHint')}
              className="uppercase"
            />
          </div>
          <Button look="primary" type="submit" className="h-9" busy={sending} disabled={!canStart}>
            {t('preview.start')}
          </Button>
          <Button className="h-9" onClick={onCancel}>
            {commonWords('cancel')}
          </Button>
        </Form>
      </div>
      {look && <PreviewTable sniffed={look.sniffed} recognition={look.recognition} />}
    </div>
  )
}

interface FirstLook {
  sniffed: Sniffed
  recognition: Recognition
}

function isAcceptable({ sniffed, recognition }: FirstLook): boolean {
  return !sniffed.problem && recognition.missing.length === 0 && recognition.twice.length === 0
}

/** Only the first 64 KiB are read, whatever the file weighs. */
function useFirstLook(file: File): FirstLook | undefined {
  const [look, setLook] = useState<FirstLook>()
  useEffect(() => {
    let current = true
    void file
      .slice(0, SNIFF_BYTES)
      .arrayBuffer()
      .then((buffer) => {
        const sniffed = sniff(new Uint8Array(buffer), file.size <= SNIFF_BYTES)
        if (current) setLook({ sniffed, recognition: recognise(sniffed.header) })
      })
    return () => {
      current = false
    }
  }, [file])
  return look
}
