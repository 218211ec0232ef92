import type { Locator, Page } from 'playwright'

/** A row of a device's arrivals, as a person reads it. */
export interface Row {
  seq: number
  marks: string[]
  title: string
}

/** One of the two devices on the page. */
export class DevicePane {
  readonly region: Locator

  constructor(page: Page, name: string) {
    this.region = page.getByRole('region', { name, exact: true })
  }

  /** How the connection stands, in words. */
  async status(): Promise<string> {
    return (await this.region.locator('.status').textContent())?.trim() ?? ''
  }

  /** `cursor`, `latest`, `unread`, `unseen` or `replayed`. */
  fact(name: string): Promise<string | null> {
    return this.region.locator('.facts div', { hasText: name }).locator('dd').textContent()
  }

  /** What has arrived, oldest first; without the lines that tell of the connection. */
  rows(): Promise<Row[]> {
    return this.region.locator('.arrivals .row').evaluateAll((rows) =>
      rows.map((row) => ({
        seq: Number(row.querySelector('.seq')?.textContent),
        marks: [...row.querySelectorAll('.mark')].map(({ textContent }) => textContent),
        title: row.querySelector('.text')?.textContent.trim() ?? '',
      })),
    )
  }

  /** Titles of what came with this mark, in the order in which it came. */
  async titles(mark: string): Promise<string[]> {
    const rows = await this.rows()
    return rows.filter(({ marks }) => marks.includes(mark)).map(({ title }) => title)
  }

  /** The lines between the rows: what became of the connection. */
  lines(): Promise<string[]> {
    return this.region.locator('.arrivals .between').allTextContents()
  }

  /** The types of the frames, oldest first, each with its direction. */
  async frames(): Promise<string[]> {
    return this.region
      .locator('.frame')
      .evaluateAll((rows) =>
        rows.map(
          (row) =>
            `${row.querySelector('.unseen')?.textContent} ${row.querySelector('b')?.textContent}`,
        ),
      )
  }

  button(name: string | RegExp): Locator {
    return this.region.getByRole('button', { name, exact: typeof name === 'string' })
  }

  field(label: string): Locator {
    return this.region.getByLabel(label, { exact: true })
  }
}

/** Waits until these are connected, and have what they missed. */
export async function untilLive(...panes: DevicePane[]): Promise<void> {
  for (const { region } of panes) {
    await region.locator('.status', { hasText: 'live' }).waitFor()
  }
}

/** The page, as a person uses it. */
export class ConsolePage {
  readonly page: Page
  readonly phone: DevicePane
  readonly laptop: DevicePane

  constructor(page: Page) {
    this.page = page
    this.phone = new DevicePane(page, 'phone')
    this.laptop = new DevicePane(page, 'laptop')
  }

  static async open(page: Page, url: string): Promise<ConsolePage> {
    await page.goto(url)
    return new ConsolePage(page)
  }

  /** One more tab of the same browser. */
  async openTab(): Promise<ConsolePage> {
    return ConsolePage.open(await this.page.context().newPage(), this.page.url())
  }

  /** Closes this tab, and those that were opened from it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close()
  }

  async signIn(user = 'alice'): Promise<void> {
    await this.field('User').fill(user)
    await this.button('Sign in').click()
  }

  /** Signs a user in, and waits until both devices are connected. */
  async enter(user = 'alice'): Promise<void> {
    await this.signIn(user)
    await untilLive(this.phone, this.laptop)
  }

  /** Fills the fields, by their labels, and sends. */
  async send(fields: Record<string, string> = {}): Promise<void> {
    const compose = this.page.getByRole('region', { name: 'Compose' })
    for (const [label, text] of Object.entries(fields)) {
      await compose.getByLabel(label, { exact: true }).fill(text)
    }
    await this.button('Send').click()
  }

  /** What the service answered to the last send. */
  answer(): Locator {
    return this.page.getByRole('region', { name: 'Answer' })
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true })
  }

  field(label: string): Locator {
    return this.page.getByLabel(label, { exact: true })
  }
}
