import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { AcuityChoices, AcuityHost, AcuityPage } from '../../src/panels/acuity/acuity.contract.ts';
import { probability } from '../../src/core/psychophysics/observer.ts';
import { Random } from '../../src/base/random.ts';
import type { Sample } from '../../src/rows/sample/sample.ts';
import type { AcuityMeta } from '../../src/core/worlds/acuity/ask-block.ts';
import type { StimuliPlan } from '../../src/core/psychophysics/acuity-record.ts';
import { writeAcuity } from '../../src/lab/acuity/acuity-answers.ts';
import { stimuli, stimuliName } from '../../src/lab/acuity/acuity-rows.ts';
import { Acuity } from '../../src/panels/acuity/acuity.reads.ts';
import { PairRows } from '../../src/panels/data-rows.reads.ts';
import { describePanel, shotsOf, inThemes, type Panel, type PanelOptions } from './page.ts';
import { expectSound, expectSoundWhenNarrow } from './sound.ts';
import { few, slowly } from '../support/slow.ts';
import { folderOfTests } from '../support/folder.ts';

const PLAN: StimuliPlan = {
  axis: 'side',
  form: 'choice',
  style: 'compact',
  size: { w: 64, h: 64 },
  levels: [-48, -24, -8, 0, 8, 24, 48],
  blocks: 2,
  seed: 4,
};

describePanel<AcuityPage>('Acuity panel', 'acuity', (openPage) => {
  const root = join(folderOfTests('chirality-acuity-'), 'acuity');
  const service = new Acuity(new PairRows());
  let rows: string;
  /** Those that a person is asked. */
  let own: string;
  let samples: Sample[];

  beforeAll(async () => {
    ({ rows } = await stimuli(join(root, 'rows'), PLAN));
    own = rows;
    const lines = readFileSync(rows, 'utf8').trimEnd().split('\n');
    samples = lines.map((line) => JSON.parse(line) as Sample);
    const random = Random.from('panel');
    const sees = ({ answer, meta }: Sample) => {
      const { x, claim } = meta!.acuity as unknown as AcuityMeta;
      const who = { width: 20, shifts: [], shares: [], lapseLow: 0, lapseHigh: 0, likeness: 0 };
      const claimed = random.chance(probability(x, [], who)) ? 1 : -1;
      return claimed === claim ? answer : answer === 'left' ? 'right' : 'left';
    };
    answered('spatial', samples, sees);
    answered('<b>given</b>', samples.slice(0, 40), () => 'left');
  });

  /** A whole measurement of another kind, with its record. */
  async function measured(plan: StimuliPlan, say: (row: Sample) => string): Promise<void> {
    const drawn = (await stimuli(join(root, 'rows'), plan)).rows;
    const list = readFileSync(drawn, 'utf8').trimEnd().split('\n');
    const name = stimuliName(plan);
    const folder = join(root, `spatial-${name}-0a1b2c3d`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ sets: { [name]: 'data.qa.jsonl' } }));
    const lines = list
      .map((line) => JSON.parse(line) as Sample)
      .map((row) => `${JSON.stringify({ id: row.id, completion: say(row) })}\n`);
    writeFileSync(join(folder, 'rows.jsonl'), lines.join(''));
    const about = { answers: folder, model: 'spatial', run: null, step: null };
    await writeAcuity(plan, drawn, about, join(folder, 'acuity.json'));
  }

  test('shows the progress of an acuity measurement, and stops the measurement on request', async () => {
    const page = await open({ none: true });
    panel.channel.notify('measuring', [{ id: 3, model: 'qwen', line: 'Answers 12 of 312' }]);
    await page.getByText('Measuring qwen · Answers 12 of 312').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await expect.poll(() => asked).toContain('end 3');
    panel.channel.notify('measuring', []);
    await page.getByText('Measuring qwen').waitFor({ state: 'detached' });
  });

  test('cancels a self-measurement on Escape before its start', async () => {
    const page = await open({ none: true });
    await page.getByRole('button', { name: 'Measure My Acuity' }).click();
    await page.getByRole('heading', { name: 'Measure my acuity' }).waitFor();
    // The first Escape closes the open list, the second one leaves, although the list has the focus.
    await page.getByRole('combobox', { name: 'Stimulus' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Measure my acuity' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('Acuity is the smallest').waitFor();
  });

  test('shows maps and measurements with true distances in separate tabs', async () => {
    const metres: StimuliPlan = { ...PLAN, axis: 'metres', form: 'open', levels: [3, 4, 5], blocks: 3 };
    await measured(metres, ({ answer }) => answer);
    const map: StimuliPlan = { ...PLAN, levels: [], blocks: 1, map: { columns: 12, rows: 8 } };
    await measured(map, ({ answer, meta }) => {
      const { cell } = meta!.acuity as unknown as AcuityMeta;
      return cell![0] < 6 ? answer : 'left';
    });
    const page = await open();
    const tab = (name: string) => page.getByRole('button', { name, exact: true });
    await tab('metres').click();
    await expect
      .poll(() => page.locator('.finding').innerText())
      .toContain('to the power of 1.00 [1.00, 1.00]');
    await expectSound(panel);
    await shot('metres');
    // All axes at once: a model is a row, and what it was asked about a column.
    await tab('Overview').click();
    await expect
      .poll(() => page.locator('table tbody tr').allInnerTexts())
      .toEqual([expect.stringContaining('given'), expect.stringMatching(/^spatial\b.*\b1\.00\b/s)]);
    expect(await page.getByRole('group', { name: 'Shown results' }).count()).toBe(0);
    await shot('overview');
    await expectSound(panel);
    await tab('map of side').click();
    await expect
      .poll(() => page.locator('.finding').innerText())
      .toContain('spatial answers questions about side correctly in');
    const backdrop = page.locator('figure svg image');
    await expect.poll(() => backdrop.getAttribute('href')).toMatch(/^blob:/);
    expect(await page.locator('figure svg rect').count()).toBeGreaterThan(20);
    await shot('map');
    await expectSound(panel);
    // A map with gaps stays a map where it has to scroll.
    const listed = () => page.locator('.table.listed').count();
    await expectSoundWhenNarrow(panel, async () => {
      expect(await listed()).toBe(0);
      await shot('map-narrow');
    });
  });
  afterAll(async () => {
    rmSync(dirname(root), { recursive: true });
  });

  function answered(model: string, list: readonly Sample[], say: (row: Sample) => string): void {
    const folder = join(root, `${model.replaceAll('/', '∕')}-${stimuliName(PLAN)}-0a1b2c3d`);
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'manifest.json'),
      JSON.stringify({ sets: { [stimuliName(PLAN)]: 'data.qa.jsonl' } }),
    );
    const lines = list.map((row) => `${JSON.stringify({ id: row.id, completion: say(row) })}\n`);
    writeFileSync(join(folder, 'rows.jsonl'), lines.join(''));
  }

  let panel: Panel<AcuityPage>;
  let asked: unknown[];
  /** When the images of a person's own trials are drawn. */
  let drawn = Promise.resolve();
  afterEach(() => void (own = rows));
  const shot = shotsOf('acuity', () => panel.page);

  async function open({ none, ...options }: Partial<PanelOptions> & { none?: true } = {}): Promise<Page> {
    asked = [];
    const show = async (choices: AcuityChoices) => {
      const view = await service.acuity({ roots: none ? [] : [root], ...choices });
      panel.channel.notify('show', { kind: 'shown', choices, view });
    };
    const host: AcuityHost = {
      ready: () => void asked.push('ready'),
      choose: (choices) => {
        asked.push(choices);
        void show(choices);
      },
      measure: () => void asked.push('measure'),
      end: ({ id }) => void asked.push(`end ${id}`),
      trials: (point) => service.acuityTrials({ ...point, rows }),
      openRow: (row) => void asked.push(row),
      image: (args) => service.acuityImage(args),
      begin: async () => {
        await drawn;
        return { rows: own, trials: (await service.ownTrials({ rows: own, seed: 1 })).slice(0, 4) };
      },
      keep: (args) => {
        asked.push(args);
        return true;
      },
    };
    panel = await openPage(host, { width: 1000, ...options });
    await expect.poll(() => asked).toContain('ready');
    asked = [];
    await show({ axis: null, hidden: [] });
    await panel.page.locator('main').waitFor();
    return panel.page;
  }

  inThemes('shows the acuity findings in text and charts', async (theme) => {
    const page = await open({ theme });
    await expect
      .poll(() =>
        page
          .locator('.finding')
          .allInnerTexts()
          .then((all) => all.map((text) => text.replaceAll('\u00a0', ' '))),
      )
      .toEqual([
        '<b>given<∕b> cannot distinguish right from left at these levels, and has a response bias to left in 100% of its answers.',
        expect.stringMatching(
          /^spatial distinguishes right from left at differences of at least \d+\.\d% of the width \(\d\.\d of 64 px\)/,
        ),
      ]);
    expect(await page.locator('.who').textContent()).toContain('40 of 56');
    expect(await page.locator('figure').first().locator('svg .band').count()).toBe(1);
    await shot(theme);
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot(`${theme}-narrow`));
  });

  test('opens answers from a chart point, and the row from an answer, by keyboard', async () => {
    const page = await open();
    const point = page.locator('.dot.s1[role=button]').last();
    await point.focus();
    await page.keyboard.press('Enter');
    const trials = page.getByRole('region', { name: 'Answers at this point' });
    await expect.poll(() => trials.locator('.trial').count()).toBe(8);
    await expect.poll(() => trials.locator('img').count()).toBe(8);
    expect(await trials.getByRole('status').textContent()).toMatch(/^[78] of 8 correct$/);
    await shot('trials');
    await expectSound(panel);
    await trials.locator('.trial').nth(1).press('Enter');
    const line = samples.findIndex(({ meta }) => (meta!.acuity as unknown as AcuityMeta).level === 48) + 2;
    expect(asked).toContainEqual({ key: expect.stringContaining('spatial'), line });
    await trials.getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => trials.count()).toBe(0);
    await page.getByRole('checkbox', { name: 'spatial' }).click();
    await expect.poll(() => page.locator('.finding').count()).toBe(1);
    expect(asked).toContainEqual({ axis: null, hidden: [expect.stringContaining('spatial')] });
  });

  slowly('scrolls to the top after a change of the axis', async () => {
    const page = await open({ height: 400 });
    const scrolled = () => page.evaluate(() => window.scrollY);
    await page.evaluate(() => window.scrollTo(0, 300));
    expect(await scrolled()).toBe(300);
    const choices = { axis: 'nearer', hidden: [] };
    const view = await service.acuity({ roots: [root], ...choices });
    const sections = view.document!.sections.map((section) => ({ ...section, title: 'nearer' }));
    const other = { ...view, axes: ['nearer'], axis: 'nearer', document: { ...view.document!, sections } };
    panel.channel.notify('show', { kind: 'shown', choices, view: other });
    await page.getByRole('button', { name: 'nearer' }).waitFor();
    expect(await page.locator('.finding').count()).toBe(2);
    expect(await scrolled()).toBe(0);
  });

  test('records answers by arrow keys, and saves the answers only on request', async () => {
    const page = await open({ none: true });
    await shot('empty');
    await expectSound(panel);
    await page.getByRole('button', { name: 'Measure My Acuity' }).click();
    await shot('myself');
    await expectSound(panel);
    let goOn: () => void;
    drawn = new Promise((resolve) => (goOn = resolve));
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('heading', { name: 'Drawing images…' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Measure My Acuity' }).click();
    goOn!();
    await page.getByRole('button', { name: 'Start' }).click();
    for (const key of ['ArrowLeft', 'ArrowRight', 'ArrowRight']) {
      await page.locator('.stimulus img').waitFor();
      const question = await page.locator('.question').textContent();
      if (key === 'ArrowLeft') {
        await shot('asking');
        await expectSoundWhenNarrow(panel, () => shot('asking-narrow'));
      }
      await page.keyboard.press(key);
      await expect.poll(() => page.locator('.question').textContent()).not.toBe(question);
    }
    await expectSound(panel);
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: '3 of 4 answered' }).waitFor();
    expect(asked).toEqual([]);
    await page.getByRole('button', { name: 'Keep Answers…' }).click();
    const trials = await service.ownTrials({ rows, seed: 1 });
    const answers = ['left', 'right', 'right'].map((answer, i) => ({ id: trials[i]!.id, answer }));
    await expect.poll(() => asked).toEqual([{ answers }]);
  });

  test.for(few(['no-preference', 'reduce'] as const))(
    'plays each clip once, automatically unless reduced motion is preferred: %s',
    async (reducedMotion) => {
      const plan: StimuliPlan = { ...PLAN, axis: 'motion', size: { w: 48, h: 48 }, levels: [-48, 48] };
      own = (await stimuli(join(root, 'rows'), plan)).rows;
      const page = await open({ none: true });
      await page.emulateMedia({ reducedMotion });
      await page.getByRole('button', { name: 'Measure My Acuity' }).click();
      await page.getByRole('button', { name: 'Start' }).click();
      const picture = page.locator('.stimulus img');
      const shown = new Set<string | null>();
      await picture.waitFor();
      if (reducedMotion === 'reduce') {
        await page.waitForTimeout(600);
        shown.add(await picture.getAttribute('src'));
        expect(shown.size).toBe(1);
        await shot('asking-clip');
        await expectSound(panel);
        expect(await page.getByRole('button', { name: 'Play' }).count()).toBe(1);
        await page.keyboard.press('Space');
      }
      await expect
        .poll(
          async () => {
            if ((await picture.count()) > 0) shown.add(await picture.getAttribute('src'));
            return picture.count();
          },
          { interval: 30, timeout: 5000 },
        )
        .toBe(0);
      expect(shown.size).toBeGreaterThan(2);
      // Nothing plays it again, and it can still be answered.
      expect(await page.locator('.stimulus button').count()).toBe(0);
      const question = await page.locator('.question').textContent();
      await page.keyboard.press('ArrowLeft');
      await picture.waitFor();
      expect(await page.locator('progress').getAttribute('value')).toBe('1');
      expect(question).toMatch(/move/);
    },
  );
});
