import type { Locator, Page } from 'playwright-core';
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { PairHost, PairPage, PairState } from '../../src/panels/pair/pair.contract.ts';
import type { Sample, ViewVariant } from '../../src/rows/sample/sample.ts';
import { decodeImage } from '../../src/lab/images/decode.ts';
import { newPixelsOf, withNewPixels } from '../../src/lab/images/view-picture.ts';
import { decide } from '../../src/core/annotation/review.ts';
import { mirrorSample } from '../../src/rows/views/mirror/mirror-sample.ts';
import { rewriteFor } from '../../src/rows/views/view.ts';
import { PairRows } from '../../src/panels/data-rows.reads.ts';
import { pairKeys } from '../../webview/pair/pair-keys.ts';
import { expectNoOtherKeys } from './keys.ts';
import { choose, describePanel, shotsOf, inThemes, type Panel, type PanelOptions } from './page.ts';
import { expectPairInSight } from './scrollbars.ts';
import { expectSound, expectSoundWhenNarrow } from './sound.ts';
import { slowly } from '../support/slow.ts';
import { folderOfTests } from '../support/folder.ts';

const KEYS = pairKeys({} as never, {} as never);

describePanel<PairPage>('Pair panel', 'pair', (openIn) => {
  const folder = folderOfTests('chirality-panel-');
  let rows: string[];
  const service = new PairRows();

  beforeAll(async () => {
    const out = join(folder, 'data');
    const worlds = ['worlds', '--count', '12', '--seed', '7', '--size', '320', '-o', out];
    execFileSync(process.execPath, ['dist/cli.js', ...worlds]);
    rows = readFileSync(join(out, 'data.qa.jsonl'), 'utf8').trim().split('\n');
    const wide = ['worlds', '--count', '1', '--size', '320x240', '-o', join(folder, 'wide')];
    execFileSync(process.execPath, ['dist/cli.js', ...wide]);
    copyFileSync(join(folder, 'wide/images/000001.png'), join(out, 'wide.png'));
    writeFileSync(join(out, 'scan.tif'), Buffer.from('II*\0rest of a TIFF file', 'latin1'));
    writeFileSync(join(out, 'broken.png'), readFileSync(join(out, 'images/000001.png')).subarray(0, 20));
    writeFileSync(join(folder, 'secret.png'), readFileSync(join(out, 'images/000001.png')));
  });

  /** Which words a mirror swaps must not depend on what the worlds happen to ask. */
  const SIDES = {
    question: 'On which side of the red cone is the green cylinder, right or left?',
    answer: 'right',
    choices: ['right', 'left'],
    reasoning: 'The cone is left of the cylinder, so the cylinder is right of the cone.',
  };

  /** The `n`-th row (from 1) as the host would send it, with some fields changed. */
  async function state(n: number, change: Partial<Sample> = SIDES): Promise<PairState> {
    const text = JSON.stringify({ ...(JSON.parse(rows[n - 1]!) as Sample), ...change });
    return raw(text, n);
  }

  const PICTURE = 'images/000005.png';

  /** A row with views of its own: turned, in other words, and, with another row's image, seen from elsewhere. */
  async function withViews(): Promise<PairState> {
    const row = JSON.parse(rows[4]!) as Sample;
    const turns = {
      ...row,
      question: 'In the image, is the red cone to the left of the cylinder?',
      answer: 'Yes',
    };
    delete turns.choices;
    delete turns.reasoning;
    const other = JSON.parse(rows[5]!) as Sample;
    const orbit = { ...rewriteFor(turns, 'rotate:180'), image_op: 'render', images: [other.images[0]!] };
    const views = {
      'rotate:90': rewriteFor(turns, 'rotate:90'),
      converse: rewriteFor(turns, 'converse'),
      'orbit:20': { ...orbit, scene_graph: other.scene_graph!, effect: 'changes' as const },
    };
    return raw(JSON.stringify({ ...turns, variants: { views } }), 5);
  }

  async function raw(text: string, line: number): Promise<PairState> {
    const place = { folder: join(folder, 'data'), root: join(folder, 'data') };
    const row = await service.read({ text, place });
    return {
      kind: 'row',
      uri: 'file:///data.qa.jsonl',
      name: 'data.qa.jsonl',
      line,
      lines: rows.length,
      row,
    };
  }

  let panel: Panel<PairPage>;
  let asked: string[];

  async function open(first: PairState, options: Partial<PanelOptions> = {}): Promise<Page> {
    asked = [];
    const place = { folder: join(folder, 'data'), root: join(folder, 'data') };
    const host: PairHost = {
      ready: () => void asked.push('ready'),
      move: ({ by }) => void asked.push(`move ${by}`),
      openRow: () => void asked.push('openRow'),
      openKeybindings: () => void asked.push('openKeybindings'),
      image: ({ ref }) => {
        asked.push('image');
        return service.image({ image: ref, place });
      },
      look: () => Promise.resolve(null),
    };
    panel = await openIn(host, { width: 900, ...options });
    await expect.poll(() => asked).toContain('ready');
    panel.channel.notify('show', first);
    await panel.page.locator('main').waitFor();
    return panel.page;
  }

  const shot = shotsOf('pair', () => panel.page, true);

  const show = (next: PairState) => panel.channel.notify('show', next);
  const texts = (selector: string) => panel.page.locator(selector).allTextContents();

  test('says what a reviewer decided about a deferred mirror, and not what the rules said before', async () => {
    const shown = (await state(5)) as Extract<PairState, { kind: 'row' }>;
    const sample: Sample = { id: 'a', question: 'What is left of the cake?', answer: 'crumbs', images: [] };
    const deferred = { ...sample, variants: { mirror: mirrorSample(sample) } };
    const texts = { question: 'What is right of the cake?' };
    const edited = decide(deferred, 'mirror', { kind: 'edit', texts }, { by: 'mira', at: '2026-01-02' });
    const row = (now: Sample): PairState => ({
      ...shown,
      row: { ...shown.row, sample: now, mirror: now.variants!.mirror!, mirrorFrom: 'file', images: [] },
    });
    const page = await open(row(deferred));
    const badge = page.locator('.badge');
    expect(await badge.textContent()).toBe('? pending review');
    await page.getByText('The rules abstain.').waitFor();
    show(row(edited));
    await expect.poll(() => badge.textContent()).toBe('✎ edited and accepted');
    await page.getByText('A reviewer edited and accepted this text.').waitFor();
    expect(await page.getByText('The rules abstain.').count()).toBe(0);
    await page.getByText('training and evaluation').waitFor();
    show(row({ ...edited, answer: 'a fork' }));
    await expect.poll(() => badge.textContent()).toContain('review again');
    await page.getByText('unused').waitFor();
  });

  inThemes('shows a row and its mirror', async (theme) => {
    const page = await open(await state(5), { theme });
    await page.locator('.labels').nth(1).waitFor();
    await shot(theme);
    const transforms = await page
      .locator('img')
      .evaluateAll((all) => all.map((i) => getComputedStyle(i).transform));
    expect(transforms).toEqual(['none', 'matrix(-1, 0, 0, 1, 0, 0)']);
    expect(await texts('.answer mark')).toEqual(['right', 'left']);
    expect(await texts('.badge')).toEqual(['⇄ changed']);
    const middles = await page.locator('.labels').evaluateAll((lists) =>
      lists.map((list) => {
        const frame = list.getBoundingClientRect();
        return [...list.children].map((label) => {
          const { left, right } = label.getBoundingClientRect();
          return [label.textContent, (left + right) / 2 - frame.left, frame.width] as const;
        });
      }),
    );
    const [original, mirror] = middles;
    expect(original!.length).toBeGreaterThan(1);
    original!.forEach(([label, x, width], i) => {
      expect(mirror![i]![0]).toBe(label);
      expect(mirror![i]![1]).toBeCloseTo(width - x, 0);
    });
    await expectSound(panel);
    await expectPairInSight(page, 'section:has(> h3):not(:has(.choices)) .text');
    await expectSoundWhenNarrow(panel, () => shot(`${theme}-narrow`));
    if (theme === 'light') await expectNoOtherKeys(panel, KEYS);
  });

  inThemes('shows any two views of a row side by side', async (theme) => {
    const page = await open(await withViews(), { theme, width: 1440 });
    const right = page.getByRole('combobox', { name: 'Right view' });
    const left = page.getByRole('combobox', { name: 'Left view' });
    await page.locator('img.mirrored').waitFor();
    await choose(right, 'Quarter turn');
    await expect
      .poll(() => texts('figcaption > span:first-child'))
      .toEqual(['000005.png', '000005.png, quarter turn']);
    // Width and height change places, and the boxes of the rewrite are where the objects are now.
    const aspects = await page
      .locator('.frame')
      .evaluateAll((all) => all.map((frame) => frame.clientWidth / frame.clientHeight));
    expect(aspects[0]! * aspects[1]!).toBeCloseTo(1, 1);
    const middles = await page.locator('.labels').evaluateAll((lists) =>
      lists.map((list) => {
        const { left: x, top: y, width, height } = list.getBoundingClientRect();
        const paths = [...list.previousElementSibling!.querySelectorAll('path.under')];
        return paths.map((path) => {
          const box = path.getBoundingClientRect();
          return [(box.left + box.width / 2 - x) / width, (box.top + box.height / 2 - y) / height];
        });
      }),
    );
    middles[0]!.forEach(([x, y], i) => {
      expect(middles[1]![i]![0]).toBeCloseTo(1 - y!, 2);
      expect(middles[1]![i]![1]).toBeCloseTo(x!, 2);
    });
    await shot(`views-turned-${theme}`);
    await expectSound(panel);

    await choose(left, 'orbit:20');
    await expect
      .poll(() => texts('figcaption > span:first-child'))
      .toEqual(['000006.png', '000005.png, quarter turn']);
    expect(await texts('.facts h3')).toEqual(['About “orbit:20”', 'About “Quarter turn”']);
    await shot(`views-orbit-${theme}`);
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot(`views-orbit-${theme}-narrow`));
    expect(await panel.memory()).toMatchObject({ left: 'orbit:20', right: 'rotate:90' });
  });

  test('shows frames in the order of each view, and a missing frame as empty', async () => {
    const images = [1, 2, 3].map((i) => `images/00000${i}.png`);
    const names = images.map((image) => image.slice('images/'.length));
    const clip: Sample = { id: 'clip', question: 'Does the camera pan left?', answer: 'Yes', images };
    const views = Object.fromEntries(['mirror+reverse', 'every:2'].map((id) => [id, rewriteFor(clip, id)]));
    const page = await open(await raw(JSON.stringify({ ...clip, variants: { views } }), 1), { width: 1440 });
    const right = page.getByRole('combobox', { name: 'Right view' });
    await choose(right, 'Mirror + Reversed');
    const captions = ([first, second, third]: string[], suffix: string) =>
      [first, third, second, second, third, first].map((name, i) => `${name}${i % 2 ? suffix : ''}`);
    await expect
      .poll(() => texts('figcaption > span:first-child'))
      .toEqual(captions(names, ', mirror + reversed'));
    await shot('frames-reversed');
    await expectSound(panel);
    await choose(right, 'Thinned 2');
    await expect
      .poll(() => texts('figcaption > span:first-child'))
      .toEqual([names[0], names[0], names[1], names[2], names[2]]);
    expect(await texts('.missing p')).toEqual(['This view has fewer images than the other view. ']);
    await shot('frames-fewer');
    await expectSound(panel);
  });

  test('draws resampled pixels like the model input, with moved boxes', async () => {
    const row = JSON.parse(rows[4]!) as Sample;
    const id = 'crop:0.1,0.2,1,1';
    const { images, scene_graph } = row;
    const asked: Sample = {
      id: 'far',
      question: 'How far is the blue ball from the camera?',
      answer: '3 meters',
      images,
      ...(scene_graph && { scene_graph }),
    };
    const variant: ViewVariant = rewriteFor(asked, id);
    expect(variant.status).toBe('invariant');
    const page = await open(
      await raw(JSON.stringify({ ...asked, variants: { views: { [id]: variant } } }), 5),
      { width: 1440 },
    );
    await choose(page.getByRole('combobox', { name: 'Right view' }), id);
    await expect
      .poll(() => texts('figcaption > span:first-child'))
      .toEqual(['000005.png', `000005.png, ${id}`]);
    const image = page.locator('img').nth(1);
    expect(
      await image.evaluate((one) => [
        (one as HTMLImageElement).naturalWidth,
        (one as HTMLImageElement).naturalHeight,
      ]),
    ).toEqual([288, 256]);
    const bytes = await service.image({
      image: PICTURE,
      place: { folder: join(folder, 'data'), root: join(folder, 'data') },
    });
    const made = await decodeImage(await withNewPixels(bytes.bytes, newPixelsOf(id, asked)!));
    const drawn = await image.evaluate(async (one) => {
      const canvas = new OffscreenCanvas(288, 256);
      const drawing = canvas.getContext('2d')!;
      await (one as HTMLImageElement).decode();
      drawing.drawImage(one as HTMLImageElement, 0, 0);
      return [...drawing.getImageData(40, 100, 20, 1).data].filter((_, i) => i % 4 < 3);
    });
    expect(drawn).toEqual([...made.data.subarray(3 * (100 * 288 + 40), 3 * (100 * 288 + 60))]);
    await shot('views-crop');
    await expectSound(panel);
  });

  test('switches views by keyboard, and reports a missing view of the row', async () => {
    const page = await open(await withViews(), { width: 1440 });
    const heads = () => texts('.heads h2');
    await expect.poll(heads).toEqual(['Original', 'Mirror']);
    await page.keyboard.press('v');
    await page.keyboard.press('v');
    await expect.poll(heads).toEqual(['Original', 'Converse']);
    await page.keyboard.press('Shift+v');
    await expect.poll(heads).toEqual(['Mirror', 'Converse']);
    // Each differs from the other, not from the original.
    expect(await texts('.answer mark')).toEqual([]);
    await page.keyboard.down('m');
    await expect.poll(() => page.locator('img.mirrored').count()).toBe(0);
    await page.keyboard.up('m');
    show(await state(5));
    await expect.poll(heads).toEqual(['Mirror', 'Converse']);
    await page.getByText('This row has no converse').waitFor();
    expect(await page.locator('figure').count()).toBe(1);
    await shot('no-such-view');
    await expectSound(panel);
  });

  test('shows the mirror in place of the original while m is held', async () => {
    const page = await open(await state(5));
    await page.locator('img.mirrored').waitFor();
    await page.keyboard.down('m');
    await expect.poll(() => texts('.answer mark')).toEqual(['left', 'left']);
    expect(await page.locator('img.mirrored').count()).toBe(2);
    await shot('flipped');
    await page.keyboard.up('m');
    await expect.poll(() => texts('.answer mark')).toEqual(['right', 'left']);

    await page.keyboard.down('m');
    await expect.poll(() => page.locator('img.mirrored').count()).toBe(2);
    await page.evaluate(() => dispatchEvent(new Event('blur'))); // the key is released elsewhere
    await expect.poll(() => page.locator('img.mirrored').count()).toBe(1);

    const flip = page.getByRole('button', { name: 'Hold the button to show the right view on the left' });
    await flip.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => flip.getAttribute('aria-pressed')).toBe('true');
  });

  test('zooms and moves both images together', async () => {
    const page = await open(await state(5));
    await page.locator('img.mirrored').waitFor();
    const frame = page.locator('.frame').first();
    /** The left and right edges of each image, in widths of its frame. */
    const edges = () =>
      page.locator('.frame').evaluateAll((frames) =>
        frames.map((frame) => {
          const [outer, inner] = [frame, frame.querySelector('img')!].map((e) => e.getBoundingClientRect());
          return [inner!.left - outer!.left, inner!.right - outer!.left].map((x) => x / outer!.width);
        }),
      );
    const expectLinked = async (scale: number) => {
      const [[left, right], [mirrorLeft, mirrorRight]] = (await edges()) as [
        [number, number],
        [number, number],
      ];
      expect(right - left).toBeCloseTo(scale, 1);
      expect(mirrorLeft).toBeCloseTo(1 - right, 3);
      expect(mirrorRight).toBeCloseTo(1 - left, 3);
      return left;
    };
    await frame.focus();
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    const centred = await expectLinked(2.25);
    await page.keyboard.press('ArrowRight');
    expect(await expectLinked(2.25)).toBeCloseTo(centred - 0.2, 2);

    const box = (await frame.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.75 * box.width, box.y + box.height / 2);
    await page.mouse.up();
    expect(await expectLinked(2.25)).toBeCloseTo(centred + 0.05, 2);
    await page.mouse.wheel(0, -200);
    // A notch of a wheel, however long, is a step of a fifth.
    await expectLinked(2.25 * Math.exp(0.2));
    await shot('zoomed');
    await expectSound(panel);
    await page.getByRole('button', { name: '×' }).first().click();
    expect(await expectLinked(1)).toBe(0);
  });

  // Of 320 × 240 pixels, the shorter side becomes 336, the longer 448, of which the middle 336 are kept: 40 to 280.
  test('shows the image like the model input: cropped parts dimmed, with the size', async () => {
    const page = await open(await state(5, { ...SIDES, images: ['wide.png'] }));
    await page.locator('img.mirrored').waitFor();
    await page.keyboard.press('i');
    await choose(page.getByRole('combobox', { name: 'Model family' }), 'llava-1.5');
    await expect.poll(() => texts('.facts-seen')).toEqual(Array(2).fill('336 × 336 pixels · 25.0% cropped'));
    const lost = page.locator('.seen .lost');
    expect(await lost.evaluateAll((paths) => paths.map((path) => path.getAttribute('d')))).toEqual(
      Array(2).fill('M0 0H320V240H0Z M40 0H280V240H40Z'),
    );
    await shot('seen');
    await expectSound(panel);
    await choose(page.getByRole('combobox', { name: 'Model family' }), 'kimi-k2.5');
    await expect
      .poll(() => texts('.facts-seen'))
      .toEqual(
        Array(2).fill('320 × 240 pixels · padding: 16 pixels right, 12 pixels below · not mirror-symmetric'),
      );
    // The image leaves room for 16 of 336 columns and 12 of 252 rows, which are hatched.
    const share = (part: Locator) =>
      part.evaluate((one) => one.clientWidth / one.closest('.frame')!.clientWidth);
    expect(await share(page.locator('.image').first())).toBeCloseTo(320 / 336, 2);
    expect(await page.locator('.seen .filler').first().getAttribute('d')).toMatch(
      /^M0 0H336V252H0Z M0 0H320V240/,
    );
    await shot('filler');
    // Scaled to 448 × 336 pixels in the middle of 672 × 336, which are two tiles.
    await choose(page.getByRole('combobox', { name: 'Model family' }), 'llava-next');
    const facts =
      '448 × 336 pixels · 2 tiles and the whole image · padding: 112 pixels left, 112 pixels right';
    await expect.poll(() => texts('.facts-seen')).toEqual(Array(2).fill(facts));
    expect(await page.locator('.seen .tiles').first().getAttribute('d')).toBe(
      'M0 0H160V240H0ZM160 0H320V240H160Z',
    );
    await shot('tiles');
    await page.getByRole('button', { name: 'Model view' }).click();
    expect(await share(page.locator('.image').first())).toBeCloseTo(1, 2);
    await lost.first().waitFor({ state: 'detached' });
    expect(await page.locator('.facts-seen').count()).toBe(0);
  });

  // Of 7 frames at 30 a second, transformers takes these. Qwen3-VL rounds sides to multiples of 32, halves to even ones.
  test('shows which frames of a clip a model receives', async () => {
    const clip = { images: Array<string>(7).fill('wide.png'), clip: { fps: 30 } };
    const page = await open(await state(5, { ...SIDES, ...clip }));
    await page.locator('img.mirrored').waitFor();
    await page.keyboard.press('i');
    const family = page.getByRole('combobox', { name: 'Model family' });
    const video = () => page.getByText('As one video').textContent();
    await choose(family, 'qwen3-vl');
    await expect.poll(video).toBe('As one video: 4 of 7 frames (1, 3, 5, 7) · each 320 × 256 pixels');
    const marks = page.locator('.frames-seen path');
    const [bar, none] = ['V1h.9V2z', 'l.9-1'];
    expect(await marks.getAttribute('d')).toBe(
      [bar, none, bar, none, bar, none, bar].map((mark, i) => `M${i} 2${mark}`).join(''),
    );
    await shot('frames-seen');
    await expectSound(panel);
    await choose(family, 'glm-4.6v');
    await expect
      .poll(video)
      .toMatch(
        /^As one video: 1 of 7 frames \(1\) · repeated frames: 1 · .*different frames for the reversed clip$/,
      );
    expect(await marks.getAttribute('d')).toMatch(/^M0 2V0h.9V2zM1 2l.9-1M2/);
    await choose(family, 'llava-1.5');
    await page.getByText('As one video').waitFor({ state: 'detached' });
  });

  test('runs commands of buttons and host, and stores the settings', async () => {
    const page = await open(await state(11));
    await page.locator('.labels').nth(1).waitFor();
    await page.getByRole('button', { name: 'Boxes' }).click();
    expect(await page.locator('.labels').count()).toBe(0);
    expect(await panel.memory()).toEqual({
      uri: 'file:///data.qa.jsonl',
      line: 11,
      boxes: false,
      left: 'original',
      right: 'mirror',
    });
    panel.channel.notify('command', { name: 'toggleBoxes' });
    await page.locator('.labels').nth(1).waitFor();
    await page.keyboard.press('b');
    await page.locator('.labels').first().waitFor({ state: 'detached' });
    await page.keyboard.press('b');
    await page.locator('.labels').nth(1).waitFor();

    for (const name of ['Previous', 'Next']) await page.getByRole('button', { name }).click();
    await page.keyboard.press('k');
    panel.channel.notify('command', { name: 'nextRow' });
    await expect
      .poll(() => asked.filter((what) => what.startsWith('move')))
      .toEqual(['move -1', 'move 1', 'move -1', 'move 1']);

    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    // Behind it, nothing is pressed.
    await page.keyboard.press('b');
    expect(await page.locator('.labels').count()).toBe(2);
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    panel.channel.notify('command', { name: 'showKeys' });
    await page.getByRole('dialog').waitFor();
    await shot('keys');
    await expectSound(panel);
    await page.getByRole('button', { name: 'Keyboard Shortcuts' }).click();
    expect(asked).toContain('openKeybindings');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('restores the settings of the Pair panel', async () => {
    const page = await open(await state(11), {
      memory: { uri: 'file:///data.qa.jsonl', line: 11, boxes: false },
    });
    await page.locator('img').nth(1).waitFor();
    expect(await page.locator('.labels').count()).toBe(0);
  });

  test('requests each image once, and shows the last requested image', async () => {
    const page = await open(await state(1));
    const captions = () => texts('figcaption > span:first-child');
    const shown = (n: number) => [`00000${n}.png`, `00000${n}.png, mirrored`];
    await expect.poll(captions).toEqual(shown(1));
    show(await state(2));
    show(await state(3));
    await expect.poll(captions).toEqual(shown(3));
    show(await state(1));
    await expect.poll(captions).toEqual(shown(1));
    await page.locator('img').nth(1).waitFor();
    expect(asked.filter((what) => what === 'image').length).toBeLessThanOrEqual(3);
    expect(panel.faults).toEqual([]);
  });

  test('shows why an image of a pair is missing', async () => {
    const images = ['no.png', '../secret.png', 'scan.tif', 'broken.png', { w: 320, h: 200 }];
    const page = await open(await state(3, { images }), { theme: 'dark' });
    await expect.poll(() => texts('.missing p')).toHaveLength(4);
    const why = await texts('.missing p');
    expect(why[0]).toContain('Image file no.png does not exist.');
    expect(why[1]).toContain('Open a folder that contains both the data file and the images.');
    expect(why[2]).toContain('Cannot show TIFF images');
    expect(why[3]).toContain('Cannot decode the image.');
    expect(await page.locator('.frame.empty').count()).toBe(2);
    await shot('missing');
    await expectSound(panel);

    show(await state(3, { images: [] }));
    await page.getByText('No image for this row').waitFor();
    await expectSound(panel);
  });

  test('lists the problems of a row, with a link to its line', async () => {
    const page = await open(await raw('{"id":"x","question":"Q","boxes":[1],"box_format":"xy"}', 3));
    expect(await page.locator('.problems li').count()).toBe(3);
    expect(await page.locator('figure').count()).toBe(0);
    await shot('problems');
    await expectSound(panel);
    await page.getByRole('button', { name: 'Go to line 3' }).click();
    expect(asked).toContain('openRow');

    const detail = 'Open a *.qa.jsonl file and place the cursor on a row.';
    show({ kind: 'message', uri: null, title: 'No row', detail });
    await page.getByText(detail).waitFor();
    await shot('message');
    await expectSound(panel);
  });

  slowly('places the labels of close objects without overlap', async () => {
    // The first row of the README's worlds: a red ball half behind a white cone.
    const page = await open(await state(1, {}), { width: 460 });
    await page.locator('.labels').nth(1).waitFor();
    const covered = await page.locator('.labels').evaluateAll((lists) =>
      lists.map((list) => {
        const places = [...list.children].map((label) => label.getBoundingClientRect());
        const pairs = places.flatMap((a, i) => places.slice(i + 1).map((b) => [a, b] as const));
        return pairs.filter(
          ([a, b]) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom,
        ).length;
      }),
    );
    await shot('close-objects');
    expect(covered).toEqual([0, 0]);
  });

  slowly('places all labels with fewer than 15 page layouts', async () => {
    const page = await open(await state(1, {}));
    await page.locator('.labels').nth(1).waitFor();
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Performance.enable');
    const layouts = async () => {
      const { metrics } = await cdp.send('Performance.getMetrics');
      return metrics.find(({ name }) => name === 'LayoutCount')!.value;
    };
    const before = await layouts();
    show(await state(2, {}));
    await page.locator('figcaption', { hasText: '000002.png, mirrored' }).waitFor();
    await page.locator('.labels').nth(1).waitFor();
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    expect((await layouts()) - before).toBeLessThan(15);
  });

  test('recovers from a row of unknown shape', async () => {
    const odd = await state(5);
    if (odd.kind === 'row') odd.row.mirror!.checks = null as never;
    const page = await open(odd);
    await page.getByText('Cannot show this content').waitFor();
    show(await state(5));
    await page.locator('.badge').waitFor();
  });

  test('shows a row of over a megabyte without a mirror, with the reason', async () => {
    const long = await state(5, { ...SIDES, reasoning: 'The cone is left of the cylinder. '.repeat(30_000) });
    const page = await open(long);
    await page.getByText('too long to check or mirror in the panel').waitFor();
    await page.locator('.labels').waitFor();
    expect(await texts('.answer .text')).toEqual(['right']);
    expect(
      await page
        .getByRole('button', { name: 'Hold the button to show the right view on the left' })
        .isDisabled(),
    ).toBe(true);
    await page.keyboard.down('m');
    expect(await texts('h2')).toEqual(['Original']);
    await page.locator('summary').click();
    await page.getByText('characters in total').waitFor();
    await shot('long-row');
    await expectSound(panel);
  });

  test('shows long texts and markup as text in the narrowest window', async () => {
    const attack = '<img src=x onerror="document.title=\'broken into\'"><script>alert(1)</script>';
    const words = Array.from({ length: 300 }, (_, i) => (i % 7 ? `word${i}` : 'left')).join(' ');
    const change = {
      ...SIDES,
      question: `${attack} ${words} ${'x'.repeat(500)}?`,
      reasoning: words,
      choices: [attack, 'b'],
    };
    const page = await open(await state(5, change), { width: 320, height: 700 });
    await page.locator('summary').click();
    expect((await texts('.text'))[0]).toContain(attack);
    expect(await page.title()).toBe('Chirality');
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    await shot('narrow-long');
    await expectSound(panel);
    show(await state(5));
    await page.locator('.labels').nth(1).waitFor();
    await shot('narrow');
    await page.setViewportSize({ width: 520, height: 700 });
    await shot('medium');
  });
});
