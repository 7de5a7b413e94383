import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { Code, until } from './code.ts';
import { killRuns, stateOf } from './runs.ts';
import { story } from './steps.ts';

const tools = inject('vscode');

const RUNS = 'chirality-demo/runs';
const LONG = `${RUNS}/long`;
const PENALISED = 'penalised != null and effect != none';

// What somebody sees of a run from its first step to its evaluation, and how it all comes back.
describe.skipIf(!tools)('from the demo to an evaluation', () => {
  let code: Code;
  let page: Page;
  let folder: string;
  /** The step that was clicked. */
  let picked: number;

  beforeAll(async () => {
    ({ code, page, folder } = await Code.inFolder(tools!, 'work', (work) =>
      writeFileSync(join(work, 'a.qa.jsonl'), '{"id":"a","question":"Left?","answer":"Yes"}\n'),
    ));
  });
  afterAll(async () => {
    if (folder) killRuns(join(folder, RUNS));
    await code?.stop();
  });

  const step = story(() => page);
  const state = (run: string) => stateOf(join(folder, run));
  const tab = (name: string, on = page) =>
    on.locator('.tab').filter({ has: on.getByText(name, { exact: true }) });
  const show = async (name: string): Promise<void> => {
    await tab(name).click();
    await page.locator('.tab.active', { hasText: name }).waitFor();
  };
  const runPanel = () => code.webview('[data-chart] canvas');
  const tracePanel = () => code.webview('.trace .pair-head');
  /** Next to another panel, Traces show either the list or the pair. */
  const toList = async (traces: Frame, isList: boolean) => {
    const button = traces.getByRole('button', { name: 'List', exact: true });
    if ((await button.getAttribute('aria-pressed')) !== String(isList)) await button.click();
  };
  /** The slider over a chart knows its curve: the last step, and that under the pointer. */
  const slider = (panel: Frame) => panel.locator('.keyboard[role=slider]').first();
  const valueOf = async (panel: Frame, name: string) =>
    Number(await slider(panel).getAttribute(`aria-${name}`));
  const count = async (panel: Frame) =>
    Number(
      /^([\d,]+)/.exec((await panel.locator('.about [role=status]').textContent())!)![1]!.replace(',', ''),
    );
  const pair = (panel: Frame) => panel.locator('.pair-head .quiet');

  step('shows the curves of its first run after Run Demo', async () => {
    await code.run('Chirality: Run Demo');
    await code.choose('Quick check');
    await tab('Run: sft').waitFor();
    const panel = await runPanel();
    await until('its last step', async () => (await valueOf(panel, 'valuemax')) === 40);
    await code.run('Terminal: Kill the Active Terminal Instance'); // enough of the demo
  });

  step('starts a run from CodeLens, and updates its curves', async () => {
    // Long enough to be stopped; with small steps that are all traced, on rows where the views differ.
    const config = ['preset: demo', 'init: runs/sft/checkpoints/step-000040', 'steps: 100000'];
    config.push('data: { train: clean/data.qa.jsonl, eval: { val: val/data.qa.jsonl } }');
    config.push('batch: { rows: 4 }', 'sampling: { group_size: 4 }', 'trace: { every: 1 }');
    config.push('evaluate: { at_start: false, every: 0 }', 'checkpoint: { every: 5 }');
    writeFileSync(join(folder, 'chirality-demo/long.run.yaml'), config.join('\n'));
    await code.openFile('long.run.yaml');
    await code.startAbove('long');
    const panel = await runPanel();
    const grown = await until('a first step', () => valueOf(panel, 'valuemax'));
    await until('more steps', async () => (await valueOf(panel, 'valuemax')) > grown + 2);
    await code.run('Notifications: Clear All Notifications');
  });

  step('opens the traces of a step on a click', async () => {
    const panel = await runPanel();
    const plot = panel.locator('[data-chart] .u-over').first();
    const { width, height } = (await plot.boundingBox())!;
    const at = (share: number) => ({ x: width * share, y: height / 2 });
    // Zoomed, the axis stays as it is while the run goes on.
    await plot.dragTo(plot, { sourcePosition: at(0.2), targetPosition: at(0.9) });
    await panel.getByRole('button', { name: 'Reset zoom', disabled: false }).waitFor();
    const position = at(0.6);
    await plot.hover({ position });
    picked = await valueOf(panel, 'valuenow');
    await plot.click({ position });
    await page.locator('.tab.active', { hasText: 'Traces: long' }).waitFor();
    const traces = await tracePanel();
    await until('the step', async () =>
      (await pair(traces).textContent())!.startsWith(`step ${picked} · pair 0`),
    );
  });

  step('navigates pairs by keyboard, and shows the mirror while m is held', async () => {
    const traces = await tracePanel();
    await traces.locator('.pair-head').click();
    await page.keyboard.press('j');
    await pair(traces).filter({ hasText: 'pair 1' }).waitFor();
    await page.keyboard.press('k');
    await pair(traces).filter({ hasText: 'pair 0' }).waitFor();
    const swap = traces.getByRole('button', { name: 'Swap' });
    await page.keyboard.down('m');
    await until('the mirror', async () => (await swap.getAttribute('aria-pressed')) === 'true');
    await page.waitForTimeout(400); // longer than a press
    await page.keyboard.up('m');
    await until('the original', async () => (await swap.getAttribute('aria-pressed')) === 'false');
  });

  step('filters the list by an expression and by text', async () => {
    const traces = await tracePanel();
    await toList(traces, true);
    const filter = traces.getByRole('combobox', { name: 'Filter' });
    await filter.fill(`step = ${picked}`);
    await filter.press('Enter');
    await until('the four pairs of the step', async () => (await count(traces)) === 4);
    const name = `step-${String(picked).padStart(6, '0')}.jsonl`;
    const lines = readFileSync(join(folder, LONG, 'traces', name), 'utf8')
      .trim()
      .split('\n');
    const holding = (word: string) => lines.filter((line) => line.includes(word)).length;
    const solids = [...lines.join().matchAll(/\w+-(?:cube|ball|cone)/g)].map(([solid]) => solid);
    const word = solids.find((solid) => holding(solid) < lines.length)!;
    await traces.getByRole('searchbox').fill(word);
    await until('those with the word', async () => (await count(traces)) === holding(word));
    await traces.getByRole('searchbox').fill('');
    await filter.fill(PENALISED);
    await filter.press('Enter');
    await until('penalised pairs', async () => (await count(traces)) > 4); // no more those of the step
  });

  step('recomputes a pair and the advantages of the whole run with What-if analysis', async () => {
    const traces = await tracePanel();
    // Of a list, only the rows around those in sight exist: the key goes to the first wherever it is scrolled to.
    const list = traces.getByRole('grid');
    await until('the first row of the filtered list', async () => {
      await list.press('Home');
      return traces.locator('#row-0[aria-selected=true]').isVisible();
    });
    await toList(traces, false);
    await traces.locator('.pair-head').click();
    const eta = traces.getByRole('slider', { name: 'η' });
    await code.pressUntil('e', eta);
    await eta.scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await eta.boundingBox())!;
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + 2, y + height / 2, { steps: 8 });
    await page.mouse.up();
    await traces.locator('.completion s').first().waitFor(); // what it was, next to what it would be
    const bar = traces.evaluate(
      () =>
        new Promise((seen) => {
          new MutationObserver(() => document.querySelector('.what-if progress') && seen(true)).observe(
            document,
            { subtree: true, childList: true },
          );
        }),
    );
    await traces.getByRole('button', { name: 'Apply to Whole Run' }).click();
    expect(await bar).toBe(true);
    await traces.locator('.report', { hasText: /Of [\d,]+ advantages/ }).waitFor();
  });

  step('stops and resumes the run from the panel', async () => {
    await show('Run: long');
    const panel = await runPanel();
    await panel.getByRole('button', { name: 'Reset zoom' }).click();
    await panel.getByRole('checkbox', { name: 'Log scale' }).click();
    await panel.getByRole('button', { name: 'Stop' }).click();
    await panel.getByRole('button', { name: 'Resume' }).click();
    const { step } = state(LONG)!;
    await until('more steps', async () => (await valueOf(panel, 'valuemax')) > step);
  });

  step('restores every panel once after a reload', async () => {
    await code.run('Notifications: Clear All Notifications');
    await code.reload();
    const panel = await runPanel();
    await until('its steps', () => valueOf(panel, 'valuemax'));
    expect(await panel.getByRole('checkbox', { name: 'Log scale' }).isChecked()).toBe(true);
    // The one of the first run has not been looked at since.
    await code.run('Chirality: Open Run');
    await code.choose(/\bsft(?!-)/);
    await page.locator('.tab.active', { hasText: 'Run: sft' }).waitFor();
    await show('Traces: long');
    const traces = await tracePanel();
    const eta = traces.getByRole('slider', { name: 'η' });
    await until('Its settings', async () => (await eta.inputValue()) === '0');
    await toList(traces, true);
    const filter = traces.getByRole('combobox', { name: 'Filter' });
    await filter.waitFor();
    await until('its filter', async () => (await filter.inputValue()) === PENALISED);
    for (const name of ['Run: sft', 'Run: long', 'Traces: long']) expect(await tab(name).count()).toBe(1);
  });

  step('shows the same run in two windows', async () => {
    await show('Run: long');
    const other = await code.window(folder);
    await tab('Run: long', other.page).click(); // what was active is written down only now and then
    // The demo's run, which is finished, is in sight next to it.
    const active = ':text-is("Stop")';
    const [first, second] = [await code.webview(active), await other.webview(active)];
    const before = await valueOf(first, 'valuemax');
    await until('both to go on', async () => {
      const ends = [await valueOf(first, 'valuemax'), await valueOf(second, 'valuemax')];
      return Math.min(...ends) > before + 2;
    });
    await second.getByRole('button', { name: 'Stop' }).click();
    await first.locator('.badge', { hasText: 'stopped' }).waitFor();
    await other.page.close();
  });

  step('opens an evaluation in the Trace panel', async () => {
    const panel = await code.webview(':text-is("Resume")');
    await panel.getByRole('button', { name: 'Evaluate' }).click();
    await code.choose('last');
    await page.getByRole('button', { name: 'OK' }).click();
    await code.choose('Training prompt');
    const done = code.notification(/long, step \d+: val original [\d.]+% .*; val mirror [\d.]+%/);
    await done.waitFor({ timeout: 120_000 });
    await done.getByRole('button', { name: 'Show Answers' }).click();
    const traces = await tracePanel();
    const { step } = state(LONG)!;
    const source = traces.getByRole('combobox', { name: 'Traces or evaluation' });
    await until('the evaluation', async () =>
      (await source.locator('[role=option][aria-selected="true"]').textContent())!.startsWith(
        `Evaluation step `,
      ),
    );
    await until('its rows', async () => (await count(traces)) === 48);
    expect(
      readFileSync(join(folder, LONG, 'metrics.jsonl'), 'utf8')
        .trim()
        .split('\n'),
    ).toHaveLength(step);
  });
});
