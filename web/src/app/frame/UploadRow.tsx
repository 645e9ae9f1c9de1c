import { useTranslation } from 'react-i18next'

import { forgetUpload, type Upload } from '../../api/upload'
import { Bar } from '../../ui/Bar'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format/useFormat'
import { ProblemText } from '../../ui/ProblemText'

/** A file on its way, or why it got no further. */
export default function UploadRow({ upload }: { upload: Upload }) {
  const { t } = useTranslation('frame')
  const format = useFormat()
  const { key, filename, bytes, bytesSent, problem, abort } = upload
  if (problem) {
    return (
      <div
        role="alert"
        className="flex shrink-0 items-start gap-3 border-b border-line bg-bad-soft px-5 py-2"
      >
        <div className="flex-1">
          <p className="text-sm">{t('upload.failed', { filename })}</p>
          <ProblemText problem={problem} />
        </div>
        <Button onClick={() => forgetUpload(key)}>{t('upload.dismiss')}</Button>
      </div>
    )
  }
  const perMille = bytes > 0 ? Math.round((bytesSent * 1000) / bytes) : 0
  return (
    <div className="flex h-10 shrink-0 items-center gap-3 border-b border-line bg-sunken px-5 text-sm">
      <span className="truncate">{t('upload.sending', { filename })}</span>
      <Bar perMille={perMille} className="w-40" />
      <span className="figures text-soft">
        {format.bytes(bytesSent)} / {format.bytes(bytes)}
      </span>
      <Button look="ghost" className="ml-auto h-7" onClick={abort}>
        {t('upload.stop')}
      </Button>
    </div>
  )
}
