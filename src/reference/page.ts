import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js'

const nothing = (): (() => null) => () => null

/** It only tells: it sends nothing, so that it asks for no token, and the address where it is read is the service's. */
const readOnly = {
  wrapComponents: {
    authorizeBtn: nothing,
    authorizeOperationBtn: nothing,
    ServersContainer: nothing,
  },
}

function followScheme(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const follow = (): void => {
    document.documentElement.classList.toggle('dark-mode', dark.matches)
  }
  dark.addEventListener('change', follow)
  follow()
}

/** What Swagger UI leaves out: choices have a name, and an example that is longer than its box can be reached by keyboard. */
function nameParts(root: Element): void {
  const name = (): void => {
    for (const choice of root.querySelectorAll('select:not([aria-label])')) {
      choice.setAttribute('aria-label', 'Which one to show')
    }
    for (const example of root.querySelectorAll('pre.example:not([tabindex])')) {
      example.setAttribute('tabindex', '0')
    }
  }
  new MutationObserver(name).observe(root, { childList: true, subtree: true })
}

const domNode = document.querySelector('#reference')
if (!domNode) throw new Error('the page has no place for the reference')
followScheme()
nameParts(domNode)
SwaggerUI({
  url: '/openapi.yaml',
  domNode,
  deepLinking: false,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  supportedSubmitMethods: [],
  validatorUrl: null,
  syntaxHighlight: { activated: false },
  plugins: [readOnly],
})
