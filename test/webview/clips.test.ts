import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { PairHost, PairPage, PairState } from '../../src/panels/pair/pair.contract.ts';
import { parseSample } from '../../src/rows/sample/parse-sample.ts';
import { rewriteFor } from '../../src/rows/views/view.ts';
import { takeFramesWith } from '../../src/lab/datasets/frame-cache.ts';
import { extractFrames, lengthOfVideo } from '../../src/lab/images/video.ts';
import { PairRows } from '../../src/panels/data-rows.reads.ts';
import { choose, describePanel, shotsOf, inThemes, type Panel, type PanelOptions } from './page.ts';
import { expectSound, expectSoundWhenNarrow } from './sound.ts';
import { folderOfTests } from '../support/folder.ts';

/** Frames of 200 × 120 pixels in which a red square moves to the right, over a green one that stays. */
async function drawnFrames(n: number): Promise<Buffer> {
  const [w, h] = [200, 120];
  const frames = Array.from({ length: n }, (_, i) => {
    const pixels = Buffer.alloc(w * h * 3, 245);
    const fill = (x: number, y: number, colour: readonly number[]) => {
      for (let dy = 0; dy < 30; dy++)
        for (let dx = 0; dx < 30; dx++) pixels.set(colour, 3 * ((y + dy) * w + x + dx));
    };
    fill(85, 70, [40, 150, 60]);
    fill(10 + Math.round((i * 150) / (n - 1)), 25, [210, 40, 40]);
    return pixels;
  });
  return sharp(Buffer.concat(frames), { raw: { width: w, height: h * n, channels: 3, pageHeight: h } })
    .gif({ delay: Array.from({ length: n }, () => 200) })
    .toBuffer();
}

describePanel<PairPage>('clip in the Pair panel', 'pair', (openIn) => {
  const folder = folderOfTests('chirality-clips-');
  const service = new PairRows();
  const row = {
    id: '1',
    question: 'Does the red square move to the left or to the right?',
    answer: 'right',
    video: { path: 'a.gif', frames: 5, end_s: 1 },
  };

  beforeAll(async () => {
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
    takeFramesWith({ extract: extractFrames, length: lengthOfVideo });
    await sharp(await drawnFrames(5), { animated: true }).toFile(join(folder, 'a.gif'));
  });
  afterAll(() => {
    vi.unstubAllEnvs();
  });

  let panel: Panel<PairPage>;
  async function open(options: Partial<PanelOptions> = {}): Promise<Page> {
    const place = { folder, root: folder };
    const { sample } = parseSample(row);
    const text = JSON.stringify({ ...row, variants: { views: { reverse: rewriteFor(sample!, 'reverse') } } });
    const state: PairState = {
      kind: 'row',
      uri: 'file:///clips.qa.jsonl',
      name: 'clips.qa.jsonl',
      line: 1,
      lines: 1,
      row: await service.read({ text, place }),
    };
    const nothing = () => undefined;
    const host: PairHost = {
      ready: nothing,
      move: nothing,
      openRow: nothing,
      openKeybindings: nothing,
      image: ({ ref }) => service.image({ image: ref, place }),
      look: () => Promise.resolve(null),
    };
    panel = await openIn(host, { width: 900, ...options });
    panel.channel.notify('show', state);
    await panel.page.locator('.clip img').first().waitFor();
    return panel.page;
  }

  /** The frames that are shown, by their names. */
  const shown = (page: Page) =>
    page
      .locator('figcaption')
      .allTextContents()
      .then((texts) => texts.map((text) => Number(/frame (\d)/.exec(text)?.[1])));
  const frame = (page: Page) => page.getByRole('slider', { name: 'Frame' });

  const shot = shotsOf('clips', () => panel.page);

  test('steps both views of a clip by comma, full stop and slider', async () => {
    const page = await open();
    expect(await shown(page)).toEqual([1, 1]);
    await page.locator('.clip .frame').first().focus();
    await page.keyboard.press('.');
    await page.keyboard.press('.');
    expect(await shown(page)).toEqual([3, 3]);
    expect(await frame(page).getAttribute('aria-valuetext')).toBe('frame 3 of 5, 0.50 s');
    await page.keyboard.press(',');
    expect(await shown(page)).toEqual([2, 2]);
    await frame(page).fill('4');
    expect(await shown(page)).toEqual([5, 5]);
    await page.keyboard.press('.');
    expect(await shown(page)).toEqual([1, 1]);
  });

  test('plays a clip backwards in the reversed view, on the same clock', async () => {
    const page = await open();
    await choose(page.getByRole('combobox', { name: 'Right view' }), 'Reversed');
    await expect.poll(() => shown(page)).toEqual([1, 5]);
    await page.locator('.clip .frame').first().focus();
    await page.keyboard.press('.');
    expect(await shown(page)).toEqual([2, 4]);
  });

  test('plays a clip on Space and on hover, unless reduced motion is preferred', async () => {
    const page = await open();
    await page.locator('.clip .frame').first().focus();
    await page.keyboard.press('Space');
    await expect.poll(() => shown(page)).not.toEqual([1, 1]);
    await page.keyboard.press('Space');
    const still = await shown(page);
    await page.waitForTimeout(500);
    expect(await shown(page)).toEqual(still);

    await page.locator('.clip').hover();
    await expect.poll(() => page.getByRole('button', { name: 'Pause' }).count()).toBe(1);
    await page.mouse.move(0, 0);
    await expect.poll(() => page.getByRole('button', { name: 'Play' }).count()).toBe(1);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.locator('.clip').hover();
    await page.waitForTimeout(300);
    expect(await page.getByRole('button', { name: 'Play' }).count()).toBe(1);
  });

  inThemes('passes accessibility checks with clips', async (theme) => {
    const page = await open({ theme });
    await frame(page).fill('3');
    await expectSound(panel);
    await shot(theme);
    await expectSoundWhenNarrow(panel, () => shot(`${theme}-narrow`));
  });
});
