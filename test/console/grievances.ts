import axe from 'axe-core'
import type { Page } from 'playwright'

declare global {
  interface Window {
    /** Once its source has run. */
    axe: typeof axe
  }
}

/** What axe finds on a page that keeps somebody out, or is hard on them. */
export async function grievances(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document)
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
  })
}
