import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { openProject } from '../unit/recorded/files.ts';
import { chirality } from '../unit/lab/recipes/cli.ts';
import { slowly } from '../support/slow.ts';
import { folderOfTests } from '../support/folder.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** What a stranger's file may try on a page. */
const MARKUP =
  '<img src=x onerror="document.title=1"><script>document.title=2</script><a href="//evil.example">';

// A site of runs, as whoever gets it opens it: from its files, in any browser.
describe.skipIf(!chromiumPath)('published site', () => {
  const folder = folderOfTests('chirality-site-');
  let browser: Browser;

  beforeAll(async () => {
    await openProject(folder);
    for (const name of readdirSync(join(folder, 'runs/spatial/traces'))) {
      const path = join(folder, 'runs/spatial/traces', name);
      if (!name.endsWith('.jsonl')) continue;
      const marked = readFileSync(path, 'utf8').replaceAll(
        /"question":"/g,
        `"question":${JSON.stringify(MARKUP).slice(0, -1)}`,
      );
      writeFileSync(path, marked);
    }
    const { code, stderr } = await chirality(folder, 'publish', 'grpo', 'spatial', 'sft', '-o', 'site');
    expect([code, stderr]).toEqual([0, expect.stringContaining('Open site/index.html.')]);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
  });

  const pages = () =>
    readdirSync(join(folder, 'site'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.\w+$/.test(name),
    );

  /** Opens a page, and notes all that it asks for and complains about. */
  async function open(path: string): Promise<{ page: Page; heard: string[] }> {
    const page = await browser.newPage();
    const heard: string[] = [];
    page.on('request', (request) => heard.push(request.url()));
    page.on('console', (message) => heard.push(message.text()));
    await page.goto(pathToFileURL(join(folder, 'site', path)).href);
    return { page, heard };
  }

  slowly('a published site passes accessibility checks, without network requests', async () => {
    // The test's own script is not part of the page, whose policy forbids all.
    const reader = await browser.newContext({ bypassCSP: true });
    for (const path of ['index.html', 'spatial/index.html', 'spatial/0001.html']) {
      const { page, heard } = await open(path);
      const read = await reader.newPage();
      await read.goto(page.url());
      for (const colorScheme of ['light', 'dark'] as const)
        for (const width of [1200, 360]) {
          const place = `${path} in ${colorScheme} at ${width} pixels`;
          for (const one of [page, read]) {
            await one.emulateMedia({ colorScheme });
            await one.setViewportSize({ width, height: 800 });
          }
          const wide = await page.evaluate('document.documentElement.scrollWidth');
          expect(wide, place).toBeLessThanOrEqual(width);
          const shots = process.env.CHIRALITY_SHOTS;
          if (shots)
            await page.screenshot({
              path: join(shots, `site-${path.replace(/\W/g, '-')}-${colorScheme}-${width}.png`),
            });
          const { violations } = (await read.evaluate(`${AXE}; axe.run()`)) as AxeResults;
          expect(
            violations.map(({ id, nodes }) => [id, nodes[0]!.html]),
            place,
          ).toEqual([]);
        }
      // Images stand in the page itself.
      expect(
        heard.filter((one) => !one.startsWith('data:image/')),
        path,
      ).toEqual([page.url()]);
      await page.close();
    }
    await reader.close();
  });

  test('a published site links the report, the runs and the pairs', async () => {
    const { page } = await open('index.html');
    expect(await page.locator('svg').count()).toBeGreaterThan(1);
    await page.getByRole('link', { name: 'spatial' }).click();
    const cards = page.locator('.cards a');
    expect(await cards.count()).toBeGreaterThan(3);
    expect(
      await cards
        .locator('img')
        .first()
        .evaluate((img: HTMLImageElement) => img.naturalWidth),
    ).toBeGreaterThan(100);
    await cards.first().click();
    await page.getByRole('heading', { name: 'Mirror', exact: true }).waitFor();
    await page.getByRole('link', { name: 'All pairs of this run' }).click();
    await page.getByRole('link', { name: 'All runs' }).click();
    await page.getByRole('heading', { name: 'Runs', exact: true }).waitFor();
    await page.close();
  });

  test('a published site shows external markup as text, and contains no local paths', async () => {
    const traced = pages().filter((path) =>
      readFileSync(join(folder, 'site', path), 'utf8').includes('evil.example'),
    );
    expect(traced.length).toBeGreaterThan(1);
    for (const path of traced.slice(0, 3)) {
      const { page } = await open(path);
      expect(await page.title()).not.toMatch(/^[12]$/);
      expect(await page.locator('script, [onerror], a[href*="evil"]').count()).toBe(0);
      await page.close();
    }
    for (const path of pages())
      expect(readFileSync(join(folder, 'site', path), 'utf8'), path).not.toContain(folder);
  });

  test('a published site contains only HTML pages, below 20 MB', () => {
    expect(pages().filter((path) => !path.endsWith('.html'))).toEqual([]);
    const bytes = pages().reduce((sum, path) => sum + statSync(join(folder, 'site', path)).size, 0);
    expect(bytes).toBeLessThan(20e6);
  });

  test('a site is not written to a non-empty folder', async () => {
    const { code, stderr } = await chirality(folder, 'publish', 'grpo', '-o', 'site');
    expect([code, stderr]).toEqual([2, expect.stringContaining('is not empty')]);
  });
});
