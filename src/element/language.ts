/** The language of an element: its own `lang`, or that of the nearest around it, through shadow roots; else the browser's. */
export function languageOf(element: Element): string | undefined {
  for (let node: Node | null = element; node; node = above(node)) {
    if (!(node instanceof Element)) continue
    const lang = node.getAttribute('lang')
    if (lang !== null && lang !== '') return supported(lang)
  }
  return undefined
}

function above(node: Node): Node | null {
  return node instanceof ShadowRoot ? node.host : node.parentNode
}

/** A page may say anything for its language; one that `Intl` can't read is the browser's. */
function supported(lang: string): string | undefined {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(lang)[0]
  } catch {
    return undefined
  }
}
