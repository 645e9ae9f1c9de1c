import { useTranslation } from 'react-i18next'

import type { DevMail } from '../../api/types'
import { useFormat } from '../../ui/format/useFormat'
import { linksIn } from './links'

/** One mail as its text says it; the HTML says the same, and the policy of this page refuses its styles. */
export function MailView({ mail }: { mail: DevMail }) {
  const { t } = useTranslation('mailbox')
  const format = useFormat()
  const facts = [
    [t('to'), mail.to],
    [t('at'), format.instant(mail.sent_at)],
    [t('kind'), mail.kind],
  ] as const
  return (
    <article aria-label={mail.subject} className="min-h-0 flex-1 overflow-auto px-6 py-5">
      <h2 className="text-lg font-semibold">{mail.subject}</h2>
      <dl className="mt-2 mb-5 grid grid-cols-[auto_1fr] gap-x-4 gap-y-0.5 border-b border-line pb-4 text-sm">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-soft">{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="max-w-[72ch] break-words whitespace-pre-wrap">
        {linksIn(mail.text).map(({ text, href }, at) =>
          href ? (
            <a key={`${at} ${href}`} href={href} className="break-all text-accent underline">
              {text}
            </a>
          ) : (
            text
          ),
        )}
      </p>
    </article>
  )
}
