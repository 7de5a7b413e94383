import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Page } from 'playwright-core';
import { afterEach, expect, test } from 'vitest';
import type { TracePage, TraceSubject } from '../../src/panels/trace/trace.contract.ts';
import { traceKeys } from '../../webview/trace/trace-keys.ts';
import { slowly } from '../support/slow.ts';
import { expectKeysToBeText, expectNoOtherKeys } from './keys.ts';
import { choose, describePanel, shotsOf, inThemes, type Panel, type PanelOptions } from './page.ts';
import { expectSound, expectSoundWhenNarrow } from './sound.ts';
import { TraceRun } from './trace-run.ts';
import { writeEvaluation } from '../support/wall-evaluation.ts';

const KEYS = traceKeys({} as never);

describePanel<TracePage>('difference grid', 'trace', (openIn) => {
  let run: TraceRun;
  let panel: Panel<TracePage>;
  afterEach(async () => {
    await panel?.page.close();
    run?.remove();
  });

  const shot = shotsOf('wall', () => panel.page);

  async function open(
    pairs: number,
    options: Partial<PanelOptions> = {},
    place: Partial<TraceSubject> = {},
  ): Promise<Page> {
    run = new TraceRun();
    // Of four pairs, one of each verdict.
    writeEvaluation(run, 'a', pairs, (pair, view) =>
      view === 0 ? pair % 4 < 2 : pair % 4 === 0 || pair % 4 === 2,
    );
    // The second model is right about every second pair.
    writeEvaluation(run, 'b', pairs, (pair) => pair % 2 === 0);
    if (place.against) run.against = place.against;
    panel = await openIn(run.host(), { width: 1440, ...options });
    await expect.poll(() => run.asked).toContain('ready');
    const against = place.against && { ...place.against, run: run.run };
    if (against) run.against = against;
    panel.channel.notify('show', {
      subject: { run: run.run, source: 'a', name: 'spatial', id: null, wall: true, ...place, against },
    });
    await panel.page.locator('.tile img').first().waitFor();
    return panel.page;
  }

  const tile = (page: Page, place: number) => page.locator(`#tile-${place}`);
  const chosen = (page: Page) => page.locator('.tile[aria-selected=true]').count();
  const status = (page: Page) => page.locator('.wall p[role=status]').textContent();

  inThemes('shows outcomes in colour and symbols', async (theme) => {
    const page = await open(40, { theme });
    expect(await page.locator('.legend li').allTextContents()).toEqual([
      '●●both views correct 10',
      '●○only the original correct 10',
      '○●only the mirror correct 10',
      '○○neither view correct 10',
    ]);
    await tile(page, 1).click();
    await tile(page, 3).click({ modifiers: ['Shift'] });
    await expect.poll(() => chosen(page)).toBe(3);
    await shot(theme);
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot(`${theme}-narrow`));
    if (theme === 'light') await expectNoOtherKeys(panel, KEYS);
  });

  test('names the other view if it differs from the mirror', async () => {
    const page = await open(4);
    const [pair] = run.read(97);
    const [original, other] = pair!.views;
    const views = [original!, { ...other!, view: 'rotate:180' }];
    run.write(97, [{ ...pair!, verdict: 'only_view', views }]);
    panel.channel.notify('show', {
      subject: {
        run: run.run,
        source: undefined,
        name: 'spatial',
        id: null,
        wall: true,
        filter: 'step = 97',
      },
    });
    const legend = page.locator('.legend li');
    await expect.poll(() => legend.allTextContents()).toContain('○●only the other view correct 1');
    await expect.poll(() => status(page)).toContain('only the other view correct');
  });

  test('plays a clip in the grid on hover', async () => {
    const page = await open(4);
    const rows = join(run.run, 'eval/a/rows.jsonl');
    const lines = readFileSync(rows, 'utf8').trim().split('\n');
    const images = readdirSync(join(run.folder, 'data/images')).slice(0, 5);
    const clip = {
      images: images.map((image) => `images/${image}`),
      clip: { times_s: [0, 0.2, 0.4, 0.6, 0.8] },
    };
    writeFileSync(
      rows,
      lines
        .map((line) => `${JSON.stringify({ ...(JSON.parse(line) as object), id: 'c', ...clip })}\n`)
        .slice(0, 2)
        .join(''),
    );
    panel.channel.notify('show', {
      subject: { run: run.run, source: 'a', name: 'spatial', id: null, wall: true, filter: '' },
    });
    const count = page.locator('.tile .count');
    await count.waitFor();
    await tile(page, 0).locator('.reel').hover();
    await expect.poll(() => count.innerText(), { timeout: 10_000 }).toContain('4/5');
    await shot('clip');
    await page.mouse.move(0, 0);
    await expect.poll(() => count.innerText()).not.toContain('/');
  });

  slowly('draws of ten thousand pairs those in view, and goes anywhere by key', async () => {
    const page = await open(10_000);
    expect(await page.locator('.tile').count()).toBeLessThan(250);
    await page.keyboard.press('End');
    await tile(page, 9999).waitFor();
    await expect.poll(() => status(page)).toBe('10000 of 10000, both views correct');
    await page.keyboard.press('Home');
    await tile(page, 0).waitFor();
    // All of them at once, and none again.
    await page.keyboard.press('a');
    await page.getByText('10,000 selected').waitFor();
    await page.keyboard.press('a');
    await expect.poll(() => chosen(page)).toBe(0);
    // While it is scrolled, there are always tiles in sight.
    const seen = await page.locator('.tiles').evaluate(async (box) => {
      let least = Infinity;
      for (let i = 0; i < 60; i++) {
        box.scrollTop += 700;
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        const { top, bottom } = box.getBoundingClientRect();
        const inside = [...box.querySelectorAll('.tile')].filter((one) => {
          const at = one.getBoundingClientRect();
          return at.bottom > top && at.top < bottom;
        });
        least = Math.min(least, inside.length);
      }
      return least;
    });
    expect(seen).toBeGreaterThan(40);
    await shot('many');
  });

  test('selects tiles by click and keyboard, and sends the selection', async () => {
    const page = await open(40);
    const annotate = page.getByRole('button', { name: 'Annotate Rows' });
    await expect.poll(() => annotate.isDisabled()).toBe(true);
    await tile(page, 2).click();
    await tile(page, 5).click({ modifiers: ['ControlOrMeta'] });
    await tile(page, 5).click({ modifiers: ['ControlOrMeta'] });
    await tile(page, 7).click({ modifiers: ['ControlOrMeta'] });
    await expect.poll(() => chosen(page)).toBe(2);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByText('13 selected', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => chosen(page)).toBe(0);
    await page.keyboard.press('Space');
    await annotate.click();
    await expect.poll(() => run.asked.at(-1)).toBe('annotate 1');
    await page.getByRole('button', { name: 'Save as Dataset' }).click();
    await expect.poll(() => run.asked.at(-1)).toBe('saveRows 1');
  });

  test('shows a mirror on hover, and all mirrors by key', async () => {
    const page = await open(8);
    const flipped = () =>
      page
        .locator('.tile img')
        .evaluateAll((all) => all.map((one) => getComputedStyle(one).transform.startsWith('matrix(-1')));
    await expect.poll(flipped).toEqual(new Array(8).fill(false));
    await tile(page, 3).hover();
    await expect.poll(async () => (await flipped()).filter(Boolean).length).toBe(1);
    await page.mouse.move(2, 2);
    await page.keyboard.press('m');
    await expect.poll(flipped).toEqual(new Array(8).fill(true));
  });

  test('stores large images of the grid as thumbnails', async () => {
    const page = await open(4);
    const images = join(run.folder, 'data/images');
    const red = { width: 1600, height: 1200, channels: 3 as const, background: 'red' };
    const png = await sharp({ create: red }).png().toBuffer();
    for (const name of readdirSync(images)) writeFileSync(join(images, name), png);
    await page.reload();
    panel.channel.notify('show', {
      subject: { run: run.run, source: 'a', name: 'spatial', id: null, wall: true },
    });
    const size = () =>
      page
        .locator('.tile img')
        .first()
        .evaluate((image) => [
          (image as HTMLImageElement).naturalWidth,
          (image as HTMLImageElement).naturalHeight,
        ]);
    await expect.poll(size).toEqual([400, 300]);
    expect(panel.faults).toEqual([]);
  });

  test('steps through the checkpoints of a run', async () => {
    const page = await open(8);
    // The later, the more are right in both views.
    for (const step of [10, 20, 30]) writeEvaluation(run, `step-0000${step}`, 8, (pair) => pair < step / 10);
    panel.channel.notify('show', {
      subject: { run: run.run, source: 'step-000010', name: 'spatial', id: null, wall: true },
    });
    panel.channel.notify('changed', null);
    const legend = page.locator('.legend li').first();
    await expect.poll(() => legend.textContent()).toBe('●●both views correct 1');
    const slider = page.getByRole('slider', { name: 'Checkpoint' });
    await slider.focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => legend.textContent()).toBe('●●both views correct 2');
    await page.keyboard.press('End');
    await expect.poll(() => legend.textContent()).toBe('●●both views correct 3');
    expect(await slider.getAttribute('aria-valuetext')).toBe('step 30');
    expect(await page.locator('.tile.heading strong').allTextContents()).toEqual([
      'neither view correct',
      'both views correct',
    ]);
    const heading = page.locator('.tile.heading').first();
    await heading.locator('strong').evaluate((name) => (name.textContent = 'only the original correct'));
    await heading
      .locator('.quiet')
      .evaluate((share) => (share.textContent = '1,234 · 100% both views correct'));
    const cut = (one: Element) =>
      [one, ...one.children].some(({ scrollHeight, clientHeight }) => scrollHeight > clientHeight);
    await shot('checkpoints');
    expect(await heading.evaluate(cut)).toBe(false);
    await expectSound(panel);
    // A person may want no groups.
    await choose(page.getByLabel('Group by'), 'nothing');
    await expect.poll(() => page.locator('.tile.heading').count()).toBe(0);
  });

  test('opens a pair on Enter, and returns to its tile', async () => {
    const page = await open(40);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    const at = await status(page);
    await page.keyboard.press('Enter');
    await page.locator('.completion').first().waitFor();
    await page.keyboard.press('v');
    await expect.poll(() => status(page)).toBe(at);
    await expectKeysToBeText(
      panel,
      KEYS.filter(({ command }) => ['toggleWall', 'selectAll', 'search', 'showKeys'].includes(command ?? '')),
    );
  });

  test('groups pairs by relation and position, with a heading per group', async () => {
    const page = await open(60);
    const headings = () => page.locator('.tile.heading').evaluateAll((all) => all.map((a) => a.textContent));
    await choose(page.getByLabel('Group by'), 'relation');
    await expect
      .poll(headings)
      .toEqual([
        'distance15 · 0% both views correct',
        'left and right15 · 100% both views correct',
        'near and far15 · 0% both views correct',
        'no relation in question15 · 0% both views correct',
      ]);
    await shot('by-relation');
    await expectSound(panel);
    await choose(page.getByLabel('Group by'), 'nothing');
    await expect.poll(headings).toEqual([]);
  });

  test('compares two evaluations in the grid', async () => {
    const against = { run: 'b', source: 'b' };
    const filter = 'outcome in (only_first, only_second)';
    const page = await open(40, { theme: 'dark' }, { against, filter });
    expect(await page.locator('.legend li').allTextContents()).toEqual([
      'A BA and B correct 0',
      'A –only A correct 0',
      '– Bonly B correct 10',
      '– –A and B wrong 0',
    ]);
    await shot('compared');
    await expectSound(panel);
    await page.getByRole('button', { name: 'Stop comparison' }).click();
    await expect.poll(() => run.asked.at(-1)).toBe('compare null');
  });

  test('shows a message if no pair matches, and clears the filter', async () => {
    const page = await open(8);
    const field = page.getByLabel('Filter', { exact: true });
    await field.fill('accuracy > 2');
    await page.getByText('No pairs match the filter.').waitFor();
    await shot('empty');
    await expectSound(panel);
    await page.getByRole('button', { name: 'Clear Search and Filter' }).click();
    await tile(page, 7).waitFor();
  });
});
