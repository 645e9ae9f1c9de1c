import '../ui/base.css'
import { isDoor } from './doorway'
import { startI18n } from './i18n'

// Who is not in yet loads a form and not the whole console.
const start = isDoor(window.location.pathname)
  ? import('./door').then(({ startDoor }) => startDoor)
  : import('./console').then(({ startConsole }) => startConsole)

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

await startI18n()
await (
  await start
)(root)

// A page that comes back from the browser's memory shows what was read before a sign-out.
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) window.location.reload()
})
