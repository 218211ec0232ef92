/** Of Swagger UI, what the page uses: https://swagger.io/docs/open-source-tools/swagger-ui/usage/configuration/. */
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  /** A part of the page. */
  type Component = () => unknown

  interface Plugin {
    wrapComponents: Record<string, (original: Component) => Component>
  }

  export default function SwaggerUI(options: {
    url: string
    domNode: Element
    /** Whether the address names the operation that is open. */
    deepLinking: boolean
    docExpansion: 'list' | 'full' | 'none'
    /** How deep schemas are unfolded; -1 shows none of them. */
    defaultModelsExpandDepth: number
    /** Methods that may be tried from the page. */
    supportedSubmitMethods: readonly string[]
    /** Where a badge about the document is asked for, or nowhere. */
    validatorUrl: string | null
    syntaxHighlight: { activated: boolean }
    plugins: readonly Plugin[]
  }): unknown
}
