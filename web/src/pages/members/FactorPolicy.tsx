import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { asProblem } from '../../api/problem'
import { requireSecondFactor, secondFactorPolicyQuery } from '../../api/secondFactor'
import type { Role } from '../../api/types'
import { useSession } from '../../app/useSession'
import { Button, buttonClass } from '../../ui/Button'
import { Dialog, DialogActions } from '../../ui/Dialog'
import { Form } from '../../ui/Form'
import { toast } from '../../ui/toasts'

interface FactorPolicyProps {
  slug: string
  ownRole: Role
  required: boolean
  onClose: () => void
}

/** Ask staff for a second factor, or no more; who is shut out by it is said before. */
export default function FactorPolicy(props: FactorPolicyProps) {
  const { t } = useTranslation('members')
  const { second_factor } = useSession()
  const { ownRole, required, onClose } = props
  if (ownRole !== 'owner') {
    return (
      <Told onClose={onClose} text={required ? t('factor.required') : t('factor.optional')}>
        <p>{t('factor.ownersOnly')}</p>
      </Told>
    )
  }
  // The server refuses it too: who switches it on would be the first to stand outside.
  if (!required && !second_factor) {
    const toAccount = (
      <Link to="/account" className={buttonClass('primary')}>
        {t('factor.toAccount')}
      </Link>
    )
    return (
      <Told onClose={onClose} text={t('factor.ownFirst')} action={toAccount}>
        <p>{t('factor.ownNext')}</p>
      </Told>
    )
  }
  return <Change {...props} />
}

interface ToldProps {
  text: string
  action?: ReactNode
  onClose: () => void
  children: ReactNode
}

/** How it stands, where it cannot be changed. */
function Told({ text, action, onClose, children }: ToldProps) {
  const { t } = useTranslation('members')
  const { t: common } = useTranslation()
  return (
    <Dialog title={t('factor.title')} onClose={onClose}>
      <div className="flex flex-col gap-3 text-soft">
        <p>{text}</p>
        {children}
        <DialogActions>
          <Button onClick={onClose}>{common('close')}</Button>
          {action}
        </DialogActions>
      </div>
    </Dialog>
  )
}

function Change({ slug, required, onClose }: FactorPolicyProps) {
  const { t } = useTranslation('members')
  const { t: common } = useTranslation()
  const queryClient = useQueryClient()
  const change = useMutation({
    mutationFn: () => requireSecondFactor(slug, !required),
    onSuccess: (policy) => {
      queryClient.setQueryData(secondFactorPolicyQuery(slug).queryKey, policy)
      toast(policy.required ? t('factor.nowRequired') : t('factor.nowOptional'))
      onClose()
    },
  })
  return (
    <Dialog title={t('factor.title')} onClose={onClose}>
      <Form
        onSubmit={() => change.mutate()}
        problem={change.error ? asProblem(change.error) : null}
        busy={change.isPending}
      >
        {required ? <p className="text-soft">{t('factor.relax')}</p> : <Consequences />}
        <DialogActions>
          <Button onClick={onClose}>{common('cancel')}</Button>
          <Button look={required ? 'primary' : 'danger'} type="submit" busy={change.isPending}>
            {required ? t('factor.turnOff') : t('factor.turnOn')}
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  )
}

function Consequences() {
  const { t } = useTranslation('members')
  return (
    <ul className="flex list-disc flex-col gap-2 pl-5 text-soft">
      <li>{t('factor.who')}</li>
      <li>{t('factor.what')}</li>
      <li>{t('factor.notConcerned')}</li>
      <li>{t('factor.back')}</li>
    </ul>
  )
}
