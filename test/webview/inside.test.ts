import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { packMaps } from '../../src/core/insight/maps.ts';
import type { Look } from '../../src/core/insight/look.ts';
import type { SetRow } from '../../src/core/insight/set-row.ts';
import type { InsideHost, InsidePage } from '../../src/panels/inside/inside.contract.ts';
import { encodePng } from '../../src/lab/images/png.ts';
import { insightService, lookedPairService } from '../../src/panels/inside/inside.reads.ts';
import { PairRows } from '../../src/panels/data-rows.reads.ts';
import { writeLookedSet, writePatches, writeProbes } from '../support/insights.ts';
import { HEADS, LAYERS, SIDE, viewWith } from '../support/look.ts';
import { choose, describePanel, shotsOf, inThemes, type Panel, type PanelOptions } from './page.ts';
import { expectSound, expectSoundWhenNarrow } from './sound.ts';
import { folderOfTests } from '../support/folder.ts';
import { rowLines } from '../support/rows.ts';

describePanel<InsidePage>('Interpretability panel', 'inside', (openIn) => {
  const folder = folderOfTests('chirality-inside-panel-');
  beforeAll(async () => {
    const rgb = Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => (i % 96 < 48 ? 40 : 160));
    writeFileSync(join(folder, 'scene.png'), await encodePng({ w: 32, h: 32, rgb }));
    writeFileSync(join(folder, 'later.png'), await encodePng({ w: 32, h: 32, rgb: rgb.toReversed() }));
    const rows = Array.from({ length: 12 }, (_, i) => ({
      id: `w-${i}`,
      images: ['scene.png'],
      question: 'Is the cone left of the ball?',
      answer: 'yes',
    }));
    writeFileSync(data(), rowLines(rows));
  });

  let panel: Panel<InsidePage>;
  let asked: string[];
  let live: InsideHost['look'] = () => Promise.reject(new Error('Not asked for.'));

  const data = () => join(folder, 'val.qa.jsonl');
  const dirOf = (name: string) => join(folder, name);
  const sets = () => dirOf('looked');
  const pairs = lookedPairService(new PairRows());

  async function open(names: string[], options: Partial<PanelOptions> = {}): Promise<Page> {
    asked = [];
    const allowed = [folder];
    const host: InsideHost = {
      ready: () => void asked.push('ready'),
      insights: insightService.insights as InsideHost['insights'],
      insight: insightService.insight as InsideHost['insight'],
      compareLooks: insightService.compareLooks as InsideHost['compareLooks'],
      lookedPair: (of) => pairs.lookedPair({ ...of, allowed }),
      lookedImage: (of) => pairs.lookedImage({ ...of, allowed } as Parameters<typeof pairs.lookedImage>[0]),
      look: (of, call) => live(of, call),
      openRow: ({ name, id }) => void asked.push(`row ${name} ${id}`),
      lookInside: ({ dir, asks }) => void asked.push(`lookInside ${basename(dir)}${asks ? ', asks' : ''}`),
    };
    panel = await openIn(host, options);
    await expect.poll(() => asked).toContain('ready');
    panel.channel.notify('show', { runs: names.map((name) => ({ dir: dirOf(name), name })) });
    await panel.page.locator('main').waitFor();
    return panel.page;
  }

  const unfold = async () => {
    await panel.page.locator('summary').first().waitFor();
    await panel.page
      .locator('details')
      .evaluateAll((all) => all.forEach((one) => ((one as HTMLDetailsElement).open = true)));
  };
  const opened = async (options: Partial<PanelOptions> = {}) => {
    const page = await open(['looked'], options);
    await unfold();
    return page;
  };

  inThemes('shows an interpretability finding, images and a chart first', async (theme) => {
    drawSet();
    const page = await open(['looked'], { theme, height: 1100 });
    await page.locator('.contour').first().waitFor();
    expect(await page.locator('main table:visible').count()).toBe(0);
    expect(await page.locator('.finding').innerText()).toBe(
      'The model answers “yes” in the original and “no” in the mirror. Only the answer to the original is correct.',
    );
    await page.getByText('Of 12 pairs: 9 correct in both views, 3 only in the original.').waitFor();
    await shotsOf('inside', () => page)(`finding-${theme}`);
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shotsOf('inside', () => page)(`finding-${theme}-narrow`));
  });

  inThemes('shows an attention analysis in tables', async (theme) => {
    writeLookedSet(sets(), 'set-val', data(), { question: 'Is <b>it</b> left of the ball?' });
    const page = await opened({ theme });
    await shotsOf('inside', () => page)(`looked-${theme}`);
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, async () => {
      await shotsOf('inside', () => page)(`looked-${theme}-narrow`);
      const ends = () =>
        page
          .locator('caption')
          .evaluateAll((all) => all.map((caption) => caption.getBoundingClientRect().right));
      await expect.poll(async () => Math.max(...(await ends()))).toBeLessThan(400);
    });
  });

  test('filters values by view and outcome, and opens the pair of a row', async () => {
    writeLookedSet(sets(), 'set-val', data(), { question: 'Is <b>it</b> left of the ball?' });
    const page = await opened();
    const looked = page.locator('#app');
    const lines = (name: string) => looked.getByRole('region', { name, exact: true }).locator('tbody tr');
    const [masses, hidden, rows] = [
      'Attention of "answer" in % (lift: attention relative to a uniform map)',
      'Reference answer ranked first, % of rows',
      '12 rows, with the answer’s attention on objects, %',
    ] as const;
    expect(await lines(masses).first().innerText()).toMatch(/^0\s+50\.0\s+60\.0\s+2\.40\s/);
    expect(await lines(hidden).allInnerTexts()).toEqual([
      expect.stringMatching(/^after layer 1\s+100\.0\s+\[\S+ 100\.0\]\s+12/),
      expect.stringMatching(/^without picture\s+50\.0.*\s12$/s),
    ]);
    expect(await lines(rows).count()).toBe(12);
    // Text of a run's folder is never markup.
    expect(await lines(rows).first().innerText()).toContain('<b>it</b>');
    const dropdown = (label: string) => looked.getByLabel(label, { exact: true });
    await choose(dropdown('View'), 'Mirror');
    await choose(dropdown('Answers'), 'wrong');
    await expect.poll(() => lines(rows.replace('12', '3')).count()).toBe(3);
    expect(await lines(masses).first().innerText()).toMatch(/^0\s+50\.0\s+10\.0\s+0\.40\s/);
    await looked.getByRole('button', { name: 'w-4' }).click();
    expect(asked).toContain('row set-val w-4');
  });

  test('compares both views across layers, and shows heads', async () => {
    writeLookedSet(sets(), 'set-val', data());
    const page = await opened();
    const looked = page.locator('#app');
    const odds = 'Log-odds of the reference answer';
    const through = looked.getByRole('region', { name: odds, exact: true });
    expect(await through.locator('tbody tr').allInnerTexts()).toEqual([
      expect.stringMatching(/^0\s+0\s+0/),
      expect.stringMatching(/^1\s+1\.9\s+1\.0/),
    ]);
    expect(await looked.locator('.layer-chart li').allInnerTexts()).toEqual(['Original', 'Mirror']);
    const heads = looked.getByRole('region', { name: /^Layers × heads/ });
    expect(await heads.locator('tbody tr').first().innerText()).toMatch(/^0\s+2\.40/);
  });

  const legend = (page: Page) => page.locator('.layer-chart li').allInnerTexts();

  test('compares open runs, and reports a run without an analysis', async () => {
    writeLookedSet(sets(), 'set-val', data());
    cpSync(sets(), dirOf('looked-before'), { recursive: true });
    const both = await open(['looked-before', 'looked']);
    await both.locator('.layer-chart').waitFor();
    expect(await legend(both)).toEqual([
      'looked-before, Original',
      'looked, Original',
      'looked-before, Mirror',
      'looked, Mirror',
    ]);
    await shotsOf('inside', () => both)('looked-two-runs');
    await expectSound(panel);
    await both.close();
    rmSync(join(dirOf('looked-before'), 'insight'), { recursive: true });
    const one = await open(['looked-before', 'looked']);
    await one.getByText('looked-before has no analysis of these rows.').waitFor();
    await one.getByRole('main').getByRole('button', { name: 'Analyse looked-before…' }).click();
    expect(asked).toContain('lookInside looked-before, asks');
    expect(await legend(one)).toEqual(['Original', 'Mirror']);
    rmSync(dirOf('looked-before'), { recursive: true });
  });

  /** A run that was looked into at two checkpoints, and by another strategy whose answers read a graph. */
  const writeThree = () => {
    const rows = { sha256: 'a', path: data() };
    writeLookedSet(sets(), 'set-val-step-40-aaaaaaaa', data(), {}, { set: rows });
    const early = { lens: [-0.7, -0.7, -0.6, -0.9] };
    writeLookedSet(sets(), 'set-val-step-10-bbbbbbbb', data(), early, { set: rows, step: 10 });
    const staged = {
      source_names: ['picture', 'question', 'graph'],
      sources: [0.2, 0.3, 0.5, 0.1, 0.2, 0.7],
      blocked: [
        { keys: 'picture', words: [-0.1, -2] },
        { keys: 'graph', words: [-2, -0.1] },
      ],
    };
    const about = { set: rows, strategy: 'scene-graph', hide: ['picture', 'graph'] };
    writeLookedSet(sets(), 'set-val-step-40-cccccccc', data(), staged, about);
    writeLookedSet(sets(), 'set-other-step-40-dddddddd', data(), {}, { set: { ...rows, sha256: 'b' } });
  };
  const showThree = async (options: Partial<PanelOptions> = {}) => {
    const inside = await alone(writeThree, options);
    await choose(inside.getByLabel('Result', { exact: true }), 'Attention analysis: val, step 40, trained');
    await inside.locator('.beside').waitFor({ state: 'attached' });
    await unfold();
    const box = (name: string) => inside.getByRole('checkbox', { name, exact: true });
    await box('step 10, trained').waitFor();
    return { inside, box };
  };

  test('compares two checkpoints of a run, with the change per row', async () => {
    const { inside, box } = await showThree();
    const { page } = panel;
    expect(await inside.locator('.beside').innerText()).toContain(
      'Compare with step 40, trained on the same rows',
    );
    expect(await inside.getByRole('checkbox').count()).toBe(2);
    await box('step 10, trained').focus();
    await page.keyboard.press('Space');
    await expect.poll(() => legend(page)).toHaveLength(4);
    expect(await legend(page)).toEqual([
      'step 40, trained, Original',
      'step 10, trained, Original',
      'step 40, trained, Mirror',
      'step 10, trained, Mirror',
    ]);
    const ink = (name: string) =>
      inside
        .locator('.plot svg path[fill=none]')
        .evaluateAll((all, name) => all.map((one) => one.getAttribute(name)), name);
    const [colours, dashes] = [await ink('stroke'), await ink('stroke-dasharray')];
    expect([colours[0], colours[2]]).toEqual([colours[1], colours[3]]);
    expect([dashes[0], dashes[1]]).toEqual([dashes[2], dashes[3]]);
    expect(colours[0]).not.toBe(colours[2]);
    expect(dashes[0]).not.toBe(dashes[1]);
    const through = inside.getByRole('region', { name: 'Log-odds of the reference answer', exact: true });
    expect(await through.locator('thead th').allInnerTexts()).toEqual([
      'layer',
      'view',
      'step 40, trained',
      'step 10, trained',
      'step 10, trained minus step 40, trained',
    ]);
    expect(await through.locator('tbody tr').nth(1).innerText()).toMatch(
      /^1\s+Original\s+1\.90\s+0\.30\s+−1\.60/,
    );
    await page.keyboard.press('Space');
    await expect.poll(() => legend(page)).toEqual(['Original', 'Mirror']);
  });

  inThemes('compares prompting strategies by attention and dependence on input', async (theme) => {
    const { inside, box } = await showThree({ theme });
    const { page } = panel;
    await box('step 40, scene-graph').click();
    const relied = inside.getByRole('region', { name: 'Dependence on input' });
    await relied.waitFor();
    const lines = await relied.locator('tbody tr').allInnerTexts();
    const graph = lines.filter((line) => /scene-graph.*\tgraph\t/.test(line));
    expect(graph).toEqual([
      expect.stringMatching(/\tOriginal\tgraph\t0\.0\s+\[0\.0, \S+\]\s+100\.0\t/),
      expect.stringContaining('\tMirror\t'),
    ]);
    await choose(inside.getByLabel('Values by layer', { exact: true }), 'Attention on graph, %');
    const through = inside.getByRole('region', { name: 'Attention on graph, %', exact: true });
    expect(await through.locator('tbody tr').nth(1).innerText()).toMatch(/^1\tOriginal\t–\t70\.0/);
    const shots = shotsOf('inside', () => page);
    await choose(inside.getByLabel('Values by layer', { exact: true }), 'Attention on question, %');
    await inside.locator('.beside').scrollIntoViewIfNeeded();
    await shots(`beside-${theme}`);
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, async () => {
      await inside.locator('.beside').scrollIntoViewIfNeeded();
      await shots(`beside-${theme}-narrow`);
      await relied.scrollIntoViewIfNeeded();
      await shots(`beside-${theme}-narrow-table`);
    });
  });

  test('offers a second analysis for comparison if only one analysis exists', async () => {
    const inside = await alone(() => {
      writeLookedSet(sets(), 'set-val', data());
      const file = join(sets(), 'insight/set-val/results.json');
      const figures = JSON.parse(readFileSync(file, 'utf8')) as { layer: number | null }[];
      writeFileSync(file, JSON.stringify(figures.filter(({ layer }) => layer !== 0)));
    });
    // One layer is drawn, too.
    const widths = await inside
      .locator('.plot svg path[fill=none]')
      .evaluateAll((all) => all.map((path) => path.getBoundingClientRect().width));
    expect(Math.min(...widths)).toBeGreaterThan(5);
    await inside.getByText('No other analysis uses these rows').waitFor();
    await inside.getByRole('button', { name: 'Analyse looked…' }).click();
    expect(asked).toContain('lookInside looked, asks');
  });

  test('explains why analyses with other layers or rows cannot be compared', async () => {
    const inside = await alone(() => {
      writeThree();
      const heads = {
        heads: 2,
        share: [0.5, 0.5, 0.5, 0.5],
        mass: [1, 1, 1, 1, 1, 1, 1, 1].map((v) => v / 9),
        sources: [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
      };
      writeLookedSet(sets(), 'set-val-step-50-eeeeeeee', data(), heads, {
        set: { sha256: 'a', path: '' },
        step: 50,
      });
      writeFileSync(join(sets(), 'insight/set-val-step-10-bbbbbbbb/rows.jsonl'), '');
    });
    await choose(inside.getByLabel('Result', { exact: true }), 'Attention analysis: val, step 40, trained');
    await inside.locator('.beside').waitFor({ state: 'attached' });
    await unfold();
    await inside.getByRole('checkbox', { name: 'step 50, trained' }).click();
    await inside.getByText('Chirality does not compare layers').waitFor();
    await inside.getByRole('checkbox', { name: 'step 10, trained' }).click();
    await inside.getByText('These analyses have no rows in common.').waitFor();
  });

  const alone = async (write: () => void, options: Partial<PanelOptions> = {}) => {
    rmSync(join(sets(), 'insight'), { recursive: true, force: true });
    write();
    const page = await open(['looked'], options);
    const inside = page.locator('#app');
    await unfold();
    return inside;
  };

  inThemes('draws probe results', async (theme) => {
    await alone(() => writeProbes(sets(), 'probe-val', data()), { theme });
    const shots = shotsOf('inside', () => panel.page);
    await panel.page.locator('.layer-chart').scrollIntoViewIfNeeded();
    await shots(`probed-${theme}`);
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, async () => {
      await panel.page.locator('.layer-chart').scrollIntoViewIfNeeded();
      await shots(`probed-${theme}-narrow`);
    });
  });

  test('shows probed facts by layer with controls, and rows with unused knowledge', async () => {
    const inside = await alone(() => writeProbes(sets(), 'probe-val', data()));
    const line = async (table: number, row: number) =>
      (await inside.locator('table').nth(table).locator('tbody tr').nth(row).innerText()).split('\t');
    const [layer, all] = await line(0, 2);
    expect([layer, Number.parseFloat(all!)]).toEqual(['0', expect.toSatisfy((share: number) => share > 90)]);
    expect(Number.parseFloat((await line(0, 1))[1]!)).toBeLessThan(75);
    expect((await line(0, 0)).slice(0, 5)).toEqual(['chance', '50.0', '62.5', '50.0', '68.8']);
    expect(await inside.locator('.layer-chart li').allInnerTexts()).toEqual([
      'Original',
      'Mirror',
      'model’s answers',
      'chance and controls',
    ]);
    const [id, , read, answered] = await line(1, 0);
    expect([read, answered]).toEqual(['right', '✗ left, reference answer: right']);
    await inside.getByRole('button', { name: id!, exact: true }).first().click();
    expect(asked).toContain(`row probe-val ${id}`);
    expect(await inside.locator('.finding').innerText()).toMatch(
      /^The hidden states contain more information than the answers: a probe reads left or right from the hidden states in 9\d\.\d% of rows \(.*\), by chance in 50\.0%, without the image \d+\.\d%; the model’s answers are correct in \d+\.\d%\.$/,
    );
    await choose(inside.getByLabel('Fact', { exact: true }), 'depth');
    await inside.getByText('depth: R² (1 is exact)').waitFor();
    await unfold();
    expect(await inside.locator('table').count()).toBe(1);
  });

  inThemes('shows patches as a map of layers and tokens', async (theme) => {
    const inside = await alone(() => writePatches(sets(), 'patch-val', data()), { theme });
    const cells = await inside.locator('tbody tr').allInnerTexts();
    expect(cells).toEqual([
      expect.stringMatching(/^0\t−6.*\t100\t0\.00.*\t0$/s),
      expect.stringMatching(/^1\t0\.00.*\t0\b.*\t−5.*\t80$/s),
    ]);
    const shots = shotsOf('inside', () => panel.page);
    await shots(`patched-${theme}`);
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, async () => {
      await inside.locator('table').scrollIntoViewIfNeeded();
      await shots(`patched-${theme}-narrow`);
    });
  });

  test('selects one of several analyses, and starts an analysis', async () => {
    const inside = await alone(() => {
      writeLookedSet(sets(), 'set-val', data());
      writeProbes(sets(), 'probe-val', data());
    });
    await choose(inside.getByLabel('Result', { exact: true }), 'Attention analysis: val, step 40, trained');
    await inside.getByRole('heading', { name: 'Attention analysis' }).waitFor();
    await panel.page.getByRole('button', { name: 'Analyse Model…' }).click();
    expect(asked).toContain('lookInside looked, asks');
  });

  test('shows the error of a broken result, and the start of an analysis', async () => {
    rmSync(join(sets(), 'insight'), { recursive: true, force: true });
    writeLookedSet(sets(), 'set-val', data());
    writeFileSync(join(sets(), 'insight/set-val/results.json'), '{');
    const page = await open(['looked']);
    await page.getByRole('alert').waitFor();
    rmSync(join(sets(), 'insight'), { recursive: true });
    await page.close();
    await open(['looked']);
    await panel.page.getByText('This model has no attention analysis yet.').waitFor();
    await shotsOf('inside', () => panel.page)('nothing');
    await expectSound(panel);
    await panel.page.getByRole('button', { name: 'Analyse Model', exact: true }).click();
    expect(asked.at(-1)).toBe('lookInside looked');
    await panel.page.getByRole('button', { name: 'Analyse with Options…' }).click();
    expect(asked.at(-1)).toBe('lookInside looked, asks');
  });

  /** Maps of two layers: the first is even, the second has one bright cell in the upper left, or right of a mirror. */
  const withMaps = (view: string) => {
    const bright = view === 'original' ? 0 : 3;
    const data = Float32Array.from({ length: 2 * 16 }, (_, i) => (i === 16 + bright ? 20 : 1));
    const { max, bytes } = packMaps({ shape: [2, 16], data });
    return {
      rows: 4,
      cols: 4,
      piece: [0, 0, 1, 1],
      max,
      bytes: Buffer.from(bytes).toString('base64'),
    };
  };
  const drawSet = (name = 'set-val') => {
    rmSync(join(sets(), 'insight'), { recursive: true, force: true });
    writeLookedSet(sets(), name, data());
    const file = join(sets(), 'insight', name, 'rows.jsonl');
    const rows = readFileSync(file, 'utf8').trim().split('\n');
    const drawn = rows.map((line) => {
      const row = JSON.parse(line) as SetRow;
      return { ...row, map: row.id === 'w-1' ? null : withMaps(row.view) };
    });
    writeFileSync(file, rowLines(drawn));
  };
  /** How bright each cell of a side is left. */
  const heat = (page: Page, view: string) =>
    page
      .locator('.pair [data-view]')
      .and(page.locator(`[data-view=${view}]`))
      .locator('.heat rect.attention')
      .evaluateAll((all) => all.map((one) => 1 - Number((one as SVGRectElement).style.fillOpacity)));

  test('draws attention on each frame of a clip and of its reverse', async () => {
    rmSync(join(sets(), 'insight'), { recursive: true, force: true });
    const file = join(folder, 'clips.qa.jsonl');
    writeFileSync(
      file,
      `${JSON.stringify({
        id: 'w-0',
        images: ['scene.png', 'later.png'],
        clip: { times_s: [0, 0.5] },
        question: 'Does the ball move to the left or to the right?',
        answer: 'right',
        task: 'mcq',
        choices: ['left', 'right'],
      })}\n`,
    );
    writeLookedSet(sets(), 'set-clips', file);
    // In the second of the two images, one cell is read; in the first, all of them alike.
    const data = Float32Array.from({ length: 2 * 32 }, (_, i) => (i % 32 === 16 ? 20 : 1));
    const { max, bytes } = packMaps({ shape: [2, 32], data });
    const map = {
      rows: 4,
      cols: 4,
      piece: [0, 0, 1, 1],
      pictures: 2,
      max,
      bytes: Buffer.from(bytes).toString('base64'),
    };
    const rows = join(sets(), 'insight/set-clips/rows.jsonl');
    const two = readFileSync(rows, 'utf8').split('\n').slice(0, 2);
    const views = two.map((line, i): object => ({
      ...(JSON.parse(line) as object),
      view: ['original', 'reverse'][i],
      map,
    }));
    writeFileSync(rows, rowLines(views));
    const page = await open(['looked'], { height: 1100 });
    await page.locator('.heat').nth(1).waitFor();
    const seen = () => page.locator('figcaption span').allTextContents();
    const read = async () =>
      [await heat(page, 'original'), await heat(page, 'reverse')].map((all) => all[0]! > all[1]!);
    expect(await seen()).toEqual(['scene.png', 'later.png']);
    expect(await read()).toEqual([false, false]);
    await page.getByRole('slider', { name: 'Frame' }).fill('1');
    await expect.poll(seen).toEqual(['later.png', 'scene.png']);
    expect(await read()).toEqual([true, true]);
    // 20 + 15 of 20 + 31.
    expect(await page.getByText('of attention on this frame').allTextContents()).toEqual([
      '68.6% of attention on this frame',
      '68.6% of attention on this frame',
    ]);
    await shotsOf('inside', () => page)('clip');
    await expectSound(panel);
  });

  test('draws the attention of a layer on both views, first on a pair with a view gap', async () => {
    drawSet();
    const page = await opened();
    // Every fourth mirror is answered wrong.
    const place = page.getByRole('group', { name: 'Pair navigation' });
    expect(await place.innerText()).toMatch(/w-0\s+1 of 12/);
    await page.locator('.heat').nth(1).waitFor();
    const even = Array.from({ length: 16 }, () => 1);
    expect(await heat(page, 'original')).toEqual(even);
    await page.getByLabel('Layer', { exact: true }).press('ArrowRight');
    await expect.poll(async () => (await heat(page, 'original'))[1]).toBeLessThan(0.3);
    // The line goes round the one cell that has more than half of the attention.
    const outline = page.locator('[data-view=mirror] .contour').first();
    expect((await outline.getAttribute('d'))!.split('M').filter(Boolean).toSorted()).toEqual([
      '0.75 0.25L1 0.25',
      '0.75 0L0.75 0.25',
      '0.75 0L1 0',
      '1 0L1 0.25',
    ]);
    const [original, mirror] = [await heat(page, 'original'), await heat(page, 'mirror')];
    expect(original.findIndex((one) => one === 1)).toBe(0);
    expect(mirror.findIndex((one) => one === 1)).toBe(3);
    expect(Math.max(...original.slice(1))).toBeLessThan(0.3);
    expect(await page.locator('.pair .cell.second').last().innerText()).toMatch(
      /no\s+✗ wrong, reference answer: yes/,
    );
    await shotsOf('inside', () => page)('attention');
    await page.getByTitle('Next row').click();
    await page.getByText('This row has no attention map').waitFor();
    expect(await page.locator('.heat').count()).toBe(0);
    await page.getByTitle('Open pair').click();
    expect(asked).toContain('row set-val w-1');
  });

  test('shows the view of the model, with the family in its files', async () => {
    const file = join(dirOf('looked'), 'preprocessor_config.json');
    const size = { size: { shortest_edge: 336 }, crop_size: { height: 336, width: 336 } };
    writeFileSync(file, JSON.stringify({ image_processor_type: 'CLIPImageProcessor', ...size }));
    try {
      const page = await opened();
      await page.locator('figure img').first().waitFor();
      expect(await page.locator('.facts-seen').count()).toBe(0);
      await page.keyboard.press('i');
      await expect.poll(() => page.locator('.facts-seen').first().textContent()).toMatch(/^336 × 336 pixels/);
      await page.keyboard.press('i');
      await page.locator('.facts-seen').first().waitFor({ state: 'detached' });
    } finally {
      rmSync(file);
    }
  });

  test('requests the attention of each head, and shows why a request failed', async () => {
    drawSet();
    const fourTimes = (view: 'original' | 'mirror') => ({
      ...viewWith(view, ['answer']),
      answer: view === 'original' ? 'yes' : 'no',
    });
    const look: Look = {
      kind: 'look',
      engine: 'embedded',
      model: 'looked, step 40',
      step: 40,
      strategy: 'trained',
      general_prompt: '',
      id: 'w-0',
      layers: LAYERS,
      heads: HEADS,
      words: ['yes', 'no'],
      views: [fourTimes('original'), fourTimes('mirror')],
    };
    let fails = true;
    live = (of) => {
      asked.push(`look ${of.id}`);
      if (fails) throw new Error('The checkpoint of looked at step 40 no longer exists.');
      return look;
    };
    const page = await opened();
    const every = page.getByRole('button', { name: 'Show All Heads' });
    await every.click();
    await page.getByRole('alert').getByText('no longer exists').waitFor();
    fails = false;
    await every.click();
    const head = page.getByLabel('Head', { exact: true });
    await choose(head, 'Head 1');
    // Head 1 of layer 0 looks at another cell than head 0.
    const brightest = async () => {
      const cells = await heat(page, 'original');
      return cells.indexOf(Math.max(...cells)) % SIDE;
    };
    const first = await brightest();
    await choose(head, 'Head 0');
    await expect.poll(brightest).toBe(first - 1);
    expect(asked.filter((one) => one === 'look w-0')).toHaveLength(2);
    await expectSound(panel);
  });

  test('skips rows outside allowed folders, and shows complete tables at 314 pixels', async () => {
    drawSet();
    const manifest = join(sets(), 'insight/set-val/manifest.json');
    const about = JSON.parse(readFileSync(manifest, 'utf8')) as object;
    writeFileSync(manifest, JSON.stringify({ ...about, set: { path: '/elsewhere/val.qa.jsonl' } }));
    const page = await opened({ width: 314 });
    await page.getByText('/elsewhere/val.qa.jsonl because the file is outside').waitFor();
    const over = await page
      .locator('.table')
      .evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).length);
    expect(over).toBe(0);
    // What a figure is stands next to it, where there are no heads.
    const cell = page.locator('.listed td').first();
    expect(await cell.evaluate((one) => getComputedStyle(one, '::before').content)).not.toBe('none');
    await page.setViewportSize({ width: 1200, height: 900 });
    await expect.poll(() => page.locator('.listed').count()).toBe(0);
  });
});
