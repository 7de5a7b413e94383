import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { RunPanelHost, RunPanelPage, ShownRun } from '../../src/panels/run/run.contract.ts';
import { planQuick } from '../../src/core/psychophysics/plan-stimuli.ts';
import { acuityRecord } from '../../src/core/psychophysics/build-record.ts';
import { Random } from '../../src/base/random.ts';
import { COLOURS } from '../../src/core/worlds/world.ts';
import type { TracedPair } from '../../src/core/run-data/trace.ts';
import { Acuity } from '../../src/panels/acuity/acuity.reads.ts';
import { PairRows } from '../../src/panels/data-rows.reads.ts';
import { insightService } from '../../src/panels/inside/inside.reads.ts';
import { MIRROR, ORIGINAL, PAIR, REVERSE, type ViewId } from '../../src/rows/view-list.ts';
import { chooseFor } from '../../src/lab/foreign/known.ts';
import { watchedService } from '../../src/panels/run/run-evaluations.reads.ts';
import { RunCurves } from '../../src/panels/run/run.reads.ts';
import { slowly } from '../support/slow.ts';
import { expectNoOtherKeys } from './keys.ts';
import { choose, describePanel, shotsOf, inThemes, type Panel, type PanelOptions } from './page.ts';
import { DEFAULTS } from '../../webview/run/run-panel-state.ts';
import { expectSound, expectSoundInContrast, expectSoundWhenNarrow } from './sound.ts';
import { quiet } from '../support/call.ts';
import { writeLookedSet, writeProbes } from '../support/insights.ts';
import { folderOfTests } from '../support/folder.ts';
import { readRows, rowLines } from '../support/rows.ts';

/** With the config in sight and all sections unfolded. */
const UNFOLDED = { ...DEFAULTS, dirs: [], scroll: 0, folded: [], configAt: ['wide'] };

/** What an editor of 1400 × 900 pixels leaves for a panel, and what is left if it is enlarged by half. */
const EDITOR = { width: 1340, height: 800 };
const ENLARGED = { width: 880, height: 500 };
const screens = (page: Page) =>
  page.locator('main').evaluate(({ scrollHeight, clientHeight }) => scrollHeight / clientHeight);

describePanel<RunPanelPage>('Run panel', 'run', (openIn) => {
  const folder = folderOfTests('chirality-run-panel-');
  beforeAll(async () => {
    cpSync('test/fixtures/runs', folder, { recursive: true });
  });

  let panel: Panel<RunPanelPage>;
  let asked: string[];
  let service: RunCurves;
  let numbers: Map<string, number>;
  const acuityService = new Acuity(new PairRows());

  const dirOf = (name: string) => join(folder, name);

  async function load(name: string): Promise<ShownRun> {
    const dir = dirOf(name);
    const { run, facts, news } = await service.runOpen({ dir }, quiet);
    numbers.set(dir, run);
    return { dir, name, kind: 'run', facts, news };
  }

  async function loadAlone(name: string): Promise<Extract<ShownRun, { kind: 'run' }>> {
    // A page gets a copy, as through the channel of the thread.
    const { facts, news } = structuredClone(await new RunCurves().runOpen({ dir: dirOf(name) }, quiet));
    return { dir: dirOf(name), name, kind: 'run', facts, news };
  }

  async function open(runs: (string | ShownRun)[], options: Partial<PanelOptions> = {}): Promise<Page> {
    asked = [];
    service = new RunCurves();
    numbers = new Map();
    const shown = await Promise.all(runs.map((run) => (typeof run === 'string' ? load(run) : run)));
    const host: RunPanelHost = {
      ready: () => void asked.push('ready'),
      series: (query) => {
        asked.push(`series ${query.metrics[0]}`);
        return service.runSeries({ run: numbers.get(query.dir)!, query });
      },
      spread: (query) => service.runSpread({ run: numbers.get(query.dir)!, query }),
      act: ({ action, dir }) => void asked.push(`${action} ${dir.slice(folder.length + 1)}`),
      interpret: ({ what, dir }) => void asked.push(`interpret ${what} ${dir.slice(folder.length + 1)}`),
      insights: insightService.insights as RunPanelHost['insights'],
      acuity: (args) => acuityService.runAcuity(args),
      watched: watchedService.watched,
      watchedImage: (args) =>
        watchedService.watchedImage({ ...args, allowed: [folder] } as Parameters<
          typeof watchedService.watchedImage
        >[0]),
      openInside: () => void asked.push('openInside'),
      openPair: ({ dir, evaluation, step, set, id }) =>
        void asked.push(`pair ${[dir.slice(folder.length + 1), evaluation, step, set, id].join(' ')}`),
      openTraces: ({ dir, step }) => void asked.push(`traces ${dir.slice(folder.length + 1)} ${step}`),
    };
    panel = await openIn(host, { memory: UNFOLDED, ...options });
    await expect.poll(() => asked).toContain('ready');
    panel.channel.notify('show', { runs: shown });
    await panel.page.locator('main').waitFor();
    return panel.page;
  }

  const shot = shotsOf('run', () => panel.page, true);

  const chart = (id: string) => panel.page.locator(`[data-chart="${id}"]`);
  const drawn = (id: string) => chart(id).locator('canvas').waitFor();

  test('compares originals with mirrors, highlights a view gap, and opens the affected pairs', async () => {
    const page = await open(['spatial']);
    const meter = page.locator('.meter');
    await meter.waitFor();
    const [, original, mirror] = /originals ([\d.]+)%\s*mirrors ([\d.]+)%/.exec(await meter.innerText())!;
    const diverging = Math.abs(Number(original) - Number(mirror)) >= 10;
    expect(await meter.evaluate((element) => element.classList.contains('diverging'))).toBe(diverging);
    expect(await meter.innerText()).toMatch(/pair accuracy [\d.]+% \[[\d.]+, [\d.]+\] of \d+ pairs/);
    await meter.click();
    expect(asked).toContain('showDiverging spatial');
  });

  /** A copy of the recorded run with a second evaluation, half way. */
  function evaluatedTwice(name: string): void {
    const evaluations = join(copy(name), 'eval');
    const earlier = join(evaluations, 'step-000050');
    cpSync(join(evaluations, 'step-000100'), earlier, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(earlier, 'manifest.json'), 'utf8')) as object;
    writeFileSync(join(earlier, 'manifest.json'), JSON.stringify({ ...manifest, step: 50 }));
  }

  slowly('shows accuracy first, visible at 150% zoom, within three screens', async () => {
    evaluatedTwice('evaluated');
    const page = await open(['evaluated'], { memory: null });
    const lead = page.locator('.lead [data-chart]');
    await lead.locator('canvas').waitFor();
    const names = await lead.locator('.legend .name').allTextContents();
    expect(names).toEqual(['originals', 'mirrors', 'pair accuracy']);
    expect(await page.getByRole('complementary', { name: 'Config' }).count()).toBe(0);
    await page.setViewportSize(EDITOR);
    expect(await screens(page)).toBeLessThan(3);
    await shot('folded');
    await page.setViewportSize(ENLARGED);
    const plot = (await lead.locator('canvas').boundingBox())!;
    expect(plot.y + plot.height).toBeLessThan(ENLARGED.height);
    await expectSound(panel);
  });

  slowly('shows answered pairs above the curves within the same height', async () => {
    answeredTwice('answered');
    const page = await open(['answered'], { memory: null });
    const curve = page.locator('.lead [data-chart] canvas');
    await curve.waitFor();
    await page.locator('main img').first().waitFor();
    await page.setViewportSize(EDITOR);
    expect(await screens(page)).toBeLessThan(3);
    await page.setViewportSize(ENLARGED);
    await expect
      .poll(() => curve.evaluate((one) => one.getBoundingClientRect().bottom))
      .toBeLessThanOrEqual(ENLARGED.height);
    await shot('enlarged', false);
  });

  slowly('shows two runs within three screens', async () => {
    for (const name of ['one', 'two']) evaluatedTwice(name);
    const page = await open(['one', 'two'], { memory: null });
    await page.setViewportSize(EDITOR);
    await page.locator('.lead [data-chart] canvas').first().waitFor();
    expect(await screens(page)).toBeLessThan(3);
    await shot('compared-folded');
  });

  /**
   * A copy of the recorded run with two evaluations that kept their rows: eight pairs of four kinds.
   * @param partner what stands next to the original; if it reverses, of clips
   */
  function answeredTwice(name: string, partner: ViewId = MIRROR): void {
    evaluatedTwice(name);
    const pictures = 'test/fixtures/traces/data/images';
    const images = readdirSync(pictures).slice(0, 8);
    const data = join(folder, 'val');
    cpSync(pictures, join(data, 'images'), { recursive: true });
    for (const [step, change] of [
      [50, false],
      [100, true],
    ] as const) {
      const evaluation = join(dirOf(name), 'eval', `step-${String(step).padStart(6, '0')}`);
      const rows = images.flatMap((image, i) =>
        [ORIGINAL, partner].map((view) => {
          const answer = view === ORIGINAL ? 'left' : 'right';
          // Always right, always "left", right in the end, wrong in the end.
          const right = [true, view === ORIGINAL, change, !change][i % 4]!;
          const frames = [0, 1, 2, 3].map((n) => ({ path: `images/${images[(i + n) % 8]}`, w: 64, h: 64 }));
          const clip = {
            images: view === ORIGINAL ? frames : frames.toReversed(),
            clip: { times_s: [0, 0.2, 0.4, 0.6] },
          };
          const text = right ? answer : answer === 'left' ? 'right' : 'left';
          return {
            id: `r${i}`,
            set: 'val',
            view,
            question:
              i % 4 === 2
                ? `is the red-cube ${answer} of the ${COLOURS[i % COLOURS.length]}-ball ?`
                : `where is the red-cube from the ${COLOURS[i % COLOURS.length]}-ball ?`,
            answer,
            images: [{ path: `images/${image}`, w: 64, h: 64 }],
            ...(partner !== MIRROR && clip),
            segments: [{ stage: 'answer', text, stop_reason: 'end' }],
            right,
            score: {
              task: 'mcq',
              format_ok: true,
              answer_text: text,
              answer_text_strict: text,
              path: 'tags',
              parsed: text,
              gt_parsed: answer,
              correct: right,
            },
          };
        }),
      );
      writeFileSync(join(evaluation, 'rows.jsonl'), rowLines(rows));
      const manifest = JSON.parse(readFileSync(join(evaluation, 'manifest.json'), 'utf8')) as object;
      const sets = { val: join(data, 'data.qa.jsonl') };
      writeFileSync(join(evaluation, 'manifest.json'), JSON.stringify({ ...manifest, sets, root: data }));
    }
  }

  /** A copy of the recorded run that measured acuity at two evaluations: a habit that goes, an eye that stays. */
  function measured(name: string): void {
    const plan = planQuick('side', 'embedded');
    for (const [step, habit] of [
      [50, 0.8],
      [100, 0],
    ] as const) {
      const random = Random.from(`acuity ${step}`);
      const answers = plan.levels.flatMap((x, l) =>
        [0, 1, 2].flatMap((block) =>
          [...PAIR, ...PAIR].map((view) => {
            const leaning = view === MIRROR ? -1 : 1;
            const sees = x + 12 * (random.uniform() - 0.5) > 0 ? 1 : -1;
            const claim = random.chance(habit) ? leaning : sees;
            return {
              block: `${l}-${block}`,
              x,
              conditions: { view, word: 'right or left' },
              claim: claim as 1 | -1,
              right: true,
              signs: { right: leaning as 1 | -1 },
            };
          }),
        ),
      );
      const dir = join(dirOf(name), 'acuity', `step-${step}`);
      mkdirSync(dir, { recursive: true });
      const about = { model: `${name}, step ${step}`, run: name, step, plan, rows_sha256: 'a', answers: dir };
      writeFileSync(
        join(dir, 'acuity.json'),
        JSON.stringify(acuityRecord(answers, { ...about, versions: {} })),
      );
      writeFileSync(join(dir, 'manifest.json'), '{}');
    }
  }

  inThemes('shows acuity during training', async (theme) => {
    const name = `measured-${theme}`;
    evaluatedTwice(name);
    measured(name);
    const page = await open([name], { theme, memory: null });
    const section = page.getByRole('region', { name: 'Acuity' });
    await section.getByText(/distinguishes right from left at differences of at least \d/).waitFor();
    const captions = await section.locator('figcaption').allTextContents();
    expect(captions).toEqual([
      'During training: response bias',
      'During training: threshold',
      'During training: PSE shift',
      'During training: lapses',
    ]);
    await section.locator('figure').last().scrollIntoViewIfNeeded();
    await shot(`acuity-${theme}`);
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot(`acuity-${theme}-narrow`));
  });

  inThemes('shows six pairs across the evaluations', async (theme) => {
    const name = `answered-${theme}`;
    answeredTwice(name);
    const page = await open([name], { theme, memory: null });
    const pairs = page.locator('.watched li');
    await expect.poll(() => pairs.count()).toBe(6);
    await expect.poll(() => page.locator('.watched img').count()).toBe(12);
    const states = () => pairs.evaluateAll((all) => all.map(({ className }) => className));
    const throughout = ['both', 'both'];
    expect(await states()).toEqual(['both', 'none', 'first', 'first', ...throughout]);
    expect(await page.locator('.scrubber').innerText()).toContain(
      '6 examples by outcome. Both views correct in all 2 evaluations: 2 of 8 pairs; in some: 4; in none: 2.',
    );
    // A narrow card cuts long answers, but its tooltip does not.
    expect(await pairs.nth(2).locator('figcaption').nth(1).getAttribute('title')).toBe(
      'Mirror: left\nReference answer: right',
    );
    await shot(`watched-${theme}`);
    // In a narrow panel, a cut card shows that more cards follow.
    const before = page.viewportSize()!;
    await page.setViewportSize({ width: 900, height: 900 });
    const list = (await page.locator('.watched ul').boundingBox())!;
    const fifth = (await pairs.nth(4).boundingBox())!;
    expect(fifth.x + 20).toBeLessThan(list.x + list.width);
    expect(fifth.x + fifth.width).toBeGreaterThan(list.x + list.width + 20);
    await shot(`watched-${theme}-900`);
    // Colour and shape of an object fit at 700 pixels, and the pair metrics fit in one of three groups.
    await page.setViewportSize({ width: 700, height: 800 });
    const answer = pairs.first().locator('figcaption').first();
    const said = await answer.locator('bdi').innerText();
    const write = (text: string) => answer.locator('bdi').evaluate((one, to) => (one.textContent = to), text);
    await write('white-cone');
    expect(await answer.evaluate((one) => one.scrollHeight - one.clientHeight)).toBeLessThan(2);
    await shot(`watched-${theme}-700`);
    await page.setViewportSize({ width: 220, height: 800 });
    const overflow = (one: Element) => one.scrollWidth - one.clientWidth;
    expect(await page.locator('.meter').evaluate(overflow)).toBeLessThanOrEqual(0);
    await shot(`watched-${theme}-220`);
    await write(said);
    await page.setViewportSize(before);
    // A card opens its pair, by a click anywhere on it and by its question, with the answers of the step that is shown.
    await pairs.nth(2).locator('img').first().click();
    await expect.poll(() => asked.at(-1)).toMatch(new RegExp(`^pair ${name} step-000100 100 val `));
    // If the questions differ, a card shows both, with the changed words marked.
    const wordings = (n: number) => pairs.nth(n).locator('.asked p').allTextContents();
    const differing = pairs.filter({ has: page.locator('.asked p + p') });
    expect(await differing.count()).toBe(1);
    expect(await differing.locator('mark').allTextContents()).toEqual(['left', 'right']);
    expect(await differing.locator('.asked').getAttribute('title')).toMatch(
      /^Original: .* to the left of .*\? Reference answer: left\nMirror: .* to the right of .*\? Reference answer: right\n/,
    );
    expect(await wordings(2)).toHaveLength(1);
    const opened = asked.at(-1);
    await pairs.nth(2).locator('.asked').press('Enter');
    await expect.poll(() => asked.filter((what) => what === opened)).toHaveLength(2);
    await expectSound(panel);

    const slider = page.getByRole('slider', { name: 'Evaluation' });
    await slider.focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(states).toEqual(['none', 'both', 'first', 'first', ...throughout]);
    expect(await page.locator('.scrubber strong').innerText()).toBe('step 50');
    // It is the only step that is named: that of the run, which is finished, is a number of steps.
    expect(await page.locator('header').innerText()).toContain('100 steps');
    expect(new Set((await page.locator('body').innerText()).match(/\bstep \d+/g))).toEqual(
      new Set(['step 50']),
    );
    expect(await page.locator('.meter').innerText()).toContain('step 50');
    await expect.poll(() => page.locator('.here').textContent()).toContain('Step 50');
    expect(await slider.getAttribute('aria-valuetext')).toBe('step 50: 3 of 6 correct in both views');
    await page.getByRole('button', { name: 'Play all evaluations' }).click();
    await expect.poll(() => page.locator('.scrubber strong').innerText()).toBe('step 100');
    await page.getByRole('button', { name: 'Play all evaluations' }).waitFor();

    // Whoever points at a curve sees the pairs and the meter of that time, and then those from before again.
    const area = (await page.locator('.lead .u-over').boundingBox())!;
    await page.mouse.move(area.x + area.width / 2, area.y + 40);
    await expect.poll(() => page.locator('.scrubber strong').innerText()).toBe('step 50');
    expect(await page.locator('.meter').innerText()).toContain('step 50');
    await page.mouse.move(5, 5);
    await expect.poll(() => page.locator('.scrubber strong').innerText()).toBe('step 100');

    // The curve stays in sight at 150%.
    await page.setViewportSize({ width: 800, height: 600 });
    const plot = (await page.locator('.lead canvas').boundingBox())!;
    expect(plot.y + plot.height).toBeLessThan(600);
    await expectSoundWhenNarrow(panel, () => shot(`watched-${theme}-narrow`));
  });

  inThemes('plays six clips next to their reverse', async (theme) => {
    const name = `clips-${theme}`;
    answeredTwice(name, REVERSE);
    const page = await open([name], { theme, memory: null });
    const pairs = page.locator('.watched li');
    await expect.poll(() => page.locator('.watched img').count()).toBe(12);
    const shown = () =>
      pairs
        .first()
        .locator('img')
        .evaluateAll((all) => all.map((one) => (one as HTMLImageElement).src));
    const forth = async () => {
      const [first, second] = await shown();
      return first !== second && second;
    };
    const last = await forth();
    await pairs.first().getByRole('slider', { name: 'Frame' }).focus();
    await page.keyboard.press(',');
    // At the end of the original stands what the reversed clip begins with.
    await expect.poll(async () => (await shown())[0]).toBe(last);
    await page.keyboard.press('.');
    await pairs.nth(1).locator('.clip').hover();
    await expect.poll(() => pairs.nth(1).getByRole('button', { name: 'Pause' }).count()).toBe(1);
    await shot(`clips-${theme}`);
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot(`clips-${theme}-narrow`));
  });

  test('offers to locate images that are missing while the data is in its place', async () => {
    answeredTwice('imageless');
    const root = join(folder, 'without-images');
    mkdirSync(root);
    for (const place of ['', 'eval/step-000050', 'eval/step-000100']) {
      const file = join(dirOf('imageless'), place, 'manifest.json');
      const manifest = JSON.parse(readFileSync(file, 'utf8')) as object;
      writeFileSync(file, JSON.stringify({ ...manifest, sets: {}, root, data: [], data_root: root }));
    }
    const page = await open(['imageless'], { memory: null });
    await page.getByRole('button', { name: 'Locate Images…' }).click();
    await expect.poll(() => asked).toContain('interpret root imageless');
    expect(await page.getByText('The data is not at its original path.').count()).toBe(0);
    await expectSound(panel);
    await shot('imageless', false);
  });

  test('requests the images of a moved run, and shows them after their location is set', async () => {
    answeredTwice('moved');
    const dir = dirOf('moved');
    for (const step of ['step-000050', 'step-000100']) {
      const file = join(dir, 'eval', step, 'manifest.json');
      const manifest = JSON.parse(readFileSync(file, 'utf8')) as object;
      writeFileSync(file, JSON.stringify({ ...manifest, sets: {}, root: join(folder, 'gone') }));
    }
    const page = await open(['moved'], { memory: null });
    await page.getByRole('button', { name: 'Locate Images…' }).click();
    await expect.poll(() => asked).toContain('interpret root moved');
    expect(await page.locator('.watched img').count()).toBe(0);
    await shot('moved', false);
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot('moved-narrow', false));

    chooseFor(dir, { root: join(folder, 'val') });
    const news = await service.runUpdate({ run: numbers.get(dir)! });
    panel.channel.notify('news', { dir, news: news! });
    await page.getByRole('button', { name: 'Images: val' }).waitFor();
    await expect.poll(() => page.locator('.watched img').count()).toBe(12);
  });

  test('requests the missing mapping of an external run above its curves', async () => {
    const dir = dirOf('theirs');
    cpSync('test/fixtures/foreign-runs/trl-1.16', dir, { recursive: true });
    const page = await open(['theirs'], { memory: null });
    await page.locator('[data-chart=reward] canvas').waitFor();
    const top = async (locator: ReturnType<Page['locator']>) => (await locator.boundingBox())!.y;
    const ask = page.getByRole('button', { name: 'Select Correctness Reward…' });
    expect(await top(ask)).toBeLessThan(await top(page.locator('[data-chart]').first()));
    // The reward of originals alone is the reward.
    expect(await page.locator('[data-chart=reward-views]').count()).toBe(0);
    await ask.click();
    await expect.poll(() => asked).toContain('interpret right theirs');
    await expectSoundWhenNarrow(panel, () => shot('theirs-narrow', false));

    chooseFor(dir, { right: 'accuracy_reward' });
    const news = await service.runUpdate({ run: numbers.get(dir)! });
    panel.channel.notify('news', { dir, news: news! });
    await page.getByText('accuracy_reward, mean of the last steps: 0.000').waitFor();
    await shot('theirs', false);
  });

  test('shows training pairs until an evaluation exists', async () => {
    const dir = dirOf('training');
    cpSync(dirOf('spatial'), dir, { recursive: true });
    rmSync(join(dir, 'eval'), { recursive: true });
    // The recorded traces are without texts.
    const file = join(dir, 'traces/step-000100.jsonl');
    const said = {
      segments: [{ stage: 'answer', text: 'left', stop_reason: 'end' }],
      answer_text: 'left',
      rewards: {},
    };
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    const traced = lines.map((line) => {
      const pair = JSON.parse(line) as TracedPair;
      const views = pair.views.map((view) => ({
        ...view,
        group: view.group.map((one) => ({ ...one, ...said })),
      }));
      return { ...pair, views };
    });
    writeFileSync(file, rowLines(traced));
    const page = await open(['training'], { memory: null });
    const pairs = page.locator('.watched li');
    await expect.poll(() => pairs.count()).toBe(2);
    expect(await page.locator('.scrubber').innerText()).toMatch(
      /^step 100\s*\d of \d+ pairs? that trained the model at this step$/,
    );
    expect(await pairs.first().locator('figcaption').first().innerText()).toMatch(/\d of \d answers correct/);
    await shot('training', false);
    await expectSound(panel);
  });

  test('uses each colour for one meaning in all charts', async () => {
    evaluatedTwice('two-evaluations');
    const page = await open(['two-evaluations']);
    await chart('verdicts').scrollIntoViewIfNeeded();
    await drawn('verdicts');
    const colours = async (chart: string) => {
      const entries = page.locator(`${chart} .legend button`);
      const read = (all: Element[]) =>
        all.map((one) => {
          const ink = one.querySelector('path, rect')!;
          const name = one.querySelector('.name')!.textContent!;
          return [name, ink.getAttribute('stroke') ?? ink.getAttribute('fill')] as const;
        });
      return Object.fromEntries(await entries.evaluateAll(read));
    };
    const lead = await colours('.lead');
    expect(new Set(Object.values(lead)).size).toBe(3);
    const { original, mirror } = await colours('[data-chart=accuracy]');
    expect([original, mirror]).toEqual([lead.originals, lead.mirrors]);
    const verdicts = await colours('[data-chart=verdicts]');
    expect([
      verdicts['both views correct'],
      verdicts['only the original correct'],
      verdicts['only the mirror correct'],
    ]).toEqual([lead['pair accuracy'], original, mirror]);
    const parts = Object.values(await colours('[data-chart=parts]'));
    expect(parts.filter((colour) => Object.values(lead).includes(colour))).toEqual([]);
  });

  test('lists metrics that are always zero instead of drawing them', async () => {
    const dir = copy('calm');
    const rows = [1, 2].map((step) => ({ step, reward: 0, 'completions/clipped_ratio': 0, 'new/figure': 0 }));
    writeFileSync(join(dir, 'metrics.jsonl'), rowLines(rows));
    const page = await open(['calm']);
    await drawn('reward');
    await page.getByText('Metrics with only zeros 2').click();
    await page.getByText('No completion was truncated.').waitFor();
    expect(await chart('truncated').count()).toBe(0);
    expect(await page.locator('.never dt').allTextContents()).toEqual(['Truncated', 'new/figure']);
    await expectSound(panel);
  });

  slowly('aligns headings with the text of the page', async () => {
    const page = await open(['spatial']);
    await drawn('reward');
    const lefts = await page.evaluate(() => {
      const at = (selector: string, word: string) => {
        for (const element of document.querySelectorAll(selector))
          for (const node of element.childNodes)
            if (node.nodeType === Node.TEXT_NODE && node.textContent!.includes(word)) {
              const range = document.createRange();
              range.selectNodeContents(node);
              return range.getBoundingClientRect().left;
            }
        return NaN;
      };
      return [at('main summary', 'Quick checks'), at('main h2 button', 'Objective')];
    });
    expect(Math.abs(lefts[0]! - lefts[1]!)).toBeLessThanOrEqual(0.5);
  });

  inThemes('shows the config next to the curves', async (theme) => {
    // For a person all of it, for the checker what is enough.
    await open(['spatial'], { theme, height: process.env.CHIRALITY_SHOTS ? 3900 : 1500 });
    await drawn('reward');
    await shot(theme);
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot(`${theme}-narrow`));
    if (theme === 'light') await expectNoOtherKeys(panel);
  });

  test('summarises the interpretability results in one line, with a link', async () => {
    const dir = dirOf('looked');
    cpSync(dirOf('spatial'), dir, { recursive: true });
    writeLookedSet(dir, 'set-val', 'val.qa.jsonl');
    writeProbes(dir, 'probe-val', 'val.qa.jsonl');
    const page = await open(['looked']);
    const line = page.locator('.inside');
    await line.waitFor();
    expect(await line.innerText()).toBe('Interpretability: attention, probes');
    await line.getByRole('button').click();
    expect(asked).toContain('openInside');
    await page.close();
    await open(['spatial']);
    await drawn('reward');
    expect(await panel.page.locator('.inside').count()).toBe(0);
  });

  test('shows tools as icons with tooltips, and only main actions as text', async () => {
    const page = await open(['spatial']);
    await drawn('reward');
    const tools = page.locator('header .button');
    const words = tools.filter({ hasNot: page.locator('.codicon') });
    expect(await words.allInnerTexts()).toEqual(['Evaluate Checkpoint…', 'Config']);
    const titles = await tools.evaluateAll((all) => all.map((button) => button.getAttribute('title')));
    expect(titles.filter(Boolean)).toEqual([
      'Open Interpretability',
      'Open log',
      'Compare with other runs…',
      'Hide the config',
      'Reset zoom (or double-click a chart)',
    ]);
    expect(await chart('reward').locator('figcaption').innerText()).not.toMatch(/Pin|Enlarge|Table|\?/);
    await chart('reward').getByRole('button', { name: 'Table of Reward' }).click();
    await chart('reward').getByRole('table').waitFor();
  });

  test('warns about linguistic overfitting found in a later evaluation', async () => {
    const run = await loadAlone('spatial');
    const { figures } = run.news.evaluations.at(-1)!;
    const add = (metric: string, value: number, interval: [number, number]) =>
      figures.push({
        set: 'val',
        task: 'polarity',
        view: null,
        metric,
        value,
        unit: 'share',
        n: 200,
        interval,
      });
    add('id', 0.945, [0.9, 0.97]);
    add('ood', 0.06, [0.03, 0.1]);
    add('gap', -0.885, [-0.94, -0.83]);
    const page = await open([run]);
    const check = page.locator('.checks-and-events li.watch', { hasText: 'Opposite questions' });
    await check
      .getByText('94.5% of originals are answered correctly and 6.0% of their opposite questions')
      .waitFor();
    expect(await check.locator('code').allTextContents()).toEqual(['chirality view polarity']);
  });

  test('shows a missing gain among the checks that need attention', async () => {
    const run = await loadAlone('spatial');
    const message = 'No clear gain in pair accuracy on val.';
    run.news.events.push({ place: run.news.end, time: '', kind: 'gain', message, alarm: null });
    const page = await open([run]);
    const check = page.locator('.checks-and-events li.watch', { hasText: 'Gain from training' });
    await check.getByText(message).waitFor();
  });

  test('passes checks of pairs only if the evaluation could have shown a fault', async () => {
    const told = async (
      original: number,
      mirror: number,
      both: number,
      interval: [number, number],
      consistent: [number, number],
      status?: 'running',
    ) => {
      const run = await loadAlone('sft');
      if (status) Object.assign(run.news.state!, { status });
      const { figures } = run.news.evaluations.at(-1)!;
      const figure = (metric: string, value: number, more: object) => ({
        set: 'val',
        task: 'all',
        view: null,
        metric,
        value,
        unit: 'share' as const,
        n: 6,
        ...more,
      });
      const floor = { constant: 0.5, words: 0.765, bounded: false };
      figures.splice(
        0,
        Infinity,
        figure('original', original, {}),
        figure('mirror', mirror, {}),
        figure('consistent', both, { interval: consistent, floor }),
        figure('view_gap', original - mirror, { interval, p: 0.25 }),
      );
      const page = await open([run]);
      const list = page.locator('.checks-and-events');
      const verdictOf = (title: string) => list.locator('li', { hasText: title }).getAttribute('class');
      return {
        summary: await list.locator('summary').first().innerText(),
        gap: await verdictOf('View gap'),
        bound: await verdictOf('Pair accuracy'),
      };
    };
    expect(await told(1, 0.5, 0.647, [-0.2, 1], [0.4, 0.8])).toEqual({
      summary: expect.stringMatching(/1 of \d need attention/) as string,
      gap: 'undecided',
      bound: 'watch',
    });
    // While a run trains, a low pair accuracy is no fault yet.
    expect((await told(0, 0, 0, [-0.2, 0.2], [0, 0.1], 'running')).bound).toBe('undecided');
    expect(await told(1, 0.9, 0.9, [-0.2, 0.4], [0.6, 1])).toEqual({
      summary: expect.stringMatching(/2 of \d undecided/) as string,
      gap: 'undecided',
      bound: 'undecided',
    });
    expect(await told(0.99, 0.98, 0.97, [-0.05, 0.06], [0.9, 1])).toEqual({
      summary: expect.stringMatching(/good$/) as string,
      gap: 'good',
      bound: 'good',
    });
  });

  test('draws all points of an evaluation at its step', async () => {
    const page = await open(['sft']);
    const accuracy = page.locator('[data-chart^="evaluation "]').first();
    await accuracy.scrollIntoViewIfNeeded();
    await accuracy.locator('canvas').waitFor();
    await shot('single-evaluation', false);
    /** Mean position of the pixels of each colour; greys are axes and levels. */
    const places = await accuracy.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
      const { data, width } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      const found = new Map<string, number[]>();
      for (let i = 0; i < data.length; i += 4) {
        const colour = [...data.subarray(i, i + 3)];
        if (data[i + 3]! < 255 || Math.max(...colour) - Math.min(...colour) < 40) continue;
        const at = found.get(colour.join()) ?? [];
        at.push((i / 4) % width);
        found.set(colour.join(), at);
      }
      return [...found.values()]
        .filter(({ length }) => length > 12)
        .map((at) => at.reduce((total, x) => total + x, 0) / at.length);
    });
    expect(places.length).toBeGreaterThan(1);
    expect(Math.max(...places) - Math.min(...places)).toBeLessThan(1);
  });

  test('shows a message in place of an evaluation chart without values', async () => {
    const run = await loadAlone('spatial');
    for (const { figures } of run.news.evaluations) for (const figure of figures) figure.value = null;
    await open([run]);
    const accuracy = panel.page.locator('[data-chart^="evaluation "]').first();
    await accuracy.getByText('No evaluation has this metric.').waitFor();
    await expectSound(panel);
  });

  test('names the steps that the pair accuracy of training averages', async () => {
    const run = await loadAlone('spatial');
    const rows = { 'spatial/verdict_consistent': 0.925, 'spatial/verdict_only_original': 0.056 };
    Object.assign(run.news, { evaluations: [], rows: 40, recent: rows });
    const page = await open([run]);
    const text =
      'training, mean of the last 10 steps, by majority of completions: rollout pair accuracy 92.5%';
    await page.getByText(text).waitFor();
    expect(await page.locator('.meter').innerText()).toContain('originals 98.1%');
  });

  test('draws no bars for an evaluation without scored answers', async () => {
    const run = await loadAlone('spatial');
    for (const figure of run.news.evaluations.flatMap(({ figures }) => figures))
      if (figure.unit === 'share')
        Object.assign(figure, { value: null, bounds: [0, 1], interval: [0, 1], not_judged: figure.n });
    const page = await open([run]);
    await page.getByText(/^evaluation at step \d+: no pair scored of \d+ pairs$/).waitFor();
    expect(await page.locator('.meter .bar').count()).toBe(0);
    await page
      .locator('[data-chart^="evaluation "]')
      .first()
      .getByText('No evaluation has this metric')
      .waitFor();
  });

  inThemes('draws bounds for unscored answers', async (theme) => {
    evaluatedTwice('open-figures');
    const run = await loadAlone('open-figures');
    // The second evaluation left three of ten rows open.
    for (const figure of run.news.evaluations.at(-1)!.figures)
      if (figure.value !== null && figure.unit === 'share') {
        const least = 0.6 * figure.value;
        Object.assign(figure, {
          value: null,
          bounds: [least, least + 0.3],
          interval: [Math.max(0, least - 0.1), Math.min(1, least + 0.4)],
          not_judged: Math.round(0.3 * figure.n),
        });
      }
    const page = await open([run], { theme, width: 640 });
    await page.getByText(/^evaluation at step \d+: pair accuracy [\d.]+–[\d.]+%/).waitFor();
    const accuracy = page.locator('[data-chart^="evaluation "]').first();
    await accuracy.scrollIntoViewIfNeeded();
    expect(await accuracy.locator('.legend .value').allTextContents()).toContainEqual(
      expect.stringMatching(/^\d+\.\d–\d+\.\d%$/),
    );
    await shot(`open-figures-${theme}`, true);
    await accuracy.getByRole('button', { name: /^Table of/ }).click();
    await accuracy
      .getByRole('cell', { name: /^\d+\.\d–\d+\.\d%/ })
      .first()
      .waitFor();
    await accuracy.getByRole('columnheader', { name: 'Not scored' }).waitFor();
    await shot(`open-figures-table-${theme}`, false);
    await expectSound(panel);
  });

  test('shows values at the crosshair in every chart, by pointer and keyboard', async () => {
    const page = await open(['spatial']);
    await drawn('reward');
    const value = (id: string) => chart(id).locator('.legend .value').first().textContent();
    const newest = await value('parts');
    const box = (await chart('reward').locator('.u-over').boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + 40);
    await expect.poll(() => page.locator('.here').textContent()).toContain('Step 51');
    expect(await value('parts')).not.toBe(newest);
    await shot('crosshair', false);

    const slider = chart('parts').getByRole('slider');
    await slider.focus();
    await page.keyboard.press('Home');
    expect(await slider.getAttribute('aria-valuetext')).toMatch(/^step 1: format 0\.9531, semantic 0\.9032$/);
    await expect.poll(() => value('reward')).toBe('0.7282');
    await page.keyboard.press('PageUp');
    await expect.poll(() => slider.getAttribute('aria-valuenow')).toBe('11');
    await page.keyboard.press('End');
    await expect.poll(() => slider.getAttribute('aria-valuenow')).toBe('100');
  });

  test('opens the traces of a step by click and Enter, only if traces exist', async () => {
    const page = await open(['spatial']);
    await drawn('reward');
    const { x, y, width } = (await chart('reward').locator('.u-over').boundingBox())!;
    const click = (share: number) => page.mouse.click(x + share * width, y + 60);
    await click((50 - 1) / 99);
    await expect.poll(() => asked).toContain('traces spatial 50');
    await click((47.5 - 1) / 99);
    await chart('parts').getByRole('slider').press('End');
    await chart('parts').getByRole('slider').press('Enter');
    await expect.poll(() => asked).toContain('traces spatial 100');
    expect(asked.filter((what) => what.startsWith('traces'))).toHaveLength(2);
  });

  test('zooms all charts on drag, and resets on double click', async () => {
    const page = await open(['spatial']);
    await drawn('reward');
    const { x, y, width } = (await chart('reward').locator('.u-over').boundingBox())!;
    await page.mouse.move(x + width / 4, y + 50);
    await page.mouse.down();
    await page.mouse.move(x + width / 2, y + 60, { steps: 4 });
    await page.mouse.up();
    const kept = async () => (await panel.memory()) as { range: [number, number] | null };
    const range = (await kept()).range!;
    expect(range[0]).toBeCloseTo(1 + 99 / 4, 0);
    expect(range[1]).toBeCloseTo(1 + 99 / 2, 0);
    const slider = chart('parts').getByRole('slider');
    await expect.poll(() => slider.getAttribute('aria-valuemax')).toBe('51');
    await shot('zoomed', false);
    await page.mouse.dblclick(x + width / 2, y + 60);
    await expect.poll(async () => (await kept()).range).toBeNull();
    expect(asked.filter((what) => what.startsWith('traces'))).toEqual([]);
    await slider.focus();
    await page.keyboard.press('+');
    expect((await kept()).range).not.toBeNull();
    await page.keyboard.press('0');
    expect((await kept()).range).toBeNull();
  });

  test('explains a setting with its value in the papers, also by keyboard', async () => {
    const page = await open(['spatial'], { theme: 'dark' });
    const beta = page.locator('aside section').getByRole('button', { name: /loss\.beta/ });
    expect(await beta.getAttribute('title')).toContain('Paper: arXiv 2507.13362: 0.04 (v1), 0.01 (v2).');
    await beta.press('Enter');
    await page.locator('aside').getByText('Default: 0.04').waitFor();
    const set = await page.locator('aside section .name').allTextContents();
    expect(set).toContain('rewards.format.weight');
    expect(set).not.toContain('coupling.eta');
    await page.locator('aside summary', { hasText: 'coupling' }).click();
    await page.locator('aside details[open]').getByText('eta').waitFor();
    const overview = page.locator('details', { hasText: 'Run overview' });
    await overview.locator('summary').click();
    await overview.getByText('pairs per step').waitFor();
    await overview.getByText('longest prompt, tokens').waitFor();
    // Times have the format of the Runs table.
    await overview.getByText(/^\d{4}-\d\d-\d\d \d\d:\d\d$/).waitFor();
    const facts = await overview.locator('.name').allTextContents();
    expect(facts).toEqual(expect.arrayContaining(['command', 'host']));
    await shot('settings', false);
    await expectSound(panel);
  });

  test('draws a fork and its parent as one branching curve', async () => {
    const fork = dirOf('eta-2');
    cpSync(dirOf('spatial'), fork, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(fork, 'manifest.json'), 'utf8')) as object;
    const changes = [{ path: 'coupling.eta', before: 1, after: 2 }];
    const parent = { name: 'spatial', step: 40, changes };
    writeFileSync(join(fork, 'manifest.json'), JSON.stringify({ ...manifest, name: 'eta-2', parent }));
    const event = {
      step: 40,
      time: new Date(0).toISOString(),
      kind: 'fork',
      message: 'Forked from spatial.',
    };
    appendFileSync(join(fork, 'events.jsonl'), `${JSON.stringify(event)}\n`);
    const lines = readFileSync(join(fork, 'metrics.jsonl'), 'utf8').trim().split('\n');
    const rows = lines.map((line) => JSON.parse(line) as { step: number; reward: number });
    const later = rows.map((row) => (row.step > 40 ? { ...row, reward: row.reward - 0.3 } : row));
    writeFileSync(join(fork, 'metrics.jsonl'), rowLines(later));

    const page = await open(['spatial', 'eta-2']);
    await drawn('reward');
    await shot('fork', false);
    const badge = page.locator('.fork-of', { hasText: 'spatial, step 40' });
    expect(await badge.getAttribute('title')).toBe(
      'Forked from spatial at step 40. Changed: coupling.eta 1 → 2',
    );
    await expectSound(panel);
    await panel.page.close();

    await open(['eta-2']);
    await drawn('reward');
    await panel.page.getByRole('button', { name: 'Show next to parent run' }).click();
    await expect.poll(() => asked.at(-1)).toBe('showParent eta-2');
  });

  test('pins, enlarges and finds charts, and stores the choice', async () => {
    const page = await open(['spatial']);
    await drawn('reward');
    const small = (await chart('parts').boundingBox())!;
    await chart('parts').getByRole('button', { name: 'Enlarge' }).click();
    await expect
      .poll(async () => (await chart('parts').boundingBox())!.width)
      .toBeGreaterThan(1.8 * small.width);
    await expect
      .poll(async () => (await chart('parts').boundingBox())!.height)
      .toBeGreaterThan(small.height + 200);
    await chart('parts').getByRole('button', { name: 'Pin' }).click();
    await page.getByRole('button', { name: 'Pinned 1' }).waitFor();
    expect(await page.locator('.chart').first().getAttribute('data-chart')).toBe('parts');
    expect(await page.locator('[data-chart=parts]').count()).toBe(1);
    await drawn('parts');
    await shot('pinned', false);
    await expectSound(panel);

    await page.getByRole('searchbox', { name: 'Find charts' }).fill('LEARNING_rate');
    await expect.poll(() => page.locator('.chart').count()).toBe(1);
    await shot('found', false);
    await page.getByRole('searchbox', { name: 'Find charts' }).fill('nothing at all');
    await page.getByText('No chart matches “nothing at all”.').waitFor();
    await page.getByRole('searchbox', { name: 'Find charts' }).fill('');
    expect(await panel.memory()).toMatchObject({ pinned: ['parts'], large: ['parts'], find: '' });
    await chart('parts').getByRole('button', { name: 'Pin' }).click();
    await expect.poll(() => page.getByRole('button', { name: /^Pinned/ }).count()).toBe(0);
  });

  test('shows each chart as a table, folds sections, hides lines, and restores its state', async () => {
    const page = await open(['spatial']);
    await drawn('reward');
    await chart('parts').getByRole('button', { name: 'Table' }).click();
    const cells = await chart('parts').locator('tbody tr').first().locator('th, td').allTextContents();
    const values = readRows<Record<string, number>>(join(dirOf('spatial'), 'metrics.jsonl')).map(
      (row) => row['rewards/format/mean']!,
    );
    const place = (value: number) => `${Number(value.toFixed(4))} at ${values.indexOf(value) + 1}`;
    const recent = values.slice(-10).reduce((sum, value) => sum + value / 10, 0);
    expect(cells).toEqual([
      'format',
      '0.9922 at 100',
      String(Number(recent.toFixed(4))),
      place(Math.min(...values)),
      place(Math.max(...values)),
    ]);
    await chart('reward-views').scrollIntoViewIfNeeded();
    await chart('reward-views').getByRole('button', { name: 'mirror' }).click();
    await page.getByRole('button', { name: /^Policy/ }).click();
    await page.getByLabel('Smoothing').fill('0.9');
    await choose(page.getByLabel('X axis'), 'Time');
    await shot('table', false);
    await expectSound(panel);
    const memory = await panel.memory();
    expect(memory).toMatchObject({ dirs: [dirOf('spatial')], x: 'time', smoothing: 0.9 });
    await panel.page.close();

    const again = await open(['spatial'], { memory });
    await chart('parts').locator('table').waitFor();
    expect(await again.getByLabel('X axis').getAttribute('current-value')).toBe('time');
    expect(await again.getByRole('button', { name: /^Policy/ }).getAttribute('aria-expanded')).toBe('false');
    await chart('reward-views').scrollIntoViewIfNeeded();
    const mirror = chart('reward-views').getByRole('button', { name: 'mirror' });
    expect(await mirror.getAttribute('aria-pressed')).toBe('false');
  });

  test('requests data only for visible charts', async () => {
    const page = await open(['spatial'], { height: 600 });
    await drawn('reward');
    await page.waitForTimeout(300);
    expect(asked.join()).toContain('series reward');
    expect(asked.join()).not.toContain('timing_s');
    await chart('phases').scrollIntoViewIfNeeded();
    await drawn('phases');
    expect(asked.join()).toContain('timing_s');
  });

  inThemes('compares runs in the Run panel', async (theme) => {
    const page = await open(['spatial', 'given'], { theme, height: 1500 });
    await drawn('reward');
    expect(await page.locator('.differences tbody th').allTextContents()).toContain('views.mirror');
    expect(await chart('reward').locator('.legend .name').allTextContents()).toEqual(['spatial', 'given']);
    // Two lines of each: a line of the legend for every run, whose colour is the same in all charts.
    expect(await chart('parts').locator('.of-runs > .run').allTextContents()).toEqual(['●spatial', '■given']);
    const colours = (id: string, lines: string) =>
      chart(id)
        .locator(lines)
        .evaluateAll((all) => all.map((line) => line.getAttribute('stroke')));
    const [spatial, given] = await colours('reward', '.legend path');
    expect(spatial).not.toBe(given);
    expect(await colours('parts', '.legend path')).toEqual([spatial, spatial, given, given]);
    // Parts of a whole are stacked: each run has a chart of its own.
    expect(await page.locator('[data-chart^="verdicts "] h3').allTextContents()).toEqual([
      'Rollout outcomes: spatial',
    ]);
    await page.getByText('spatial: Quick checks 1 of 5 need attention · Effect of the view penalty').click();
    await page.getByText('each group is normalised alone, which cancels the penalty').waitFor();
    await shot(`compared-${theme}`);
    await expectSound(panel);
    await expectSoundInContrast(panel);
    await page.getByRole('checkbox', { name: 'Mean of runs' }).click();
    await expect
      .poll(() => chart('reward').locator('.legend .name').allTextContents())
      .toEqual(['mean of 2 runs']);
    // A mean is of no single run; a line that one run alone has is told by its name.
    expect(await chart('reward-views').locator('.legend .name').allTextContents()).toEqual([
      'original, mean of 2 runs',
      'mirror, spatial',
    ]);
    expect(await chart('reward-views').locator('.of-runs').count()).toBe(0);
    await shot(`mean-${theme}`, false);
    await page.getByRole('button', { name: 'Remove given' }).click();
    expect(asked).toContain('remove given');
  });

  test('draws evaluations of compared runs at their steps, and folds settings that follow from recipes', async () => {
    const page = await open(['spatial', 'given', 'sft'], { height: 1500 });
    await drawn('reward');
    await page.evaluate(() => {
      const { arc } = CanvasRenderingContext2D.prototype;
      const arcs: { chart: string; x: number; radius: number }[] = [];
      Object.assign(window, { arcs });
      CanvasRenderingContext2D.prototype.arc = function (x, y, radius, ...angles) {
        const chart = (this.canvas as HTMLCanvasElement).closest('[data-chart]')!.getAttribute('data-chart')!;
        arcs.push({ chart, x: x / devicePixelRatio, radius: radius / devicePixelRatio });
        arc.call(this, x, y, radius, ...angles);
      };
    });
    await page.getByRole('checkbox', { name: 'Mean of runs' }).click();
    const pointsOf = (metric: string) =>
      page.evaluate(
        (id) =>
          (window as unknown as { arcs: { chart: string; x: number; radius: number }[] }).arcs.filter(
            ({ chart }) => chart === id,
          ),
        `evaluation val ${metric}`,
      );
    // Steps 100, 100 and 300 of an axis that ends at step 300. The last three points are the signs of the runs.
    await expect.poll(() => pointsOf('all accuracy originals')).toHaveLength(6);
    const [spatial, given, sft] = (await pointsOf('all accuracy originals')).map(({ x }) => x);
    expect(given).toBe(spatial);
    expect(sft).toBeGreaterThan(given! + 100);
    // Four lines have the value 0 at step 100: a point, and rings around it.
    const zeros = (await pointsOf('distance within_50_200')).slice(0, 4);
    expect(zeros.map(({ radius }) => radius)).toEqual([3.5, 6.5, 9.5, 12.5]);
    expect(await page.locator('.notice').first().textContent()).toBe(
      'The curves show the mean of 3 runs: spatial, given, sft. Each mean covers the runs with a value at its step. The configs of these runs differ in 49 settings: recipe, preset, steps and 46 more.',
    );
    const settings = page.locator('.differences tbody tr:visible');
    const shown = await settings.allTextContents();
    expect(shown).toContain('steps100100300');
    expect(shown).toContain('views.mirrortruefalse–');
    // Both GRPO runs have the same group size, and SFT has none.
    const folded = 'sampling.group_size88–';
    expect(shown).not.toContain(folded);
    await shot('compared-three');
    await page.getByText('38 settings of only some recipes').click();
    expect(await settings.allTextContents()).toContain(folded);
  });

  test('shows the metrics of an SFT run', async () => {
    const page = await open(['sft'], { theme: 'dark', height: 1500 });
    await drawn('loss');
    expect(await page.locator('.section:not([hidden]) h2').allTextContents()).toEqual([
      'Evaluation 5',
      'Policy 2',
      'Time 2',
    ]);
    await shot('sft');
    await expectSound(panel);
  });

  /** A copy of the recorded run whose files a test may change. */
  function copy(name: string): string {
    cpSync(dirOf('spatial'), dirOf(name), { recursive: true });
    return dirOf(name);
  }
  const state = (change: object) =>
    JSON.stringify({
      ...(JSON.parse(readFileSync('test/fixtures/runs/spatial/state.json', 'utf8')) as object),
      ...change,
    });
  const cut = (file: string, lines: number) => {
    writeFileSync(file, readFileSync(file, 'utf8').split('\n').slice(0, lines).join('\n') + '\n');
  };

  test('updates the Run panel during a run', async () => {
    const dir = copy('going');
    for (const name of ['metrics', 'timings']) cut(join(dir, `${name}.jsonl`), 40);
    const alive = { status: 'running', phase: 'sampling', step: 40, steps: 100, host: 'elsewhere' };
    writeFileSync(join(dir, 'state.json'), state({ ...alive, heartbeat: new Date().toISOString() }));
    const page = await open(['going'], { memory: { ...UNFOLDED, folded: ['more'] } });
    await drawn('reward');
    await page.getByText('step 40 of 100').waitFor();
    await page.getByText(/sampling · about .* left/).waitFor();
    await shot('running', false);
    const slider = chart('reward').getByRole('slider');
    expect(await slider.getAttribute('aria-valuemax')).toBe('40');

    appendFileSync(join(dir, 'metrics.jsonl'), '{"step":41,"reward":0.9,"new/figure":3}\n{"step":42,"rew');
    writeFileSync(
      join(dir, 'state.json'),
      state({ ...alive, step: 41, heartbeat: new Date().toISOString() }),
    );
    const news = await service.runUpdate({ run: numbers.get(dir)! });
    panel.channel.notify('news', { dir, news: news! });
    await expect.poll(() => slider.getAttribute('aria-valuemax')).toBe('41');
    await page.getByRole('button', { name: 'More metrics' }).click();
    await chart('new/figure').scrollIntoViewIfNeeded();
    await drawn('new/figure');
    for (const name of ['Stop', 'Terminal', 'Log']) await page.getByRole('button', { name }).click();
    expect(asked.filter((what) => what.endsWith(' going'))).toEqual([
      'stop going',
      'attach going',
      'openLog going',
    ]);
    await expectSound(panel);
  });

  test('shows why a run failed, was lost, is missing or is empty, and shows reading progress', async () => {
    const failed = copy('failed');
    const message =
      'The training data has a row that does not fit: data.qa.jsonl, line 17.\nShorten the question.';
    writeFileSync(
      join(failed, 'state.json'),
      state({ status: 'failed', phase: 'failed', step: 60, message }),
    );
    appendFileSync(
      join(failed, 'events.jsonl'),
      `${JSON.stringify({ step: 60, time: '2026-11-20T11:51:00Z', kind: 'failed', message })}\n`,
    );
    const alarm = { alarm: 'kl-dominated' };
    const text = 'Nine tenths of the pull on the weights come from the reference penalty (A-26).';
    appendFileSync(
      join(failed, 'events.jsonl'),
      `${JSON.stringify({ step: 40, time: '2026-11-20T11:51:00Z', kind: 'alarm', message: text, data: alarm })}\n`,
    );
    const page = await open(['failed'], { theme: 'dark' });
    await drawn('reward');
    await page.getByRole('alert').getByText('line 17').waitFor();
    await page.getByText('Events').click();
    await page.getByText('Halve loss.beta.').waitFor();
    await shot('failed', false);
    await page.getByRole('button', { name: 'A-26' }).press('Enter');
    await page
      .getByRole('note', { name: 'Item A-26' })
      .getByText('does a high β cause exploration')
      .waitFor();
    await shot('cited', false);
    await page.keyboard.press('Escape');
    await expectSound(panel);
    await page.getByRole('button', { name: 'Open Log', exact: true }).click();
    await page.getByRole('button', { name: 'Resume' }).click();
    expect(asked.filter((what) => what.endsWith(' failed'))).toEqual(['openLog failed', 'resume failed']);

    const [run] = [await load('failed')];
    if (run.kind !== 'run') throw new Error('not read');
    const show = (shown: ShownRun) => panel.channel.notify('show', { runs: [shown] });
    const { dir, name, facts, news } = run;
    // The images of a run can be moved while it trains.
    const gone = { ...news.state!, message: 'Image file photos/p1.png does not exist.' };
    show({ ...run, news: { ...news, state: gone } });
    await page.getByRole('button', { name: 'Locate Images…' }).click();
    await expect.poll(() => asked.at(-1)).toBe('locateImages failed');
    await shot('failed-images', false);
    const lost = { ...news.state!, status: 'lost' as const, message: 'The process (12) is gone: killed.' };
    show({ ...run, news: { ...news, state: lost } });
    await page.getByText('This run was lost, because its process ended unexpectedly.').waitFor();
    // A run that failed before its first step has the same word in badge and box, but no checkpoint.
    show({ ...run, news: { ...news, state: { ...news.state!, step: 0 } } });
    await page.getByText('This run failed.').waitFor();
    await page.locator('.badge', { hasText: 'failed' }).waitFor();
    expect(await page.getByRole('button', { name: 'Evaluate Checkpoint…' }).count()).toBe(0);
    // A run that has nothing to learn from does not end green.
    const none = 'All 50 steps are done. All completions of the first two steps earned the same reward.';
    const unrewarded = { ...news.state!, status: 'finished' as const, message: none, unrewarded: true };
    show({ ...run, news: { ...news, state: unrewarded } });
    await page.getByRole('alert').getByText('No training signal.').waitFor();
    await page.locator('.badge', { hasText: 'no reward' }).waitFor();
    expect(await page.getByText('✓ finished').count()).toBe(0);
    await shot('no-reward', false);
    // A run of a sweep that never started can lack the checkpoint that it starts from.
    const planned = '/w/sweeps/eta/runs/planned';
    show({ ...run, dir: planned, isOfSweep: true, news: { ...news, state: null } });
    await page.getByRole('button', { name: 'Run Sweep' }).click();
    expect(asked).toContain(`runSweep ${planned.slice(folder.length + 1)}`);
    expect(await page.getByRole('button', { name: 'Resume Run' }).count()).toBe(0);
    show({ ...run, dir: planned, isOfSweep: true, news: { ...news, state: null, isQueued: true } });
    await page.getByText('waits for its sweep').waitFor();
    expect(await page.getByRole('button', { name: 'Run Sweep' }).count()).toBe(0);
    const sampled = { ...news, state: null, rows: 520, readShare: 0.34 };
    show({ dir, name, facts, kind: 'run', news: sampled });
    await page.getByText('Reading steps: 34% done. The curves show 520 steps so far').waitFor();
    show({ dir, name, facts, kind: 'run', news: { ...sampled, readShare: null, foldedSteps: 16 } });
    await page.getByText('of every 16 steps').waitFor();
    await shot('sampled', false);
    const [point] = news.evaluations;
    const before = { ...point!, id: 'step-000010', place: { ...point!.place, step: 10 }, rules: 1 };
    show({
      dir,
      name,
      facts,
      kind: 'run',
      news: { ...news, evaluations: [before, { ...point!, rules: 2 }] },
    });
    await page.getByText('Older rules scored the answers of 1 evaluation (step 10)').waitFor();
    await shot('other-rules', false);
    show({ dir, name, facts, kind: 'run', news: { ...news, state: null, rows: 0, evaluations: [] } });
    await page.getByText('No finished steps yet').waitFor();
    expect(await page.getByText('Smoothing').count()).toBe(0);
    await shot('empty', false);
    await expectSound(panel);
    const untried = { ...news, evaluations: [], traced: new Uint32Array(0) };
    show({ dir, name, facts, kind: 'run', news: untried });
    await page.getByText('Pairs and their answers appear after the first evaluation.').waitFor();
    const config = facts.config.filter(({ path }) => !path.startsWith('data.eval.'));
    show({ dir, name, facts: { ...facts, config }, kind: 'run', news: untried });
    await page.getByText('The config has no evaluation set (data.eval).').waitFor();
    show({ dir, name, kind: 'missing', why: 'The folder /runs/failed is not there any more.' });
    await page.getByText('not there any more').waitFor();
    await shot('missing', false);
    show({ dir, name, kind: 'loading', share: 0.4 });
    await page.getByText('Reading the run… 40%').waitFor();
    await shot('loading', false);
    panel.channel.notify('show', { runs: [] });
    await page.getByText('to select a run').waitFor();
    await expectSound(panel);
  });

  slowly('fits the Run panel into the narrowest window', async () => {
    const page = await open(['spatial'], { width: 340, height: 1400 });
    await drawn('reward');
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    await shot('narrow');
    const cut = (headings: Element[]) => headings.filter((h) => h.scrollWidth > h.clientWidth).length;
    expect(await page.locator('figcaption h3').evaluateAll(cut)).toBe(0);
    await expectSound(panel);
  });

  test('leaves gaps in charts for missing values and missing rows', async () => {
    const steps = Array.from({ length: 100 }, (_, i) => i + 1);
    const rows = steps.map((step) => ({
      step,
      reward: step > 40 && step < 60 ? null : 1,
      accuracy: step === 50 ? 1 : step > 40 && step < 60 ? null : 1,
    }));
    const lines = (kept: object[]) => rowLines(kept);
    writeFileSync(join(copy('without-values'), 'metrics.jsonl'), lines(rows));
    const missing = rows.filter(({ step }) => step <= 40 || step >= 60);
    writeFileSync(join(copy('without-rows'), 'metrics.jsonl'), lines(missing));
    /** The share of the columns from one step to another in which a line or a point is drawn. */
    const inked = (id: string, from: number, to: number) =>
      chart(id)
        .locator('canvas')
        .evaluate(
          (canvas: HTMLCanvasElement, [from, to]) => {
            const [left, right] = [52 * devicePixelRatio, canvas.width] as const;
            const place = (at: number) => Math.round(left + ((at - 1) / 99) * (right - left));
            const [x, end] = [place(from), place(to)];
            const { data, width } = canvas.getContext('2d')!.getImageData(x, 0, end - x, canvas.height * 0.8);
            const columns = new Set<number>();
            for (let i = 0; i < data.length; i += 4) {
              const colour = [data[i]!, data[i + 1]!, data[i + 2]!];
              if (data[i + 3]! > 100 && Math.max(...colour) - Math.min(...colour) > 60)
                columns.add((i / 4) % width);
            }
            return columns.size / width;
          },
          [from, to] as const,
        );
    for (const name of ['without-values', 'without-rows']) {
      await open([name]);
      await drawn('reward');
      await expect.poll(() => inked('reward', 10, 35)).toBe(1);
      expect(await inked('reward', 42, 58)).toBe(0);
      await shot(name, false);
      await panel.page.close();
    }
    // A value that stands alone in a gap is a point.
    await open(['without-values']);
    await drawn('accuracy');
    await expect.poll(() => inked('accuracy', 48, 52)).toBeGreaterThan(0);
    expect(await inked('accuracy', 42, 48)).toBe(0);
  });

  test('explains an empty logarithmic axis', async () => {
    writeFileSync(join(copy('below'), 'metrics.jsonl'), '{"step":1,"loss":-1}\n{"step":2,"loss":-0.5}\n');
    const memory = { ...DEFAULTS, dirs: [], scroll: 0, log: true };
    await open(['below'], { memory });
    await chart('loss').getByText('A log scale needs values above zero').waitFor();
  });

  slowly('hides the config if it would replace the curves, depending on the window width', async () => {
    const page = await open(['spatial']);
    await drawn('reward');
    const config = page.getByRole('complementary', { name: 'Config' });
    await config.waitFor();
    await page.setViewportSize({ width: 420, height: 900 });
    await config.waitFor({ state: 'detached' });
    const top = async () => (await chart('accuracy').boundingBox())!.y;
    expect(await top()).toBeLessThan(600);
    await page.getByRole('button', { name: 'Config' }).click();
    // In place of the curves: next to them there is no room, and above them it would be a second scrollbar.
    await config.waitFor();
    await shot('narrow-config', false);
    expect(await chart('accuracy').isVisible()).toBe(false);
    await expectSound(panel);
    const memory = await panel.memory();
    await panel.page.close();

    const again = await open(['spatial'], { width: 420, memory });
    await again.getByRole('complementary').waitFor();
    await again.getByRole('button', { name: 'Config' }).click();
    await again.setViewportSize({ width: 1200, height: 900 });
    await again.getByRole('complementary').waitFor();
  });

  slowly('a million steps are drawn from their extremes, and a peak of one step is seen', async () => {
    const dir = copy('million');
    const rows = 1_000_000;
    const lines: string[] = [];
    for (let step = 1; step <= rows; step++) {
      const loss = step === 654_321 ? 9 : 1 + Math.sin(step / 40_000) / 2 + ((step * 7919) % 97) / 970;
      lines.push(`{"step":${step},"loss":${loss.toFixed(4)}}`);
    }
    writeFileSync(join(dir, 'metrics.jsonl'), lines.join('\n') + '\n');
    writeFileSync(join(dir, 'timings.jsonl'), '');
    const page = await open(['million']);
    await drawn('loss');
    const answer = await service.runSeries({
      run: numbers.get(dir)!,
      query: { dir, x: 'step', metrics: ['loss'], range: null, columns: 800, smoothing: 0.9 },
    });
    expect(answer.rows).toBe(rows);
    expect(answer.x.length).toBeLessThanOrEqual(1604);
    expect([...answer.steps.filter((_, i) => answer.values[0]![i] === 9)]).toEqual([654_321]);
    await shot('million', false);
    const slider = chart('loss').getByRole('slider');
    await slider.focus();
    for (let i = 0; i < 6; i++) await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('+');
    await expect.poll(async () => ((await panel.memory()) as { range: unknown }).range).not.toBeNull();
    expect(panel.faults).toEqual([]);
  });
});
