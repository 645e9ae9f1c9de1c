import { getRouteApi } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { Button } from '../../ui/Button'
import { Icon } from '../../ui/icons'
import { PageHeader } from '../../ui/PageHeader'
import { DropZone } from './DropZone'
import { ImportList } from './ImportList'
import { ImportPreview } from './ImportPreview'

const route = getRouteApi('/_console/t/$slug/imports/')

export function ImportsPage() {
  const { t } = useTranslation('imports')
  const { slug } = route.useParams()
  const input = useRef<HTMLInputElement>(null)
  const [file, setFile] = useState<File>()

  return (
    <DropZone onFile={setFile}>
      <PageHeader title={file ? t('preview.title') : t('title')}>
        <input
          ref={input}
          type="file"
          accept=".csv,text/csv"
          aria-label={t('choose')}
          tabIndex={-1}
          className="sr-only"
          onChange={({ target }) => {
            const chosen = target.files?.[0]
            if (chosen) setFile(chosen)
            // The same file can be chosen again after it was mended.
            target.value = ''
          }}
        />
        <Button look={file ? 'secondary' : 'primary'} onClick={() => input.current?.click()}>
          <Icon name="upload" />
          {file ? t('chooseOther') : t('choose')}
        </Button>
      </PageHeader>
      {file ? (
        <ImportPreview
          key={file.name + file.lastModified}
          slug={slug}
          file={file}
          onCancel={() => setFile(undefined)}
        />
      ) : (
        <ImportList slug={slug} onChoose={() => input.current?.click()} />
      )}
    </DropZone>
  )
}
