import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { ReportChoices, ReportHost, ReportPage } from '../../src/panels/report/report.contract.ts';
import { DEFAULT_CHOICES } from '../../src/core/reports/report-choices.ts';
import { sweepReport } from '../../src/core/reports/sweep/build-sweep-report.ts';
import { Reports } from '../../src/panels/report/report.reads.ts';
import { rowOf, writeEvaluation, yesNoRows } from '../support/evaluation.ts';
import { slowly } from '../support/slow.ts';
import { planOf, runsOf } from '../support/sweep.ts';
import { expectNoOtherKeys } from './keys.ts';
import {
  changeTheme,
  choose,
  describePanel,
  shotsOf,
  inThemes,
  type Panel,
  type PanelOptions,
} from './page.ts';
import { expectSound, expectSoundWhenNarrow } from './sound.ts';
import { folderOfTests } from '../support/folder.ts';

describePanel<ReportPage>('Report panel', 'report', (openIn) => {
  const folder = folderOfTests('chirality-report-');
  const reports = new Reports();
  const key = (path: string) => join(folder, path);
  const given = () => key('runs/given/eval/step-000010');
  const spatial = () => key('runs/spatial/eval/step-000010');

  beforeAll(async () => {
    const about = { model: 'embedded, 3 layers of width 96', template: '{question}' };
    await writeEvaluation(given(), yesNoRows({ original: 30, mirror: 10 }), { step: 10, ...about }, [
      {
        name: 'blind',
        set: 'val',
        view: 'original',
        accuracy: 0.75,
        control: 0.725,
        n: 40,
        difference: -0.025,
        interval: [-0.075, 0],
        p: 1,
        alert: true,
      },
    ]);
    for (const [step, right] of [
      [5, 26],
      [10, 28],
      [15, 25],
    ] as const)
      await writeEvaluation(
        key(`runs/spatial/eval/step-0000${String(step).padStart(2, '0')}`),
        yesNoRows({ original: right + 2, mirror: right }),
        { step, ...about },
      );
    const distances = Array.from({ length: 101 }, (_, n) =>
      rowOf({
        id: `<b>${n}`,
        set: 'qspatial',
        task: 'distance',
        question: 'How far?',
        answer: '1 m',
        completion: `<think>Hm.</think><answer>${n < 60 ? '0.8 m' : n < 95 ? '5 m' : 'far'}</answer>`,
      }),
    );
    await writeEvaluation(key('evals/qwen'), distances, { model: 'Qwen2.5-VL-3B', prompt: 'think' });
  });

  let panel: Panel<ReportPage>;
  let asked: unknown[];
  /** What the host waits for before it sends rows. */
  let held = Promise.resolve();

  /** A host that asks the service's own code, as the extension does. */
  async function open(
    choices: Partial<ReportChoices> = {},
    { runs: shown, ...options }: Partial<PanelOptions> & { runs?: readonly string[] } = {},
  ): Promise<Page> {
    asked = [];
    const runs = shown ?? ['given', 'spatial'].map((run) => key(`runs/${run}`));
    const roots = shown ? [] : [key('runs')];
    let compared: ReportChoices['compare'] = null;
    const show = async (chosen: ReportChoices) => {
      const answer = await reports.report({ runs, roots, choices: chosen });
      compared = answer.compare;
      panel.channel.notify('show', {
        kind: 'report',
        runs: null,
        sweep: null,
        judging: null,
        choices: chosen,
        answer,
      });
    };
    const first = { ...DEFAULT_CHOICES, ...choices };
    const host: ReportHost = {
      ready: () => void asked.push('ready'),
      choose: (chosen) => {
        asked.push(chosen);
        void show(chosen);
      },
      chooseRuns: () => void asked.push('runs'),
      evaluate: () => void asked.push('evaluate'),
      showTraces: () => void asked.push('traces'),
      ask: () => void asked.push('ask'),
      rows: (args) => held.then(() => reports.reportRows({ compare: compared!, ...args })),
      showWall: () => Promise.resolve(),
      viewRows: (args) => reports.reportViewRows(args),
      open: (args) => Promise.resolve(void asked.push(args)),
      auditBegin: () => Promise.resolve(null),
      auditGoOn: () => Promise.reject(new Error('Nothing was begun.')),
      auditEnd: () => undefined,
      auditSay: () => Promise.resolve({ lines: [] }),
      auditImage: () => Promise.reject(new Error('There is no picture.')),
      save: ({ name, bytes }) =>
        Promise.resolve(
          void asked.push({ name, text: Buffer.from(bytes).toString('latin1'), bytes: bytes.length }),
        ),
      copy: ({ text }) => Promise.resolve(void asked.push({ text })),
    };
    panel = await openIn(host, options);
    await expect.poll(() => asked).toContain('ready');
    await show(first);
    await panel.page.locator('main section').first().waitFor();
    return panel.page;
  }

  const shot = shotsOf('report', () => panel.page);

  const names = (id: string) =>
    panel.page
      .locator(`#${id} tbody th`)
      .evaluateAll((cells) => cells.map((cell) => cell.firstElementChild?.textContent ?? ''));

  inThemes('shows evaluations next to published results', async (theme) => {
    const page = await open({}, { theme });
    await shot(theme);
    await expectSound(panel);
    await page.getByRole('link', { name: 'Published results' }).click();
    await shot(`${theme}-published`);
    expect(await page.locator('#svqa-q-spatial tr.own th').textContent()).toContain('Qwen2.5-VL-3B, think');
    expect(await page.locator('#svqa-q-spatial tr.own td').allTextContents()).toContain(
      '59.41 49.65 – 68.47',
    );
    await page.getByRole('link', { name: 'Checkpoints' }).click();
    await shot(`${theme}-checkpoints`);
    expect(await page.locator('#checkpoint-curves-0 svg .dot').count()).toBeGreaterThan(5);
    await expectSoundWhenNarrow(panel, () => shot(`${theme}-narrow`));
    // The figure that counts is in sight without scrolling.
    const both = await page
      .locator('#consistency-0')
      .getByRole('button', { name: 'pair accuracy' })
      .boundingBox();
    expect(both!.x + both!.width).toBeLessThan(400 - 16);
    // A chart is drawn again for the room that it has.
    const chart = page.locator('#checkpoint-curves-0 svg');
    const { width } = (await chart.boundingBox())!;
    expect(width).toBeLessThan(400);
    expect(await chart.getAttribute('viewBox')).toMatch(new RegExp(`^0 0 ${width} `));
    const heads = await page.locator('.table thead').evaluateAll((all) => all.map((one) => one.clientHeight));
    expect(Math.max(...heads)).toBeLessThan(40);
    if (theme === 'light') await expectNoOtherKeys(panel);
  });

  slowly('draws opaque orange in every theme', async () => {
    const page = await open();
    const mark = page.locator('svg .s1').first();
    for (const [theme, orange] of [
      ['light', 'rgb(200, 100, 0)'],
      ['dark', 'rgb(209, 134, 22)'],
      ['high-contrast', 'rgb(255, 157, 66)'],
      ['high-contrast-light', 'rgb(154, 75, 0)'],
    ] as const) {
      await changeTheme(page, theme);
      await page.evaluate(
        `document.documentElement.style.setProperty('--vscode-charts-orange', 'rgba(234, 92, 0, 0.33)')`,
      );
      expect(await mark.evaluate((one) => getComputedStyle(one).stroke), theme).toBe(orange);
    }
  });

  slowly('fades overflowing tables, and scrolls only the table column on a jump', async () => {
    const page = await open({}, { width: 700 });
    await shot('beside-side-bar');
    const faded = (id: string) =>
      page.locator(`#${id} .wide`).evaluate((box) => ({
        cut: box.scrollWidth > box.clientWidth,
        after: getComputedStyle(box).getPropertyValue('--after'),
      }));
    expect(await faded('consistency-0')).toEqual({ cut: true, after: '40px' });
    await page.locator('#consistency-0 .wide').evaluate((box) => box.scrollTo(10_000, 0));
    await expect.poll(() => faded('consistency-0')).toEqual({ cut: true, after: '0px' });
    // A panel next to the side bar of a window of 1,400 pixels shows all columns.
    await page.setViewportSize({ width: 1030, height: 600 });
    await expect.poll(() => faded('consistency-0')).toEqual({ cut: false, after: '0px' });
    await page.setViewportSize({ width: 1600, height: 300 });
    await expect.poll(() => faded('consistency-0')).toEqual({ cut: false, after: '0px' });
    await page.getByRole('link', { name: 'Checkpoints' }).click();
    const places = await page.evaluate(() =>
      [document.scrollingElement, ...document.querySelectorAll('#app, .columns')].map(
        (one) => one!.scrollTop,
      ),
    );
    expect(places).toEqual([0, 0, 0]);
    expect((await page.locator('#checkpoints-title').boundingBox())!.y).toBeLessThan(150);
  });

  test('opens an item of the papers at its citation, also by keyboard', async () => {
    const page = await open();
    await page.locator('#text summary', { hasText: 'notes' }).first().click();
    const cited = page.getByRole('button', { name: 'B-58' }).first();
    const reading = page.getByRole('note', { name: 'Item B-58' });
    await cited.focus();
    await page.keyboard.press('Enter');
    await reading.first().waitFor();
    await shot('reading');
    await expectSound(panel);
    await page.keyboard.press('Escape');
    await expect.poll(() => reading.first().isVisible()).toBe(false);
  });

  test('offers a checkpoint choice only for runs with several checkpoints, and shows controls', async () => {
    const page = await open();
    const by = page.getByRole('combobox', { name: 'Metric' });
    expect(await by.isEnabled()).toBe(true);
    expect(await by.evaluate((select: HTMLSelectElement) => select.value)).toBe('consistent');
    await page.getByRole('link', { name: 'Controls' }).click();
    await shot('controls');
    expect(await page.locator('#controls-0 tbody td').allTextContents()).toEqual([
      'without the image',
      'originals',
      '75.0',
      '72.5',
      '−2.5 −7.5 – 0.0',
      '50.0',
      '40',
      'no effect shown4',
    ]);
    const empty = await open({}, { runs: [] });
    // Nothing to choose from, so nothing to choose with.
    expect(await empty.getByRole('combobox').count()).toBe(0);
  });

  test('sorts a report table by a column in both directions, and restores the order', async () => {
    const page = await open({ checkpoints: 'all' });
    const order = async () => await names('consistency-0');
    const before = await order();
    const head = page.locator('#consistency-0').getByRole('button', { name: 'pair accuracy' });
    await head.click();
    const sorted = await order();
    expect(sorted).not.toEqual(before);
    expect(sorted.at(-1)).toMatch(/^given/);
    expect(await head.locator('..').getAttribute('aria-sort')).toBe('descending');
    await head.click();
    expect(await order()).toEqual([...sorted].reverse());
    await head.click();
    expect(await order()).toEqual(before);
  });

  test('stores a choice, updates the report, and opens the rows of a model', async () => {
    const page = await open();
    expect(await names('consistency-0')).toEqual(['given, step 10', 'spatial, step 15']);
    await choose(page.getByRole('combobox', { name: 'Checkpoints' }), 'best');
    await expect.poll(() => names('consistency-0')).toEqual(['given, step 10', 'spatial, step 10']);
    expect(await panel.memory()).toEqual({
      runs: null,
      sweep: null,
      judging: null,
      choices: { ...DEFAULT_CHOICES, checkpoints: 'best' },
    });
    await page.locator('#consistency-0').getByRole('button', { name: 'spatial, step 10' }).click();
    await expect.poll(() => asked.at(-1)).toEqual({ key: spatial() });
    await choose(page.getByRole('combobox', { name: 'val', exact: true }), 'CV-Bench');
    await expect
      .poll(() => (asked.at(-1) as ReportChoices).map)
      .toEqual({ val: 'cv-bench', qspatial: 'q-spatial' });
    await choose(page.getByRole('combobox', { name: 'qspatial', exact: true }), 'not a published set');
    await expect.poll(() => page.locator('#svqa-q-spatial tr.own').count()).toBe(0);
  });

  test('compares two evaluations row by row, and opens a row in either evaluation', async () => {
    const page = await open();
    // The program has chosen what is worth comparing; another choice replaces it, and nothing is one.
    await page.getByRole('heading', { name: /\(A\) against .*\(B\)/ }).waitFor();
    const controls = () =>
      page.locator('header :is(.dropdown, .button)').evaluateAll((all) =>
        all.map((each) => {
          const { x, y, width } = each.getBoundingClientRect();
          return [x, y, width].map(Math.round);
        }),
      );
    const before = await controls();
    await choose(page.getByRole('combobox', { name: 'Compare A' }), 'select…');
    await page.getByRole('heading', { name: /\(A\) against/ }).waitFor({ state: 'detached' });
    expect(await controls()).toEqual(before);
    await page.getByRole('combobox', { name: 'Compare A' }).click();
    await shot('dropdown');
    await page.keyboard.press('Escape');
    await choose(page.getByRole('combobox', { name: 'Compare A' }), 'given, step 10');
    await choose(page.getByRole('combobox', { name: 'with B' }), 'spatial, step 10');
    const heading = page.getByRole('heading', { name: 'given, step 10 (A) against spatial, step 10 (B)' });
    await heading.waitFor();
    // What was chosen is in sight, and the dropdown keeps the focus.
    await expect.poll(async () => (await heading.boundingBox())!.y).toBeLessThan(400);
    const rows = page.locator('.rows tbody tr');
    await page.getByRole('button', { name: /A wrong, B correct/ }).click();
    await expect.poll(() => rows.count()).toBe(18);
    await page.getByRole('link', { name: /against/ }).click();
    await shot('compare');
    await expectSound(panel);
    await rows.first().getByRole('button').nth(1).click();
    await expect
      .poll(() => asked.at(-1))
      .toMatchObject({ key: spatial(), row: { set: 'val', view: 'mirror', id: 'r10' } });
    await page.getByRole('button', { name: /A correct, B wrong/ }).click();
    const none = page.getByText('No rows in this group.');
    await none.waitFor();
    let reply!: () => void;
    held = new Promise((resolve) => (reply = resolve));
    await page.getByRole('button', { name: 'A and B wrong 22' }).click();
    // While the rows load, the group does not look empty.
    await none.waitFor({ state: 'detached' });
    reply();
    await expect.poll(() => rows.count()).toBe(22);
    for (const width of [500, 800, 1400]) {
      await page.setViewportSize({ width, height: 900 });
      const overhangs = await page.locator('.rows .count').evaluateAll((counts) =>
        counts.map((count) => {
          const text = document.createRange();
          text.selectNodeContents(count);
          return text.getBoundingClientRect().right - count.getBoundingClientRect().right;
        }),
      );
      expect(Math.max(...overhangs)).toBeLessThan(0.1);
    }
  });

  slowly('exports the report as text and as images', async () => {
    const page = await open();
    const saved = async (name: string) => {
      await expect.poll(() => (asked.at(-1) as { name?: string }).name).toBe(name);
      return asked.at(-1) as { text: string; bytes: number };
    };
    for (const [format, name, start] of [
      ['Markdown', 'report.md', '# Evaluations\n'],
      ['LaTeX', 'report.tex', '% Evaluations\n'],
      ['HTML', 'report.html', '<!doctype html>'],
    ] as const) {
      const tools = page.getByRole('group', { name: 'Export', exact: true });
      await tools.locator('summary').click();
      await tools.getByRole('button', { name: format }).click();
      expect((await saved(name)).text.startsWith(start)).toBe(true);
    }
    const table = page.getByRole('group', {
      name: 'Export Original and mirror of the same question on val',
    });
    await table.getByRole('button', { name: 'CSV' }).click();
    expect((await saved('consistency-0.csv')).text).toMatch(/^evaluation,originals,originals low/);
    await table.getByRole('button', { name: 'Copy' }).click();
    await expect.poll(() => (asked.at(-1) as { text: string }).text).toMatch(/^\*\*Original and mirror/);
    await table.getByRole('button', { name: 'PNG' }).click();
    const picture = await saved('consistency-0.png');
    expect(picture.text.slice(1, 4)).toBe('PNG');
    const chart = page.locator('#checkpoint-curves-0');
    await chart.getByRole('button', { name: 'PNG' }).click();
    const drawn = await saved('checkpoint-curves-0.png');
    expect(drawn.bytes).toBeGreaterThan(10_000);
    const shots = process.env.CHIRALITY_SHOTS;
    if (shots) {
      const { writeFileSync } = await import('node:fs');
      writeFileSync(join(shots, 'report-table.png'), Buffer.from(picture.text, 'latin1'));
      writeFileSync(join(shots, 'report-chart.png'), Buffer.from(drawn.text, 'latin1'));
    }
  });

  test('shows the next step if no evaluation exists, also in a narrow window', async () => {
    const page = await open({}, { runs: [], width: 380, theme: 'dark' });
    await page.getByText('No evaluations yet').waitFor();
    await shot('empty');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(380);
    await expectSound(panel);
    await page.getByRole('button', { name: 'Evaluate Checkpoint…' }).click();
    await expect.poll(() => asked.at(-1)).toBe('evaluate');
    panel.channel.notify('show', {
      kind: 'failed',
      why: 'The disk is gone.',
      runs: null,
      sweep: null,
      judging: null,
      choices: DEFAULT_CHOICES,
    });
    await page.getByText('The disk is gone.').waitFor();
    await expectSound(panel);
  });

  test('links to the traces and the Playground for an external run', async () => {
    const page = await open({}, { runs: [resolve('test/fixtures/foreign-runs/easyr1')], width: 380 });
    await page.getByText('External runs have no evaluations').waitFor();
    await shot('of-others');
    await expectSound(panel);
    expect(await page.getByRole('button', { name: 'Evaluate' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Open Traces' }).click();
    await expect.poll(() => asked.at(-1)).toBe('traces');
    await page.getByRole('button', { name: 'Open Playground' }).click();
    await expect.poll(() => asked.at(-1)).toBe('ask');
  });

  inThemes('shows the comparison of a sweep', async (theme) => {
    const page = await open({}, { theme });
    const plan = planOf(3);
    const document = sweepReport('eta', plan, runsOf(plan, [0.5, 0.8, 0.6]));
    panel.channel.notify('show', {
      kind: 'sweep',
      runs: null,
      sweep: '/w/sweeps/eta',
      judging: null,
      choices: DEFAULT_CHOICES,
      document,
    });
    await page.getByRole('heading', { name: 'eta', exact: true }).waitFor();
    await shot(`sweep-${theme}`);
    expect(await page.locator('#cells tbody th').allTextContents()).toEqual(plan.cells);
    await expectSound(panel);
    for (const { id, title } of document.sections.slice(1)) {
      await page.getByRole('link', { name: title }).click();
      await shot(`sweep-${theme}-${id}`);
    }
    await page.locator('summary', { hasText: 'Export' }).click();
    await page.getByRole('button', { name: 'HTML' }).click();
    await expect
      .poll(() => asked.at(-1))
      .toMatchObject({ name: 'report.html', text: expect.stringContaining('<h1>eta') });
    await expectSoundWhenNarrow(panel, () => shot(`sweep-${theme}-narrow`));
  });
});
