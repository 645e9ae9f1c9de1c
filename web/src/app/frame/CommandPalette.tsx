import { useId, useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'

import type { Membership } from '../../api/types'
import { Dialog } from '../../ui/Dialog'
import { Icon } from '../../ui/icons'
import { useCommands, type Command } from './useCommands'

interface CommandPaletteProps {
  membership: Membership | undefined
  onClose: () => void
}

/** Find and go: pages, tenants, and the funds of this tenant by the beginning of their name. */
export default function CommandPalette({ membership, onClose }: CommandPaletteProps) {
  const { t } = useTranslation('frame')
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const list = useId()
  const commands = useCommands(membership, text)
  const active = Math.min(at, commands.length - 1)

  const run = (command: Command | undefined) => {
    if (!command) return
    onClose()
    command.run()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) {
      event.preventDefault()
      setAt((active + step + commands.length) % Math.max(1, commands.length))
    } else if (event.key === 'Enter') {
      event.preventDefault()
      run(commands[active])
    }
  }

  return (
    <Dialog bare title={t('search')} onClose={onClose} className="mt-[12dvh] w-[560px]">
      <div className="flex h-12 items-center gap-2.5 border-b border-line px-4">
        <Icon name="search" className="text-faint" />
        <input
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- the palette is opened to type in it
          autoFocus
          role="combobox"
          aria-label={t('palette.label')}
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={commands[active] && `${list}-${active}`}
          autoComplete="off"
          spellCheck={false}
          placeholder={t('palette.placeholder')}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setAt(0)
          }}
          onKeyDown={onKeyDown}
          className="h-full flex-1 bg-transparent text-base outline-none placeholder:text-faint"
        />
      </div>
      <div
        id={list}
        role="listbox"
        aria-label={t('palette.results')}
        className="h-80 overflow-auto p-1.5"
      >
        {commands.map((command, index) => (
          <Option
            key={command.id}
            id={`${list}-${index}`}
            command={command}
            active={index === active}
            onRun={() => run(command)}
          />
        ))}
      </div>
      {commands.length === 0 && (
        <p role="status" className="absolute inset-x-0 top-16 px-5 text-sm text-soft">
          {t('palette.nothing')}
        </p>
      )}
    </Dialog>
  )
}

interface OptionProps {
  id: string
  command: Command
  active: boolean
  onRun: () => void
}

function Option({ id, command, active, onRun }: OptionProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the combobox has the keys
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={active}
      ref={(element) => {
        if (active) element?.scrollIntoView({ block: 'nearest' })
      }}
      onClick={onRun}
      className="flex h-9 cursor-pointer items-center gap-2.5 rounded px-2.5 text-sm hover:bg-hover aria-selected:bg-selected"
    >
      <Icon name={command.icon} className="text-soft" />
      <span className="truncate">{command.text}</span>
      <span className="ml-auto text-xs whitespace-nowrap text-soft">{command.kind}</span>
    </div>
  )
}
