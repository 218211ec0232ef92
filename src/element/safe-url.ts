/** Browsers drop tabs and line breaks before they read a URL. */
const LINK = /^(?:https?:\/\/|\/(?![/\\]))[^\p{Cc}\p{Cs}\s]*$/iu

/**
 * The URL, where it may be followed: http(s), or a path of this site that starts with one slash. The service lets in no other; what
 * stands in a page looks for itself.
 */
export function safeUrl(url: string | null): string | undefined {
  if (url === null || !LINK.test(url)) return undefined
  return url.startsWith('/') || URL.canParse(url) ? url : undefined
}
