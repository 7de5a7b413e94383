import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Channel, type Api } from '../../src/base/channel.ts';
import { pageHtml } from '../../src/panels/page-html.host.ts';
import { chromiumPath, launchChromium, NO_CHROMIUM } from '../support/chromium.ts';
import { requireAll } from '../support/required.ts';
import { isSlow } from '../support/slow.ts';
import { pressAll } from './crawl.ts';
import { scrollbarsTooMany } from './scrollbars.ts';

/** The kinds of themes that VS Code has, with what it gave a webview in each (record-themes.ts). */
const THEMES = ['light', 'dark', 'high-contrast-light', 'high-contrast'] as const;
export type Theme = (typeof THEMES)[number];

/** A test in every theme in the slow tests and for screenshots, otherwise in one, which its title chooses. */
export function inThemes(title: string, run: (theme: Theme) => Promise<void>): void {
  const isInAll = isSlow || process.env.CHIRALITY_SHOTS;
  test.for(THEMES.filter((_, i) => isInAll || i === title.length % 4))(`${title}, theme %s`, run);
}

export const isThemed = () => expect.getState().currentTestName!.includes(', theme ');

/** Whether the test tries what every state of a panel must pass: all slow tests do, otherwise those of themes. */
export const isSurvey = () => isSlow || isThemed();

const ORIGIN = 'http://panel.test';

export interface Panel<PageApi extends Api<PageApi>> {
  page: Page;
  /** The test is the page's extension host. */
  channel: Channel<PageApi>;
  /** Breaches of the content policy, and errors of scripts. */
  faults: string[];
  /** What the page keeps over a reload of the window. */
  memory: () => Promise<unknown>;
}

export interface PanelOptions {
  /** The name of the bundle, and where it lies if not in dist/webview. */
  bundle: string;
  folder?: string;
  theme: Theme;
  width: number;
  height: number;
  /** What the page may call. */
  host: ConstructorParameters<typeof Channel>[1];
  /** What the page kept of its former life. */
  memory?: unknown;
  /** What the host kept of it: the tab of that life was closed. */
  stored?: unknown;
}

/** Opens the panel on a host, with what differs from the usual. */
type Open<PageApi extends Api<PageApi>> = (
  host: object,
  options?: Partial<PanelOptions>,
) => Promise<Panel<PageApi>>;

/** The tests of a panel in Chromium, if the machine has it. After each, its page is closed. */
export function describePanel<PageApi extends Api<PageApi>>(
  name: string,
  bundle: string,
  tests: (open: Open<PageApi>) => void,
): void {
  const lacks = !chromiumPath && !requireAll;
  if (lacks) console.warn(`Tests of the panels are skipped. ${NO_CHROMIUM}`);
  describe.skipIf(lacks)(name, () => {
    let browser: Browser;
    let panel: Panel<PageApi> | undefined;
    beforeAll(async () => {
      browser = await launchChromium();
    });
    afterAll(() => browser?.close());
    tests(async (host, options) => {
      const usual = { bundle, theme: 'light', width: 1200, height: 900 } as const;
      panel = await openPanel<PageApi>(browser, { ...usual, host: { ...host }, ...options });
      return panel;
    });
    // In what these tests end with, everything that looks like a thing to click is one, and there is one scrollbar a
    // direction at all widths. Hooks registered last run first.
    const known = new Set<string>();
    afterEach(async ({ task }) => {
      const page = panel?.page;
      panel = undefined;
      if (!page) return;
      try {
        if (task.result?.state === 'fail' || page.isClosed() || !isSurvey()) return;
        expect(await scrollbarsTooMany(page)).toEqual([]);
        if (isSlow) expect(await pressAll(page, known)).toEqual([]);
      } finally {
        await page.close();
      }
    });
  });
}

/** Opens a panel's bundle as VS Code would: same document, same policy, same variables, but no VS Code around it. */
export async function openPanel<PageApi extends Api<PageApi>>(
  browser: Browser,
  { bundle, folder = 'dist/webview', theme, width, height, host, memory = null, stored = null }: PanelOptions,
): Promise<Panel<PageApi>> {
  const page = await browser.newPage({ viewport: { width, height } });
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));

  let receive: (message: unknown) => void = () => undefined;
  // As in the editor, a message to a panel that was closed meanwhile goes nowhere.
  const post = (message: unknown) =>
    void page
      .evaluate((m) => window.postMessage(m), message)
      .catch((error: unknown) => {
        if (!page.isClosed()) faults.push(String(error));
      });
  const channel = new Channel<PageApi>({ post, listen: (listener) => (receive = listener) }, host);
  await page.exposeFunction('hostReceives', (message: unknown) => receive(message));

  const { body, variables } = recorded(theme);
  await page.addInitScript(standInForVsCode, { body, variables, memory });
  const html = pageHtml({
    script: `${ORIGIN}/${bundle}.js`,
    style: `${ORIGIN}/${bundle}.css`,
    cspSource: ORIGIN,
    nonce: 'secret',
    memory: stored,
  });
  await page.route(`${ORIGIN}/**`, (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name === '') return route.fulfill({ contentType: 'text/html', body: html });
    return route.fulfill({ path: `${folder}/${name}` });
  });
  await page.goto(`${ORIGIN}/`);
  return { page, channel, faults, memory: () => page.evaluate('keptState()') };
}

function recorded(theme: Theme): { body: string; variables: Record<string, string> } {
  return JSON.parse(readFileSync(`test/fixtures/themes/${theme}.json`, 'utf8')) as ReturnType<
    typeof recorded
  >;
}

/** Changes the theme of an open page, as VS Code does when its user chooses another one. */
export async function changeTheme(page: Page, theme: Theme): Promise<void> {
  await page.evaluate(({ body, variables }) => {
    document.documentElement.removeAttribute('style');
    for (const [name, value] of Object.entries(variables)) {
      document.documentElement.style.setProperty(name, value);
    }
    document.body.className = body;
    // What listens to the theme has drawn again after two frames.
    return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  }, recorded(theme));
}

/** Runs in the page, before its own scripts. */
function standInForVsCode(given: { body: string; variables: Record<string, string>; memory: unknown }): void {
  let state = given.memory;
  Object.assign(window, {
    acquireVsCodeApi: () => ({
      postMessage: (message: unknown) =>
        (window as unknown as Record<string, (m: unknown) => void>).hostReceives!(message),
      getState: () => state,
      setState: (next: unknown) => {
        state = next;
      },
    }),
    keptState: () => state,
  });
  addEventListener('DOMContentLoaded', () => {
    document.body.className = given.body;
    for (const [name, value] of Object.entries(given.variables)) {
      document.documentElement.style.setProperty(name, value);
    }
  });
}

/** Images of a panel for a person to look at, in the folder that CHIRALITY_SHOTS names. */
export const shotsOf =
  (panel: string, page: () => Page, whole = false) =>
  async (state: string, fullPage = whole): Promise<void> => {
    const folder = process.env.CHIRALITY_SHOTS;
    if (!folder) return;
    // Charts are drawn as they come into sight.
    await page().waitForTimeout(600);
    await page().screenshot({ path: join(folder, `${panel}-${state}.png`), fullPage });
  };

/** Chooses in a dropdown by what its option says. */
export async function choose(dropdown: Locator, option: string): Promise<void> {
  await dropdown.click();
  await dropdown.getByRole('option', { name: option, exact: true }).click();
}
