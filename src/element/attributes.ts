import type { PosthornOpenEvent, PosthornToggleEvent } from './events.js'
import type { PosthornInbox } from './posthorn-inbox.js'

type Settings = Pick<
  PosthornInbox,
  'open' | 'placement' | 'theme' | 'label' | 'badge' | 'toasts' | 'texts'
>

/** What JSX may give the element beside what any element takes, for frameworks that set properties and listen by `on…`, as React 19. */
export type PosthornInboxAttributes = { [Name in keyof Settings]?: Settings[Name] | undefined } & {
  inbox?: PosthornInbox['inbox'] | null
  'onposthorn-open'?: ((event: PosthornOpenEvent) => void) | undefined
  'onposthorn-toggle'?: ((event: PosthornToggleEvent) => void) | undefined
}
