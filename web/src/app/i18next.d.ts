import 'i18next'

import type account from '../locales/en/account.json'
import type auth from '../locales/en/auth.json'
import type common from '../locales/en/common.json'
import type dashboard from '../locales/en/dashboard.json'
import type deleted from '../locales/en/deleted.json'
import type entry from '../locales/en/entry.json'
import type frame from '../locales/en/frame.json'
import type funds from '../locales/en/funds.json'
import type imports from '../locales/en/imports.json'
import type investors from '../locales/en/investors.json'
import type keys from '../locales/en/keys.json'
import type mailbox from '../locales/en/mailbox.json'
import type members from '../locales/en/members.json'
import type pages from '../locales/en/pages.json'
import type trail from '../locales/en/trail.json'

// English is the catalogue that the compiler checks every key against.
declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common'
    resources: {
      account: typeof account
      auth: typeof auth
      common: typeof common
      dashboard: typeof dashboard
      deleted: typeof deleted
      entry: typeof entry
      frame: typeof frame
      funds: typeof funds
      imports: typeof imports
      investors: typeof investors
      keys: typeof keys
      mailbox: typeof mailbox
      members: typeof members
      pages: typeof pages
      trail: typeof trail
    }
  }
}
