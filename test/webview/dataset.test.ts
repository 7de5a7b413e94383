import { execFileSync } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type {
  DataHost,
  DataPage,
  DataState,
  DataSummary,
} from '../../src/panels/dataset/dataset.contract.ts';
import { DataSets } from '../../src/panels/dataset/dataset.reads.ts';
import { encodePng } from '../../src/lab/images/png.ts';
import { PairRows } from '../../src/panels/data-rows.reads.ts';
import { mirrorSample } from '../../src/rows/views/mirror/mirror-sample.ts';
import { DATA_KEYS } from '../../webview/dataset/dataset-model.ts';
import { expectKeysToBeText, expectNoOtherKeys } from './keys.ts';
import { choose, describePanel, shotsOf, inThemes, type Panel, type PanelOptions } from './page.ts';
import { expectSound, expectSoundWhenNarrow } from './sound.ts';
import { usableService } from '../../src/panels/usable.reads.ts';
import { quiet } from '../support/call.ts';
import { slowly } from '../support/slow.ts';
import { folderOfTests } from '../support/folder.ts';
import { rowLines } from '../support/rows.ts';

describePanel<DataPage>('Dataset panel', 'dataset', (openIn) => {
  const folder = folderOfTests('chirality-data-');
  let summary: DataSummary;
  const pairs = new PairRows();
  const { api } = new DataSets(pairs);

  beforeAll(async () => {
    const worlds = ['worlds', '--count', '120', '--seed', '7', '--size', '320', '-o', folder];
    execFileSync(process.execPath, ['dist/cli.js', ...worlds]);
    const path = join(folder, 'data.qa.jsonl');
    const [first] = readFileSync(path, 'utf8').split('\n');
    const odd = { id: 'odd', question: `<b>${'long '.repeat(90)}`, answer: 'x', images: ['no.png'] };
    appendFileSync(path, `${first}\n${JSON.stringify(odd)}\nnot a row\n`);
    summary = {
      ...(await api.openData({ file: 1, path }, quiet)),
      audit: await api.dataAudit({ file: 1 }, quiet),
    };
  });
  afterAll(async () => {
    await api.closeData({ file: 1 });
  });

  let panel: Panel<DataPage>;
  let asked: string[];
  let file = 1;

  const uri = 'file:///data.qa.jsonl';
  const name = 'data.qa.jsonl';
  const read = (audit = summary.audit): DataState => ({
    kind: 'read',
    uri,
    name,
    version: 1,
    summary: { ...summary, audit },
  });

  async function open(state: DataState, options: Partial<PanelOptions> = {}): Promise<Page> {
    asked = [];
    const place = { folder, root: folder };
    const host: DataHost = {
      ready: () => void asked.push('ready'),
      rows: (filter) => {
        asked.push('rows');
        return api.dataRows({ file, filter }, quiet);
      },
      cards: ({ rows }) => {
        asked.push(`cards ${rows[0]}`);
        return api.dataCards({ file, rows, place });
      },
      image: ({ ref }) => {
        asked.push('image');
        return pairs.image({ image: ref, place });
      },
      openRow: ({ line }) => void asked.push(`open ${line}`),
      tryRow: ({ line }) => void asked.push(`try ${line}`),
      readAgain: () => void asked.push('read again'),
      annotate: ({ filter }) => void asked.push(filter),
      mend: ({ how }) => void asked.push(how),
      step: ({ step }) => void asked.push(`step ${step}`),
    };
    panel = await openIn(host, options);
    await expect.poll(() => asked).toContain('ready');
    panel.channel.notify('show', state);
    await panel.page.locator('main').waitFor();
    return panel.page;
  }

  const reading = (share: number, summary: DataSummary | null): DataState => ({
    kind: 'reading',
    uri,
    name,
    version: 1,
    share,
    summary,
  });

  const shot = shotsOf('dataset', () => panel.page);

  const status = () => panel.page.getByRole('status').textContent();

  inThemes('shows the rows of a file, and loads only visible images', async (theme) => {
    const page = await open(read(), { theme });
    await page.locator('.card img').nth(8).waitFor();
    expect(await page.locator('.reel').count()).toBe(0);
    await shot(theme);
    expect(await status()).toBe('123 rows');
    // 123 rows are there; no more images than fit the window are asked for.
    expect(asked.filter((what) => what === 'image').length).toBeLessThan(40);
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot(`${theme}-narrow`));
    if (theme === 'light') await expectNoOtherKeys(panel, DATA_KEYS);
  });

  test('shows the first frame of a clip, and plays the clip on hover or keyboard focus', async () => {
    const images = readdirSync(join(folder, 'images')).slice(0, 6);
    const clip = { images: images.map((image) => `images/${image}`), clip: { fps: 4 } };
    const row = { question: 'Does it come closer?', answer: 'yes', task: 'yesno' };
    const path = join(folder, 'clips.qa.jsonl');
    const rows = Array.from({ length: 9 }, (_, i) => ({ id: `${i}`, ...row, ...clip }));
    writeFileSync(path, rowLines(rows));
    file = 2;
    try {
      const state = { ...read(), summary: await api.openData({ file, path }, quiet) } as DataState;
      const page = await open(state);
      const count = (place: number) => page.locator(`#card-${place} .count`).innerText();
      const frames = () => asked.filter((what) => what === 'image').length;
      await expect.poll(() => page.locator('.reel img').count()).toBe(9);
      // All nine are of one image, and nothing else was asked for yet.
      expect(frames()).toBe(1);
      expect((await count(0)).trim()).toMatch(/6\s*frames$/);

      await page.locator('#card-4 .reel').hover();
      await expect.poll(() => count(4), { timeout: 10_000 }).toContain('3/6');
      await page.mouse.move(0, 0);
      await expect.poll(() => count(4)).not.toContain('/');
      await page.locator('.grid').focus();
      await page.keyboard.press('ArrowRight');
      await expect.poll(() => count(1), { timeout: 10_000 }).toContain('2/6');
      await shot('clips');
      await expectSound(panel);

      // Of 6 frames at 4 a second, Qwen3-VL takes two a second: 3, but at least 4, evenly spaced.
      await page.keyboard.press('i');
      const family = page.getByRole('combobox', { name: 'Model family' });
      const text = () =>
        family.evaluate((list) => (list as unknown as { displayValue: string }).displayValue);
      await expect.poll(text).toBe('Select model family');
      expect(await page.locator('svg.seen').count()).toBe(0);
      await choose(family, 'qwen3-vl');
      const [bar, none] = ['V1h.9V2z', 'l.9-1'];
      await expect
        .poll(() => page.locator('#card-0 .frames-seen path').getAttribute('d'))
        .toBe([bar, none, bar, bar, none, bar].map((mark, i) => `M${i} 2${mark}`).join(''));
      await shot('clips-seen');
      await expectSound(panel);
      await page.keyboard.press('i');

      await page.keyboard.press('ArrowLeft');
      await expect.poll(() => count(1)).not.toContain('/');
      await page.emulateMedia({ reducedMotion: 'reduce' });
      await page.keyboard.press('ArrowRight');
      await page.locator('#card-4 .reel').hover();
      await page.waitForTimeout(400);
      expect(await page.locator('.count').allInnerTexts()).not.toContainEqual(expect.stringContaining('/'));
    } finally {
      file = 1;
      await api.closeData({ file: 2 });
    }
  });

  inThemes('shows each row next to its mirror', async (theme) => {
    const path = join(folder, 'mirrored.qa.jsonl');
    const odd = ['What is left of the cake?', 'Which letter is written on the sign?', 'Which colour is it?'];
    const grey = await encodePng({ w: 320, h: 240, rgb: new Uint8Array(320 * 240 * 3).fill(180) });
    writeFileSync(join(folder, 'images', 'wide.png'), grey);
    const rows = odd.map((question, i) => ({
      id: `odd ${i}`,
      question,
      answer: 'a cup',
      images: ['images/wide.png'],
    }));
    const worlds = readFileSync(join(folder, 'data.qa.jsonl'), 'utf8').split('\n').slice(0, 40);
    writeFileSync(path, [...rows.map((row) => JSON.stringify(row)), ...worlds, ''].join('\n'));
    execFileSync(process.execPath, ['dist/cli.js', 'view', 'mirror', path, '-o', path, '--quiet']);
    file = 3;
    try {
      const mirrored = await api.openData({ file, path }, quiet);
      const page = await open({ ...read(), summary: mirrored } as DataState, { theme });
      await page.locator('.card .second img').nth(3).waitFor();
      const card = (place: number) => page.locator(`#card-${place}`);
      await expect.poll(() => card(0).innerText()).toContain('deferred: "left" can mean a side');
      expect(await card(1).innerText()).toMatch(/The question asks for text in the image[^]*discarded/);
      expect(await card(1).locator('.view').count()).toBe(1);
      expect(await card(2).innerText()).toContain('unchanged');
      // Both views stand side by side, each with its image, question and answer.
      const views = card(3).locator('.view');
      const [left, right] = await Promise.all([0, 1].map((i) => views.nth(i).boundingBox()));
      expect(left!.y).toBe(right!.y);
      expect(right!.x).toBeGreaterThan(left!.x + left!.width - 1);
      await expect(
        views
          .nth(1)
          .locator('img')
          .evaluate((one) => getComputedStyle(one).transform),
      ).resolves.toBe('matrix(-1, 0, 0, 1, 0, 0)');
      for (const view of [0, 1]) {
        await views.nth(view).locator('img').waitFor();
        expect(await views.nth(view).locator('.question').innerText()).not.toBe('');
        expect(await views.nth(view).locator('.answer').innerText()).not.toBe('');
      }
      await shot(`mirrored-${theme}`);
      // Images of 320 × 240 pixels: 40 of 320 columns are cropped on each side, or 16 × 12 pixels of padding added.
      await page.keyboard.press('i');
      await choose(page.getByRole('combobox', { name: 'Model family' }), 'llava-1.5');
      await expect
        .poll(() =>
          card(2)
            .locator('.lost')
            .evaluateAll((paths) => paths.map((path) => path.getAttribute('d'))),
        )
        .toEqual(Array(2).fill('M0 0H320V240H0Z M40 0H280V240H40Z'));
      await shot(`seen-${theme}`);
      await choose(page.getByRole('combobox', { name: 'Model family' }), 'kimi-k2.5');
      const drawing = card(2).locator('.second .picture > svg');
      await expect.poll(() => drawing.getAttribute('viewBox')).toBe('0 0 336 252');
      // The mirror is the image turned round, with the padding of the model still on the right.
      const x = (part: string) => drawing.locator(part).evaluate((one) => one.getBoundingClientRect().right);
      expect((await x('.filler')) - (await x('image'))).toBeGreaterThan(3);
      await shot(`filler-${theme}`);
      await expectSound(panel);
      await page.getByRole('button', { name: 'Model view' }).click();
      await card(2).locator('.second img').waitFor();
      await expectSound(panel);
      await expectSoundWhenNarrow(panel, () => shot(`mirrored-${theme}-narrow`));
      await page.setViewportSize({ width: 700, height: 800 });
      await shot(`mirrored-${theme}-700`);
      await page.setViewportSize({ width: 1200, height: 900 });
      await page.getByTitle('deferred', { exact: true }).click();
      await expect.poll(status).toBe(`${mirrored.mirrors.deferred} of ${mirrored.rows} rows`);
    } finally {
      file = 1;
      await api.closeData({ file: 3 });
    }
  });

  test('shows the line of a card below long texts, and cut texts in tooltips', async () => {
    const path = join(folder, 'long.qa.jsonl');
    const images = ['images/000001.png'];
    const texts = { question: 'Is the small red cube to the left of the large blue ball? '.repeat(9) };
    const answers = ['No, the blue cylinder is to the right of the blue ball.', 'No, it is not. '.repeat(20)];
    const rows = answers.map((answer, i) => {
      const row = { id: `${i}`, images, ...texts, answer };
      return { ...row, variants: { mirror: mirrorSample(row as never) } };
    });
    for (const paired of [true, false]) {
      file += 1;
      writeFileSync(
        path,
        rowLines(rows.map(({ variants, ...row }) => (paired ? { ...row, variants } : row))),
      );
      const state = { ...read(), summary: await api.openData({ file, path }, quiet) } as DataState;
      const page = await open(state, { width: 1400 });
      await page.locator('.card img').nth(1).waitFor();
      await shot(`long-${paired}`);
      for (const width of [1400, 700]) {
        await page.setViewportSize({ width, height: 800 });
        const overhang = page.locator('.card').evaluateAll((cards) =>
          cards.map((card) => {
            const inner = card.getBoundingClientRect().bottom - 7;
            const parts = [...card.querySelectorAll(':scope > .quiet, .answer')];
            return parts.map((part) => part.getBoundingClientRect().bottom - inner);
          }),
        );
        expect((await overhang).flat().every((pixels) => pixels < 0.5)).toBe(true);
      }
      expect(await page.locator('.card .answer').first().getAttribute('title')).toBe(answers[0]);
      await page.close();
      await api.closeData({ file });
    }
    file = 1;
  });

  test('filters rows by bar and by text, and clears the filter on a second press', async () => {
    const page = await open(read());
    const answers = summary.facets.find(({ title }) => title === 'Answer')!;
    const { label, count } = answers.bars.find((bar) => bar.label === 'left')!;
    const bar = page.locator('section', { hasText: 'Answer' }).getByTitle(label, { exact: true }).first();
    await bar.click();
    await expect.poll(status).toBe(`${count} of 123 rows`);
    expect(await bar.getAttribute('aria-pressed')).toBe('true');
    await expect.poll(() => page.locator('.card .answer').first().textContent()).toBe(label);
    await shot('filtered');
    await expectSound(panel);
    await bar.click();
    await expect.poll(status).toBe('123 rows');

    await page.getByRole('searchbox').fill('LONG <b>');
    await expect.poll(status).toBe('1 of 123 rows');
    expect(await page.locator('b').count()).toBe(0);
    expect(await panel.memory()).toEqual({ uri, filter: { chosen: {}, text: 'LONG <b>' } });
    await page.getByRole('searchbox').fill('nothing has these words');
    await page.getByText('No rows match this filter.').waitFor();
    await shot('none');
    await expectSound(panel);
    await page.getByRole('button', { name: 'Show All Rows' }).click();
    await expect.poll(status).toBe('123 rows');
  });

  test('shows rows while reading, and applies the stored filter at the end', async () => {
    const answers = summary.facets.find(({ title }) => title === 'Answer')!;
    const { code, count } = answers.bars.find((bar) => bar.label === 'left')!;
    const filter = { chosen: { Answer: code }, text: '' };
    const part = { ...summary, rows: 10, audit: null };
    const page = await open(reading(0.3, part), { memory: { uri, filter } });
    await page.locator('#card-9 .answer').getByText(/./).waitFor();
    expect(await page.locator('.card').count()).toBe(10);
    const bar = page.locator('.bars button').first();
    await bar.press('Enter');
    expect(await bar.getAttribute('aria-disabled')).toBe('true');
    expect(await panel.memory()).toEqual({ uri, filter });
    await page.getByText('30% done').waitFor();
    await shot('reading');
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot('reading-narrow'));
    await page.setViewportSize({ width: 1200, height: 900 });
    panel.channel.notify('show', reading(0.6, { ...part, rows: 30 }));
    await page.locator('#card-11 .answer').getByText(/./).waitFor();
    panel.channel.notify('show', read(null));
    await expect.poll(status).toBe(`${count} of 123 rows`);
    // The audit comes after all else, and changes nothing but itself.
    expect(await page.getByRole('heading', { name: 'Shortcuts' }).count()).toBe(0);
    const searches = asked.filter((what) => what === 'rows').length;
    panel.channel.notify('show', read());
    await page.getByRole('heading', { name: 'Shortcuts' }).waitFor();
    expect(await status()).toBe(`${count} of 123 rows`);
    expect(asked.filter((what) => what === 'rows').length).toBe(searches);
    // Of 19 rows, one lucky guess is 5 points: no share is shown.
    const shortcuts = page.locator('section', { has: page.getByRole('heading', { name: 'Shortcuts' }) });
    expect(await shortcuts.locator('table').count()).toBe(1);
    const few = summary.audit!.parts.map(([kind, audit]) => [kind, { ...audit, rows: 19 }] as const);
    panel.channel.notify('show', read({ ...summary.audit!, parts: few } as unknown as typeof summary.audit));
    await shortcuts.getByText('Too few rows').waitFor();
    expect(await shortcuts.locator('table').count()).toBe(0);
  });

  slowly('leaves enough width for question types next to ranges of values', async () => {
    const bounds = { original: [0.133, 0.2], mirror: [0.133, 0.2], both: [0.133, 0.2] } as const;
    const parts = summary.audit!.parts.map(([kind, part]) => [kind, { ...part, bounds }] as const);
    const page = await open(read({ ...summary.audit!, parts } as unknown as typeof summary.audit));
    await page.getByText('13.3–20.0%').first().waitFor();
    const kinds = page.locator('aside tbody th');
    const lines = await kinds.evaluateAll((all) =>
      all.map((kind) => kind.getBoundingClientRect().height / parseFloat(getComputedStyle(kind).lineHeight)),
    );
    expect(lines.length).toBe(parts.length);
    expect(Math.max(...lines)).toBeLessThan(3.5);
    await shot('ranges');
    await expectSound(panel);
  });

  test('selects and opens rows by keyboard', async () => {
    const page = await open(read());
    await page.locator('.card img').first().waitFor();
    const grid = page.getByRole('listbox');
    await grid.focus();
    for (const key of ['ArrowRight', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
    const columns = await page
      .locator('.cards')
      .evaluate((e) => getComputedStyle(e).gridTemplateColumns.split(' ').length);
    expect(asked.at(-1)).toBe(`open ${columns + 2}`);
    await page.keyboard.press('End');
    await page.locator('#card-122[aria-selected=true]').getByText('Not valid JSON').waitFor();
    await page.locator('#card-121').getByText('Image file no.png does not exist.').waitFor();
    await shot('end');
    await expectSound(panel);
    const edge = await page
      .locator('#card-122')
      .evaluate((card) => card.getBoundingClientRect().bottom - innerHeight);
    expect(edge).toBeLessThanOrEqual(0);
    // What cannot be read cannot be asked about.
    const tryIt = page.getByRole('button', { name: 'Try in Playground' });
    expect(await tryIt.isDisabled()).toBe(true);
    await page.keyboard.press('Home');
    await page.locator('#card-0[aria-selected=true]').click();
    await expect.poll(() => asked.at(-1)).toBe('open 1');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('t');
    await expect.poll(() => asked.at(-1)).toBe('try 2');
    await tryIt.click();
    expect(asked.filter((what) => what.startsWith('try'))).toEqual(['try 2', 'try 2']);
    panel.channel.notify('command', { name: 'tryRow' });
    await expect.poll(() => asked.filter((what) => what.startsWith('try'))).toHaveLength(3);
    await expectKeysToBeText(panel, DATA_KEYS);
  });

  slowly('restores the state of the Dataset panel, also in a narrow window', async () => {
    const page = await open(read(), {
      width: 380,
      theme: 'dark',
      memory: { uri, filter: { chosen: {}, text: 'long <b>' } },
    });
    await expect.poll(status).toBe('1 of 123 rows');
    await page.getByText('Image file').waitFor();
    await page.getByRole('button', { name: 'Summary' }).click();
    await shot('summary');
    await page.getByRole('button', { name: 'Summary' }).click();
    await page.getByRole('button', { name: 'Clear filter' }).click();
    await page.locator('.card img').first().waitFor();
    await shot('narrow');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(380);
    await expectSound(panel);
  });

  test('links to the next steps of a dataset, and warns about skewed answers', async () => {
    const leaning = { ...summary, sides: { original: { left: 9, right: 0 }, mirror: null } };
    const page = await open({ ...read(), summary: leaning } as DataState);
    const nav = page.getByRole('navigation', { name: 'Next steps' });
    expect(await nav.count()).toBe(0); // what is done is not known yet
    panel.channel.notify('steps', { frozen: false, run: null });
    await nav.waitFor();
    const button = (label: string) => nav.getByRole('button', { name: label });
    const primary = () => nav.locator('[appearance=primary]').innerText();
    expect((await primary()).trim()).toBe('Mirror Rows');
    expect(await button('Review Mirrors').isDisabled()).toBe(true);
    await page.getByText('All 9 side answers are left.').waitFor();
    await shot('steps');
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot('steps-narrow'));
    await page.setViewportSize({ width: 1200, height: 900 });
    await button('Mirror Rows').click();
    await expect.poll(() => asked).toContain('step mirror');

    const usable = summary.rows - summary.bad - 3;
    const mirrors = { mirrored: usable, unchanged: 0, deferred: 3, discarded: 0 };
    const balanced = {
      ...summary,
      mirrors,
      sides: { original: { left: 9, right: 8 }, mirror: { left: 8, right: 9 } },
    };
    panel.channel.notify('show', { ...read(), summary: balanced } as DataState);
    panel.channel.notify('steps', { frozen: true, run: 'spatial' });
    await expect
      .poll(async () => (await nav.innerText()).replaceAll(/\s+/g, ' '))
      .toContain('Review Mirrors (3 waiting)');
    expect((await primary()).trim()).toBe('Review Mirrors (3 waiting)');
    expect(await nav.locator('.done').count()).toBe(3);
    await page.getByText('9 left, 8 right, of 17 side answers.').waitFor();
    // A mirror does not make a row usable; a missing image stays marked, with its line and the remedies.
    const usableRows = await usableService.usableRows(
      { path: join(folder, 'data.qa.jsonl'), place: { folder, root: folder } },
      quiet,
    );
    const checked = { usable: usableRows, isUtf8: false };
    panel.channel.notify('show', { ...read(), summary: { ...balanced, usable: checked } } as DataState);
    const bar = page.getByRole('status', { name: 'Unusable rows' });
    for (const [button, sent] of [
      ['1 image missing (line 122)', 'fault = missing'],
      ['Locate Images…', 'locate'],
      ['Fix Encoding', 'encode'],
      ['Exclude Unusable Rows', 'exclude'],
      ['Show Unusable Rows', 'not fault = none'],
    ] as const) {
      await bar.getByRole('button', { name: button }).press('Enter');
      await expect.poll(() => asked.at(-1)).toBe(sent);
    }
    expect((await page.locator('.facts').innerText()).replaceAll(/\s/g, ' ')).toContain(
      `rows, ${usable} mirrors, ${summary.pictures - 1} images, 1 missing`,
    );
    await shot('steps-done');
    await expectSound(panel);
    // Without any image, no step is possible but to locate the images.
    const [lost] = usableRows.faults.filter(({ kind }) => kind === 'missing');
    const none = { rows: 450, usable: 0, faults: [{ ...lost!, count: 450 }] };
    const gone = { usable: none, isUtf8: true };
    panel.channel.notify('show', { ...read(), summary: { ...balanced, usable: gone } } as DataState);
    await bar.getByText('0 of 450 rows usable:').waitFor();
    expect(await bar.locator('.tools').innerText()).toMatch(/^\s*Locate Images…\s+Show Unusable Rows\s*$/);
    expect(await nav.locator('vscode-button:not([disabled])').count()).toBe(0);
    await shot('steps-none');

    // A tick on the review means that people reviewed all mirrors that waited for them.
    const decided = { mirrored: usable + 3, unchanged: 0, deferred: 0, discarded: 0 };
    const review = nav.getByRole('listitem').nth(1);
    panel.channel.notify('show', { ...read(), summary: { ...balanced, mirrors: decided } } as DataState);
    panel.channel.notify('steps', { frozen: false, run: null });
    await expect.poll(async () => (await review.innerText()).trim()).toBe('Review Mirrors');
    expect(await review.locator('[title]').first().getAttribute('title')).toBe(
      `No rows wait for review, ${usable + 3} need no review.`,
    );
    expect((await primary()).trim()).toBe('Freeze Dataset');
    panel.channel.notify('steps', { frozen: 'changed', run: null });
    await expect.poll(async () => (await primary()).trim()).toBe('Freeze Dataset (changed)');
    panel.channel.notify('steps', { frozen: false, run: null });
    const reviewed = (n: number) =>
      panel.channel.notify('show', {
        ...read(),
        summary: { ...balanced, mirrors: decided, reviewed: n },
      } as DataState);
    reviewed(2);
    await expect.poll(async () => (await review.innerText()).trim()).toMatch(/^✓\s+Review Mirrors$/);
    expect(await review.locator('[title]').first().getAttribute('title')).toBe(
      `2 of 2 rows reviewed, ${usable + 1} need no review.`,
    );
    expect((await primary()).trim()).toBe('Freeze Dataset');
  });

  test('shows reading progress of a data file, and an error with a retry', async () => {
    const page = await open(reading(0.42, null));
    await page.getByText('Reading… 42%').waitFor();
    await expectSound(panel);
    panel.channel.notify('show', { kind: 'failed', uri, name, why: 'The file is gone.' });
    await page.getByText('The file is gone.').waitFor();
    await shot('failed');
    await expectSound(panel);
    await page.getByRole('button', { name: 'Try Again' }).click();
    await expect.poll(() => asked.at(-1)).toBe('read again');
    panel.channel.notify('show', { ...(read() as object), summary: { ...summary, rows: 0 } } as DataState);
    await page.getByText('data.qa.jsonl is empty.').waitFor();
    await expectSound(panel);
  });
});
