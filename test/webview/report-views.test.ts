import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { ReportHost, ReportPage } from '../../src/panels/report/report.contract.ts';
import { DEFAULT_CHOICES } from '../../src/core/reports/report-choices.ts';
import { Random } from '../../src/base/random.ts';
import type { Sample } from '../../src/rows/sample/sample.ts';
import { inViews } from '../../src/lab/rollouts/draw-groups.ts';
import { Reports } from '../../src/panels/report/report.reads.ts';
import { rowOf, writeEvaluation } from '../support/evaluation.ts';
import { describePanel, shotsOf, inThemes, type Panel, type PanelOptions } from './page.ts';
import { expectSound, expectSoundWhenNarrow } from './sound.ts';
import { folderOfTests } from '../support/folder.ts';

const VIEWS = ['original', 'mirror', 'rotate:180', 'converse', 'permute-options:1', 'mirror+converse'];

/** Questions of which some can be put in other words, some turned, and some have options. */
const SAMPLES: Sample[] = Array.from({ length: 60 }, (_, i): Sample => {
  const row = { id: `q${i}`, images: [`${i}.png`] };
  if (i % 3 === 0)
    return {
      ...row,
      question: 'Is the cup to the left of the jug?',
      answer: i % 2 ? 'Yes' : 'No',
      task: 'yesno',
    };
  if (i % 3 === 1)
    return {
      ...row,
      question: 'On which side of the jug is the cup?',
      choices: ['left', 'right'],
      task: 'mcq',
      answer: i % 2 ? 'left' : 'right',
    };
  return { ...row, question: 'Is the cup closer than the jug?', answer: i % 2 ? 'Yes' : 'No', task: 'yesno' };
});

/** What a model says that looks so often, and else says what it is used to. */
function rows(looks: number) {
  return SAMPLES.flatMap((sample) =>
    inViews(sample, VIEWS).map(({ view, sample: { id, question, answer, choices, task = '' } }) => {
      const random = Random.from(`${id} ${view} ${looks}`);
      const completion =
        random.uniform() < looks ? answer : choices ? 'left' : random.uniform() < 0.1 ? '…' : 'Yes';
      const row = { id, question, answer, task, view, set: 'val', completion };
      return rowOf({ ...row, ...(choices && { choices }) });
    }),
  );
}

describePanel<ReportPage>('view matrix in the Report panel', 'report', (openIn) => {
  const folder = folderOfTests('chirality-report-views-');
  const reports = new Reports();
  const key = (run: string) => join(folder, `runs/${run}/eval/step-000010`);

  beforeAll(async () => {
    await writeEvaluation(key('habit'), rows(0), { step: 10, model: 'embedded' });
    await writeEvaluation(key('seeing'), rows(0.9), { step: 10, model: 'embedded' });
  });

  let panel: Panel<ReportPage>;
  let opened: unknown[];
  let saved: string[];

  async function open(options: Partial<PanelOptions> = {}): Promise<Page> {
    [opened, saved] = [[], []];
    const source = { runs: ['habit', 'seeing'].map((run) => join(folder, 'runs', run)), roots: [] };
    const host: ReportHost = {
      ready: () => undefined,
      choose: () => undefined,
      chooseRuns: () => undefined,
      evaluate: () => undefined,
      showTraces: () => undefined,
      ask: () => undefined,
      rows: () => Promise.resolve([]),
      showWall: () => Promise.resolve(),
      viewRows: (args) => reports.reportViewRows(args),
      open: (args) => Promise.resolve(void opened.push(args)),
      auditBegin: () => Promise.resolve(null),
      auditGoOn: () => Promise.reject(new Error('Nothing was begun.')),
      auditEnd: () => undefined,
      auditSay: () => Promise.resolve({ lines: [] }),
      auditImage: () => Promise.reject(new Error('There is no picture.')),
      save: ({ bytes }) => Promise.resolve(void saved.push(new TextDecoder().decode(bytes))),
      copy: () => Promise.resolve(),
    };
    panel = await openIn(host, options);
    const answer = await reports.report({ ...source, choices: DEFAULT_CHOICES });
    const show = () =>
      panel.channel.notify('show', {
        kind: 'report',
        runs: null,
        sweep: null,
        judging: null,
        choices: DEFAULT_CHOICES,
        answer,
      });
    show();
    await panel.page.locator('main section').first().waitFor();
    await panel.page.getByRole('link', { name: 'Views', exact: true }).click();
    return panel.page;
  }

  const shot = shotsOf('report-views', () => panel.page);
  const cell = (page: Page, table: string, row: string, column: number) =>
    page
      .locator(`#${table} tbody tr`)
      .filter({ has: page.getByRole('rowheader', { name: row, exact: true }) })
      .locator('td')
      .nth(column);

  inThemes('compares each view with the other views', async (theme) => {
    const page = await open({ theme });
    await shot(theme);
    // A model that never looks agrees with itself, and never gives another answer where it should.
    expect(await cell(page, 'views-0-0', 'Mirror', 7).textContent()).toMatch(/^0\.0 /);
    expect(await cell(page, 'views-0-1', 'Mirror', 7).textContent()).toMatch(/^(?:8\d|9\d|100)\.\d /);
    await cell(page, 'views-consistent-0-1', 'Mirror', 0).getByRole('button').click();
    await page.getByRole('group', { name: 'Row groups of val: originals and mirrors' }).waitFor();
    await shot(`${theme}-rows`);
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot(`${theme}-narrow`));
  });

  test('opens the rows of a cell and the answers of a row, also by keyboard', async () => {
    const page = await open();
    const button = cell(page, 'views-agreement-0-0', 'Mirror', 0).getByRole('button');
    await button.focus();
    await page.keyboard.press('Enter');
    const group = page.getByRole('group', { name: 'Row groups of val: originals and mirrors' });
    await group.waitFor();
    const all = SAMPLES.filter((sample) => inViews(sample, ['mirror']).length > 0).length;
    // The rows come after the group.
    await expect
      .poll(async () => {
        const counts = await group.locator('.count').allTextContents();
        return counts.map(Number).reduce((sum, n) => sum + n);
      })
      .toBe(all);
    await group.getByRole('button', { name: 'answers agree but are wrong' }).click();
    const list = page.getByRole('region', {
      name: 'val: originals and mirrors: answers agree but are wrong',
    });
    await list.waitFor();
    const first = list.locator('tbody tr').first();
    await expect.poll(() => first.locator('.wrong-mark').count()).toBe(1);
    await list.getByTitle('Show this row in mirror').first().click();
    const id = await first.locator('td').first().textContent();
    await expect.poll(() => opened).toEqual([{ key: key('habit'), row: { set: 'val', view: 'mirror', id } }]);
    await group.getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => group.count()).toBe(0);
  });

  test('hatches cells with few pairs, and has no buttons on the diagonal', async () => {
    const page = await open();
    expect(await cell(page, 'views-consistent-0-0', 'Mirror', 0).getAttribute('class')).not.toContain('few');
    expect(await cell(page, 'views-consistent-0-0', 'Options permuted 1', 0).getAttribute('class')).toContain(
      'few',
    );
    expect(await cell(page, 'views-consistent-0-0', 'Mirror', 1).getByRole('button').count()).toBe(0);
  });

  test('exports the view matrix as HTML and LaTeX with the report, and separately as CSV', async () => {
    const page = await open();
    for (const name of ['HTML', 'LaTeX']) {
      await page.locator('summary', { hasText: 'Export' }).click();
      await page.getByRole('button', { name, exact: true }).first().click();
    }
    await page.locator('#views-update, #views-0-0').first().getByRole('button', { name: 'CSV' }).click();
    await expect.poll(() => saved.length).toBe(3);
    const [html, latex, csv] = saved as [string, string, string];
    expect(html).toContain('data-shade="');
    expect(html).toContain('Pair accuracy on val, percent: seeing, step 10');
    expect(latex).toContain('\\label{tab:views-consistent-0-1}');
    expect(csv.split('\r\n')[0]).toContain('view,accuracy,accuracy low,accuracy high,accuracy n,chance');
  });
});
