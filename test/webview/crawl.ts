import type { Page } from 'playwright-core';
import { isSlow } from '../support/slow.ts';
import { installCrawl, type Target } from './crawl-page.ts';

declare const crawl: ReturnType<typeof installCrawl>;

/** Longest time until a press shows its effect, in ms. */
const PATIENCE = 1_000;

/** Maximum number of elements pressed in one state; what a press brings into view is pressed as well. */
const MOST = 500;

/**
 * Presses everything in a panel that takes the focus or has the pointer of links: with the mouse, then with keys. What
 * is inert by its role's law (disabled, the pressed radio, the selected tab) is left out, and what looks alike is pressed
 * once.
 * @param known kinds that were pressed before; the kinds of this state are added
 * @returns one line for each element that did nothing, or that looks or reads like something else than it is
 */
export async function pressAll(page: Page, known: Set<string>): Promise<string[]> {
  const dead: string[] = [];
  if (!(await page.evaluate(`'crawl' in window`)))
    await page.evaluate(`window.crawl = (${installCrawl.toString()})(${isSlow})`).then(() => undefined);
  for (let i = 0; i < MOST; i++) {
    await page.evaluate(() => crawl.settle());
    const target: Target | null = await page.evaluate((pressed) => crawl.next(pressed), [...known]);
    if (!target) {
      if (!(await page.locator('dialog:modal').count())) break;
      await page.keyboard.press('Escape');
      continue;
    }
    known.add(target.kind);
    dead.push(...target.faults.map((fault) => `${fault}: ${target.kind}`));
    const { at, keys, typed } = target;
    const report = async (fault: string) => {
      if (!(await page.evaluate(() => crawl.isChoice()))) dead.push(`${fault}: ${target.kind}`);
    };
    if (at) {
      const point = async () => {
        await page.mouse.move(at.x, at.y);
        await page.evaluate(() => crawl.settle());
      };
      const click = async () => {
        const { x, y } = (await page.evaluate(() => crawl.at())) ?? at;
        await page.mouse.click(x, y);
      };
      if (!(await acts(page, click, point))) await report('A click does nothing');
    }
    if (keys.length === 0 || !(await page.evaluate(() => crawl.focus()))) continue;
    const press = async () => {
      for (const key of keys) {
        await page.keyboard.press(key);
        if (await page.evaluate((ms) => crawl.acted(ms), typed ? 0 : 50)) return;
      }
    };
    if (!(await acts(page, press))) await report(`${keys.join(', ')} does nothing`);
  }
  return dead;
}

/** Whether an action has an effect on the page, or reaches the host, after what only leads to it. */
async function acts(
  page: Page,
  action: () => Promise<void>,
  lead = () => Promise.resolve(),
): Promise<boolean> {
  await lead();
  await page.evaluate(async () => {
    await crawl.settle();
    crawl.watch();
  });
  if (await page.evaluate(() => crawl.isGone())) return true;
  await action();
  return page.evaluate((ms) => crawl.acted(ms), PATIENCE);
}
