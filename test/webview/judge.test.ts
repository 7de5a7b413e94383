import { cpSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { ReportHost, ReportPage } from '../../src/panels/report/report.contract.ts';
import { DEFAULT_CHOICES } from '../../src/core/reports/report-choices.ts';
import { Audits } from '../../src/panels/report/report-audits.reads.ts';
import { Reports } from '../../src/panels/report/report.reads.ts';
import { rowOf, writeEvaluation } from '../support/evaluation.ts';
import { describePanel, shotsOf, inThemes, type Panel, type PanelOptions } from './page.ts';
import { expectSound, expectSoundWhenNarrow } from './sound.ts';
import { slowly } from '../support/slow.ts';
import { folderOfTests } from '../support/folder.ts';
import { readRows } from '../support/rows.ts';

describePanel<ReportPage>('human rating in the Report panel', 'report', (openIn) => {
  const folder = folderOfTests('chirality-judge-');
  const dir = () => join(folder, 'runs/given/eval/step-000010');

  beforeAll(async () => {
    cpSync('test/fixtures/traces/data/images/000399.png', join(folder, 'data/r0.png'));
    const rows = (['original', 'mirror'] as const).flatMap((view) =>
      Array.from({ length: 10 }, (_, i) =>
        rowOf({
          id: `r${i}`,
          set: 'val',
          view,
          task: 'name',
          question: `What is beside the <b>plate</b> of guest ${i}?`,
          answer: 'a blue cup',
          completion: i % 3 === 0 ? 'a blue cup' : `I believe that something stands there, guest ${i}.`,
        }),
      ),
    );
    await writeEvaluation(dir(), rows, { step: 10, model: 'm', root: join(folder, 'data'), sets: {} });
  });

  let panel: Panel<ReportPage>;
  let calls: unknown[];

  /** A host that asks the service's own code. @param mistake in the place of writing */
  async function open(options: Partial<PanelOptions> = {}, answers = 6, mistake?: string): Promise<Page> {
    calls = [];
    await rm(join(dir(), 'audit.jsonl'), { force: true });
    const audits = new Audits();
    const reports = new Reports();
    let place = { keys: [dir()], person: 'mira', answers };
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
      open: () => Promise.resolve(),
      auditBegin: async (args) => {
        calls.push(args);
        return { ...(await audits.auditBegin({ ...place, more: 0 })), names: ['given at step 10'] };
      },
      auditGoOn: async ({ more }) => {
        calls.push({ more });
        const sheet = await audits.auditBegin({ ...place, more: Math.min(more, 6) });
        place = { ...place, answers: sheet.answers };
        return { ...sheet, names: ['given at step 10'] };
      },
      auditEnd: () => void calls.push('end'),
      auditSay: async (args) => {
        if (mistake !== undefined) throw new Error(mistake);
        return audits.auditSay({ ...place, ...args });
      },
      auditImage: (args) => audits.auditImage({ ...place, ...args, allowed: [folder] }),
      save: () => Promise.resolve(),
      copy: () => Promise.resolve(),
    };
    panel = await openIn(host, options);
    const source = { runs: [join(folder, 'runs/given')], roots: [] };
    const answer = await reports.report({ ...source, choices: DEFAULT_CHOICES });
    const state = {
      kind: 'report',
      runs: null,
      sweep: null,
      judging: null,
      choices: DEFAULT_CHOICES,
      answer,
    } as const;
    panel.channel.notify('show', state);
    await panel.page.getByRole('button', { name: 'Rate Answers…' }).click();
    await panel.page.locator('.judge').waitFor();
    return panel.page;
  }

  const shot = shotsOf('judge', () => panel.page);
  const written = () =>
    readRows<{ verdict: string | null }>(join(dir(), 'audit.jsonl')).map((row) => row.verdict);
  const progress = (page: Page) => page.locator('.judge header .quiet').textContent();

  test('rates an answer by one key, undoes a rating, and shows the result at the end', async () => {
    const page = await open();
    expect(calls).toEqual([{ answers: 40 }]);
    expect(await progress(page)).toBe('0 of 6 answers rated by mira');
    // Texts are text.
    expect(await page.locator('.judge dd.asked').textContent()).toContain('<b>plate</b>');
    const text = await page.locator('.judge').textContent();
    expect(text).not.toMatch(/not scored|unparsed/);
    await page.keyboard.press('a');
    await expect.poll(() => page.locator('.whole').count()).toBe(1);
    // Faster than answers are drawn.
    await page.keyboard.type('rwucsrrrr');
    await page.getByText('Rating complete').waitFor();
    await expect
      .poll(written)
      .toEqual(['right', 'wrong', null, 'cannot_tell', 'right', 'right', 'right', 'right']);
    await expect.poll(() => page.locator('.judge section').textContent()).toContain('by rules alone');
    await shot('finished');
    await page.keyboard.press('Escape');
    await page.locator('main[aria-label=Report]').waitFor();
    expect(calls.at(-1)).toBe('end');
    // Whoever comes back is told what it came to.
    await page.getByRole('button', { name: 'Rate Answers…' }).click();
    await expect.poll(() => page.locator('.judge section').textContent()).toContain('by rules alone');
    // More are drawn in the same order, until there are none.
    await page.getByRole('button', { name: 'Rate 14 More' }).click();
    await expect.poll(() => progress(page)).toBe('6 of 12 answers rated by mira');
    await page.keyboard.type('rrrrrr');
    await expect.poll(() => page.locator('.judge section').count()).toBe(1);
    await page.keyboard.press('m');
    await expect.poll(() => progress(page)).toBe('12 of 18 answers rated by mira');
  });

  slowly('resumes the rating of answers after a page restart', async () => {
    const page = await open();
    await page.keyboard.press('Escape');
    await page.locator('main[aria-label=Report]').waitFor();
    panel.channel.notify('judge', { begun: true });
    await expect.poll(() => progress(page)).toBe('0 of 6 answers rated by mira');
    expect(calls.at(-1)).toEqual({ more: 0 });
  });

  test('shows why a rating was not saved, and does not count the rating', async () => {
    const page = await open({}, 6, 'The disk is full.');
    await page.keyboard.press('r');
    await page.getByRole('alert').getByText('The disk is full.').waitFor();
    expect(await progress(page)).toBe('0 of 6 answers rated by mira');
  });

  test('shows a missing image, and still accepts a rating', async () => {
    const page = await open({}, 20);
    await expect.poll(() => page.locator('.judge .missing, .judge img').count()).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Cannot Tell' }).click();
    await expect.poll(() => progress(page)).toBe('1 of 20 answers rated by mira');
  });

  inThemes('passes accessibility checks for ratings, also when narrow', async (theme) => {
    const page = await open({ theme });
    await expectSound(panel);
    await shot(theme);
    await expectSoundWhenNarrow(panel, () => shot(`${theme}-narrow`));
    expect(await page.locator('.turn').isVisible()).toBe(true);
  });
});
