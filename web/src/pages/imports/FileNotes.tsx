import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { Icon } from '../../ui/icons'
import type { ImportField, Recognition } from './recognise'
import type { Sniffed } from './sniff'

interface FileNotesProps {
  sniffed: Sniffed
  recognition: Recognition
}

/** What stands in the way of an import, and what will be passed over. */
export function FileNotes({ sniffed, recognition }: FileNotesProps) {
  const { t } = useTranslation('imports')
  const names = (fields: readonly ImportField[]) =>
    fields.map((one) => t(`field.${one}`)).join(', ')
  const { problem } = sniffed
  if (problem) {
    return (
      <Note bad>
        {problem.code === 'not_csv' && t(`file.not_csv.${problem.format}`)}
        {problem.code === 'too_many_columns' &&
          t('file.too_many_columns', { count: problem.count })}
        {(problem.code === 'not_utf8' || problem.code === 'empty_file') &&
          t(`file.${problem.code}`)}
      </Note>
    )
  }
  const { missing, twice, ignored } = recognition
  return (
    <ul className="flex flex-col gap-1">
      {missing.length > 0 && (
        <li>
          <Note bad>{t('file.header_missing', { fields: names(missing) })}</Note>
        </li>
      )}
      {twice.length > 0 && (
        <li>
          <Note bad>{t('file.header_twice', { fields: names(twice) })}</Note>
        </li>
      )}
      {ignored.length > 0 && (
        <li>
          <Note>
            {t('preview.ignored', { count: ignored.length, columns: ignored.join(', ') })}
          </Note>
        </li>
      )}
    </ul>
  )
}

function Note({ bad, children }: { bad?: boolean; children: ReactNode }) {
  return (
    <p
      role={bad ? 'alert' : undefined}
      className={`flex max-w-[110ch] items-start gap-2 text-sm ${bad ? 'text-bad' : 'text-soft'}`}
    >
      <Icon name={bad ? 'error' : 'help'} className="mt-0.5" />
      <span>{children}</span>
    </p>
  )
}
