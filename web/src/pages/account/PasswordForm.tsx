import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { asProblem } from '../../api/problem'
import { changePassword, sessionsQuery } from '../../api/session'
import { Button } from '../../ui/Button'
import { TextField } from '../../ui/Field'
import { fieldError, Form } from '../../ui/Form'
import { toast } from '../../ui/toasts'

export function PasswordForm() {
  const { t } = useTranslation('account')
  const queryClient = useQueryClient()
  // A new key empties the fields, and only a success does that.
  const [round, setRound] = useState(0)
  const change = useMutation({
    mutationFn: (values: FormData) =>
      changePassword(String(values.get('current')), String(values.get('new'))),
    onSuccess: async () => {
      setRound((now) => now + 1)
      toast(t('password.done'))
      await queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey })
    },
  })
  const problem = change.error ? asProblem(change.error) : null
  return (
    <Form
      key={round}
      label={t('password.title')}
      onSubmit={change.mutate}
      problem={problem}
      busy={change.isPending}
      className="max-w-[360px]"
    >
      <TextField
        name="current"
        type="password"
        label={t('password.current')}
        autoComplete="current-password"
        required
        error={fieldError(problem, 'current')}
      />
      <TextField
        name="new"
        type="password"
        label={t('password.new')}
        hint={t('password.hint')}
        autoComplete="new-password"
        required
        error={fieldError(problem, 'new')}
      />
      <Button type="submit" className="self-start" busy={change.isPending}>
        {change.isPending ? t('password.busy') : t('password.action')}
      </Button>
    </Form>
  )
}
