import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterEach, expect, test } from 'vitest';
import type { Sample } from '../../src/rows/sample/sample.ts';
import { scoreRow } from '../../src/core/answers/score-row.ts';
import type {
  OpenedPair,
  TraceCommand,
  TraceHost,
  TracePage,
  TraceSubject,
  TraceMemory,
} from '../../src/panels/trace/trace.contract.ts';
import { printed } from '../../webview/ui/keyboard.ts';
import { encodePng } from '../../src/lab/images/png.ts';
import { chooseFor } from '../../src/lab/foreign/known.ts';
import { traceKeys } from '../../webview/trace/trace-keys.ts';
import { expectKeysToBeText, expectNoOtherKeys } from './keys.ts';
import { choose, describePanel, shotsOf, inThemes, type Panel, type PanelOptions } from './page.ts';
import { expectPairInSight } from './scrollbars.ts';
import { expectSound, expectSoundWhenNarrow } from './sound.ts';
import { TraceRun } from './trace-run.ts';
import { slowly } from '../support/slow.ts';
import { rowLines } from '../support/rows.ts';

const KEYS = traceKeys({} as never);

describePanel<TracePage>('Trace panel', 'trace', (openIn) => {
  let run: TraceRun;
  let panel: Panel<TracePage>;

  afterEach(async () => {
    await panel?.page.close();
    run?.remove();
  });

  async function open(
    place: Partial<TraceSubject> = { id: { step: 97, pair: 9 } },
    { pair, ...options }: Partial<PanelOptions> & { pair?: OpenedPair } = {},
  ): Promise<Page> {
    panel = await openIn(run.host(), { width: 1280, height: 1000, ...options });
    await expect.poll(() => run.asked).toContain('ready');
    show(place, pair);
    return panel.page;
  }

  const show = (place: Partial<TraceSubject>, pair?: OpenedPair) =>
    panel.channel.notify('show', {
      subject: { run: run.run, source: undefined, name: 'spatial', id: null, ...place },
      ...(pair && { pair }),
    });

  const shot = shotsOf('trace', () => panel.page);

  test('requests the correctness reward and the dataset of an external run', async () => {
    run = new TraceRun();
    const theirs = join(run.folder, 'theirs');
    cpSync('test/fixtures/foreign-runs/trl-1.16', theirs, { recursive: true });
    cpSync('test/fixtures/foreign-runs/data', join(run.folder, 'worlds'), { recursive: true });
    const data = join(run.folder, 'worlds/worlds.qa.jsonl');
    const page = await open({ run: theirs, name: 'theirs', id: { step: 1, pair: 0 } });
    await page.getByText('4 completions, not scored').waitFor();
    await page.getByText('The parquet files of TRL contain no images.').waitFor();
    await page.getByRole('button', { name: 'Select Correctness Reward…' }).click();
    await page.getByRole('button', { name: 'Add Dataset…' }).click();
    await expect.poll(() => run.asked).toEqual(expect.arrayContaining(['say right', 'say data']));
    // Without an image, the question begins where all else does.
    const left = async (selector: string) => (await page.locator(selector).first().boundingBox())!.x;
    expect(await left('.questions .said')).toBeCloseTo(await left('.interpretation'), 0);
    await shot('said-nothing');
    // A dash says why.
    await page.locator('#stage-update .result[title^="TRL does not mark completions"]').waitFor();
    // Of what no pair has there is no column, and no completion in the filter.
    const filter = page.getByRole('combobox', { name: 'Filter' });
    await filter.fill('re');
    const offered = () => page.locator('#filter-options code').allTextContents();
    await expect.poll(offered).toContain('reward_std');
    expect(await offered()).not.toContain('reward_mirror');
    await filter.fill('');
    await filter.blur();
    await page.locator('summary', { hasText: 'Columns' }).click();
    await page.getByRole('checkbox', { name: 'Orig. reward' }).waitFor();
    expect(await page.getByRole('checkbox', { name: 'Kept' }).count()).toBe(0);
    await page.locator('summary', { hasText: 'Columns' }).click();

    chooseFor(theirs, { right: 'accuracy_reward', data });
    panel.channel.notify('changed', null);
    await page.getByText('0 of 4 correct').waitFor();
    await page.getByRole('button', { name: 'Correct: accuracy_reward = 1' }).waitFor();
    await page.getByRole('button', { name: 'Dataset: worlds.qa.jsonl' }).waitFor();
    await page.locator('.labels').first().waitFor();
    // The reward has judged them, by whatever it read.
    expect(await page.getByText('read from the whole text').count()).toBe(0);
    await shot('said');
    await expectSound(panel);
    // No question was asked in two views, so there is no penalty to try.
    await page.getByRole('button', { name: 'What-If Analysis' }).click();
    await page.getByLabel('What-if analysis').getByText('Weight of accuracy_reward').waitFor();
    expect(await page.getByText('change sign').count()).toBe(0);
    chooseFor(theirs, { right: null, data: null });
    panel.channel.notify('changed', null);
    await page.getByText('4 completions, not scored').waitFor();
  });

  test('marks an answer parsed from untagged text on one line, next to an open side bar', async () => {
    run = new TraceRun();
    const page = await open(undefined, { width: 1050 });
    await page.getByText('read from the whole text').first().waitFor();
    await shot('beside-side-bar');
    const heights = await page
      .locator('.read-from-text')
      .evaluateAll((all) => all.map((a) => a.clientHeight));
    expect(Math.max(...heights)).toBeLessThan(30);
    // Whatever is correct shows the answer for which it is.
    const correct = page.locator('.completion').filter({ has: page.locator('.judged.right') });
    expect(await correct.filter({ hasText: /no answer/ }).count()).toBe(0);
  });

  inThemes('shows a traced pair', async (theme) => {
    run = new TraceRun();
    const page = await open(undefined, { theme });
    await page.locator('.labels').nth(1).waitFor();
    await shot(theme);
    await expectSound(panel);
    await expectPairInSight(page, '.questions .said .text');
    await expectSoundWhenNarrow(panel, () => shot(`${theme}-narrow`));
    // Lines below words mark reasoning, not verdicts; labels have their places for this width, and overlap nowhere.
    await page.getByRole('button', { name: 'List', exact: true }).click();
    const verdict = page.locator('[role=row] .verdict > :last-child').first();
    expect(await verdict.evaluate((name) => getComputedStyle(name).textDecorationLine)).toBe('none');
    await shot(`${theme}-narrow-list`);
    await page.getByRole('button', { name: 'List', exact: true }).click();
    expect(await overlapsOf(page.locator('.labels').first())).toEqual([]);
    if (theme === 'light') await expectNoOtherKeys(panel, KEYS);
  });

  async function expectInSight(what: Locator, height: number): Promise<void> {
    const box = (await what.boundingBox())!;
    expect(box.y).toBeGreaterThanOrEqual(0);
    expect(box.y + box.height).toBeLessThanOrEqual(height);
  }

  const command = (name: TraceCommand) => panel.channel.notify('command', { name });
  const texts = (selector: string) => panel.page.locator(selector).allTextContents();
  const where = () => panel.page.locator('.pair-head .quiet').textContent();
  const at = (step: number, pair: number) => expect.poll(where).toBe(`step ${step} · pair ${pair}`);
  const stage = (name: string) => panel.page.getByRole('tab', { name }).click();

  test('shows only the labels of the object under the pointer in a small image', async () => {
    run = new TraceRun();
    const page = await open(undefined, { width: 922, height: 660 });
    const frame = page.locator('.frame').first();
    const labels = frame.locator('.labels li');
    await labels.first().waitFor({ state: 'attached' });
    const visible = () =>
      labels.evaluateAll((all) =>
        all.filter((one) => one.checkVisibility({ opacityProperty: true })).map((one) => one.textContent),
      );
    await expect.poll(visible).toEqual([]);
    await shot('small');
    // The middle of the first outline is inside the first object.
    const outline = (await frame.locator('path.under').first().boundingBox())!;
    await page.mouse.move(outline.x + outline.width / 2, outline.y + outline.height / 2);
    await expect.poll(visible).toContain(await labels.first().textContent());
    await shot('small-pointed');
    expect((await visible()).length).toBeLessThan(await labels.count());
    await page.mouse.move(0, 0);
    await expect.poll(visible).toEqual([]);
  });

  test('opens every stage of a traced rollout', async () => {
    run = new TraceRun();
    const page = await open();
    await page.getByRole('button', { name: 'red-cube' }).first().click();
    const body = () => page.locator('.stage-body').textContent();
    await stage('Image and question');
    expect(await body()).toContain('Reference answerred-cube');
    await shot('stage-input');
    await page.getByRole('button', { name: /^Go to Line/ }).click();
    await expect.poll(() => run.asked.at(-1)).toMatch(/^openRow \d+$/);

    await stage('Scene graph');
    expect(await body()).toMatch(/Single-stage rollout.*3 objects.*red-cube right of blue-cone/s);
    await shot('stage-graph');
    await stage('Answer');
    expect(await body()).toMatch(/Thought.*farther.*Answer.*red-cube.*correct.*end-of-sequence token/s);

    await stage('Reward');
    expect(await texts('.stage-body tbody tr')).toEqual([
      'format1.0000.5+0.500think and answer tags, each once',
      'semantic1.0000.5+0.500cosine of "red-cube" and "red-cube"',
      'penalty−0.7500.5−0.375This view scored better than the other view, and the reward of this completion is above δ.',
    ]);
    expect(await texts('.stage-body tfoot tr')).toEqual(['reward0.6251.000 before penalty']);
    await shot('stage-reward');
    await expectSound(panel);

    await stage('Group');
    expect(await body()).toContain('Advantage = (0.625 − 0.619) / (0.055 + 0.0001) = +0.114');
    expect(await page.locator('.strip .dot').count()).toBe(8);
    await shot('stage-group');
    await stage('Update');
    expect(await body()).toMatch(/rewards vary.*↑ more likely/s);
    await page.keyboard.press('ArrowLeft');
    await expect
      .poll(() => page.getByRole('tab', { name: 'Group' }).getAttribute('aria-selected'))
      .toBe('true');
    await expectSound(panel);
  });

  test('draws relations as arrows, with mirrored words on the mirror', async () => {
    run = new TraceRun();
    const page = await open();
    await page.locator('.labels').nth(1).waitFor();
    command('toggleGraph');
    const relations = (n: number) => page.locator('.labels').nth(n).locator('.relations').allTextContents();
    await expect.poll(() => relations(0)).toEqual(['left of', 'in front of', 'right of, in front of']);
    expect(await relations(1)).toEqual(['right of', 'in front of', 'left of, in front of']);
    await shot('graph');
    command('toggleBoxes');
    await expect.poll(() => page.locator('.labels').first().locator('.graph').count()).toBe(0);
  });

  test('draws the object positions of a wrong completion, or of the hovered completion', async () => {
    run = new TraceRun();
    const page = await open();
    const claims = (view: number) => page.locator('.frame').nth(view).locator('.labels .claims');
    const drawn = () =>
      page.locator('.completion:has(.drawn)').evaluateAll((all) => all.map((one) => one.ariaLabel));
    await expect.poll(() => claims(0).allTextContents()).toEqual(['blue-cone, 6 m', 'blue-cube, absent']);
    expect(await drawn()).toEqual(['Original, completion 1', 'Mirror, completion 2']);
    const [solid, dashed] = await texts('.drawn-legend > span');
    expect(solid).toContain('solid: in the row');
    expect(dashed).toContain('dashed: stated by completion');
    const dashes = (kind: string) =>
      page
        .locator(`path.${kind}:not(.under)`)
        .first()
        .evaluate((line) => getComputedStyle(line).strokeDasharray);
    expect([await dashes('graph'), await dashes('claims')]).toEqual(['none', '3px, 4px']);
    // Column "right-3" of nine, where the cone is in the leftmost third.
    const path = page.locator('.frame').first().locator('path.claims:not(.under)').first();
    expect((await path.getAttribute('d'))!.match(/[\d.]+/g)!.map(Number)[0]).toBeCloseTo((64 * 7) / 9);
    await page.getByRole('article', { name: 'Original, completion 5' }).hover();
    await expect.poll(() => claims(0).allTextContents()).toEqual(['blue-cone, 4 m', 'red-cube, 5 m']);
    await page.getByRole('article', { name: 'Mirror, completion 5' }).locator('button').focus();
    await expect.poll(drawn).toContain('Mirror, completion 5');
    // Headings end where the values below them end.
    const right = (what: string) =>
      page
        .locator(what)
        .first()
        .evaluate((one) => Math.round(one.getBoundingClientRect().right));
    for (const part of ['.reward', '.value'])
      expect(await right(`.figure-names ${part}`)).toBe(await right(`.completion ${part}`));
    const icon = (await page.locator('.drawn').first().boundingBox())!;
    expect(icon.width).toBeGreaterThanOrEqual(16);
    // Both groups are in sight with both images.
    for (const what of ['.frame', '.completion'])
      for (const box of await page.locator(what).all()) await expectInSight(box, 1000);
    expect(await texts('.strip-of-steps li')).toEqual([
      'Outcome●○ only the original',
      'Penalisedoriginal, ahead by 0.75',
      'Effectorder inverted',
      'Training✓ used',
    ]);
  });

  test('draws a graph written by the model, and relations of objects without a position', async () => {
    run = new TraceRun();
    const pairs = run.read(97);
    const { group } = pairs[9]!.views[0]!;
    group[0]!.segments[0]!.text = `{"image": {"w": 128, "h": 128}, "objects": [{"id": "a", "label": "red-cube",
      "box": [100, 20, 120, 60]}, {"id": "b", "label": "blue-cone"}],
      "relations": [{"subject": "a", "predicate": "left of", "object": "b", "frame": "viewer"}]}`;
    run.write(97, pairs);
    const page = await open();
    const claims = page.locator('.frame').first().locator('.labels .claims');
    await expect.poll(() => claims.allTextContents()).toEqual(['red-cube', 'left of']);
    const path = page.locator('.frame').first().locator('path.claims.outline').first();
    expect(await path.getAttribute('d')).toBe('M50 10L60 10L60 30L50 30Z');
    await shot('claimed-graph');
  });

  test('shows the graph of a two-stage rollout', async () => {
    run = new TraceRun();
    const pairs = run.read(1);
    const [first, second] = pairs[0]!.views[0]!.group;
    const graph = `\`\`\`json
{"objects": ["lamp", "sofa"], "relationships": [{"source": "lamp", "target": "sofa", "relation": "left of"}],}
\`\`\``;
    first!.segments.unshift({ stage: 'graph', text: graph, stop_reason: 'end' });
    second!.segments.unshift({ stage: 'graph', text: 'A lamp, and a sofa.', stop_reason: 'length' });
    run.write(1, pairs);
    const page = await open({ id: { step: 1, pair: 0 } });
    await page.locator('.answer-text').first().click();
    await stage('Scene graph');
    const body = page.locator('.stage-body');
    await expect
      .poll(() => body.textContent())
      .toMatch(/Sampled2 objects: lamp, sofalamp left of sofaJSON repaired in/);
    await page.getByText('Dataset').waitFor();
    await shot('stage-graph-sampled');
    await expectSound(panel);
    await page.locator('.answer-text').nth(1).click();
    await expect.poll(() => body.textContent()).toMatch(/No JSON found/);
    expect(await page.locator('.column').first().getByText('truncated').count()).toBe(1);
  });

  test('shows log-probabilities of tokens, and marks reasoning words', async () => {
    run = new TraceRun();
    const pairs = run.read(1);
    pairs[0]!.views[0]!.group[0]!.segments[0]!.text =
      '<think>It seems that the ball is left, so it must be clearly left. First, suppose it is not. I’ll need to look; that would be so.</think> <answer>left</answer>';
    run.write(1, pairs);
    const page = await open({ id: { step: 1, pair: 0 } });
    await page.locator('.answer-text').first().click();
    await choose(page.getByLabel('Colour tokens by'), 'log p − reference model');
    await page.locator('.token').nth(17).waitFor();
    const slider = page.getByRole('slider', { name: 'Tokens of the answer' });
    await slider.focus();
    await page.keyboard.press('ArrowRight');
    expect(await slider.getAttribute('aria-valuetext')).toMatch(
      /^Token 2 of 18:.* log p .*%\).*reference .*difference .*entropy/,
    );
    await stage('Update');
    expect(await page.locator('.stage-body').textContent()).toMatch(
      /Tokens18.*KL to the reference model\d\.\d{4} per token/s,
    );
    await stage('Answer');
    command('toggleWords');
    await expect
      .poll(() => texts('.fact-list .word'))
      .toEqual(['seems', 'so', 'clearly', 'First', 'suppose', 'I’ll need to', 'would be', 'so']);
    await page.getByText('6 reasoning words').waitFor();
    await page.locator('.legend').first().scrollIntoViewIfNeeded();
    await shot('tokens-and-words');
    await expectSound(panel);
    await page.getByRole('button', { name: 'right' }).nth(3).click();
    await choose(page.getByLabel('Colour tokens by'), 'log p');
    await choose(page.getByLabel('Colour tokens by'), 'entropy');
    show({ id: { step: 1, pair: 2 } });
    await page.getByText('Log-probabilities of this answer were not stored').waitFor();
  });

  test('navigates traced pairs and steps', async () => {
    run = new TraceRun();
    const again = { ...run.read(1)[2]!, why: 'all_wrong' as const, kept: false };
    run.write(50, [run.read(97)[0]!, again]);
    const page = await open({ id: { step: 1, pair: 1 } });
    await at(1, 1);
    await page
      .getByText(/^\d+ pairs$/)
      .first()
      .waitFor(); // what is next is known
    command('next');
    await at(1, 2);
    await page.getByText('2 of 2').or(page.getByText('1 of 2')).waitFor();
    await shot('along');
    await expectSound(panel);
    await page.setViewportSize({ width: 360, height: 900 });
    const { x, width } = (await page.locator('.along .figures').boundingBox())!;
    expect(x + width).toBeLessThan(360);
    await shot('along-narrow');
    await page.setViewportSize({ width: 1280, height: 1000 });
    command('nextStep'); // the same sample comes again
    await at(50, 1);
    await page.getByText('✕ dropped').waitFor();
    await shot('dropped');
    command('nextStep');
    await at(97, 1);
    command('previousStep');
    await at(50, 1);
    await page.getByLabel('Row across steps').press('Home');
    await at(1, 2);
    command('previous');
    command('previous');
    await at(1, 0);
    command('previous');
    await at(1, 0);
    expect(run.asked).toContain('moved 50/1');
  });

  test('swaps the views while a key is held', async () => {
    run = new TraceRun();
    const page = await open();
    await page.locator('img').nth(1).waitFor();
    const heads = () => texts('.group-head h3');
    expect(await heads()).toEqual(['Original', 'Mirror']);
    await page.keyboard.press('m');
    await expect.poll(heads).toEqual(['Mirror', 'Original']);
    command('swap');
    await expect.poll(heads).toEqual(['Original', 'Mirror']);

    await page.keyboard.down('m');
    await expect.poll(() => page.locator('img.mirrored').count()).toBe(2);
    await page.waitForTimeout(400);
    await page.keyboard.down('m'); // repeats
    await page.keyboard.up('m');
    await expect.poll(() => page.locator('img.mirrored').count()).toBe(1);
  });

  test('shows the answer options of any partner view if they differ', async () => {
    run = new TraceRun();
    const [pair] = run.read(97);
    const { sample, views } = pair!;
    const path = join(run.folder, 'data/data.qa.jsonl');
    const [question, answer] = ['which is farther , the purple-ball or the yellow-cone ?', 'purple-ball'];
    const choices = ['yellow-cone', 'purple-ball'];
    const polarity = { status: 'flipped', question, answer, choices, route: 'human', rules: [], checks: {} };
    const rows = readFileSync(path, 'utf8').trim().split('\n');
    const withOpposite = rows.map((line) => {
      const row = JSON.parse(line) as Sample;
      return row.id === sample ? JSON.stringify({ ...row, variants: { polarity } }) : line;
    });
    writeFileSync(path, `${withOpposite.join('\n')}\n`);
    run.write(97, [{ ...pair!, views: [views[0]!, { ...views[1]!, view: 'polarity', question, answer }] }]);
    const page = await open({ id: { step: 97, pair: 0 } });
    await expect
      .poll(() => page.locator('.said', { hasText: 'Choices' }).allTextContents())
      .toEqual(['Choicespurple-ball · yellow-cone', 'Choicesyellow-cone · purple-ball']);
  });

  test('opens the first listed pair when a filter excludes the open pair', async () => {
    run = new TraceRun();
    const page = await open();
    await at(97, 9);
    const filter = page.getByRole('combobox', { name: 'Filter' });
    await filter.fill('verdict = ');
    await page.getByRole('option').first().waitFor();
    // No pair has another outcome, or no mirror.
    expect(await page.getByRole('option').allTextContents()).toEqual([
      'consistent both views correct',
      'only_original only the original correct',
    ]);
    await filter.fill('verdict = only_original');
    await page.getByText('4 of 20 pairs').waitFor();
    await at(97, 9);
    await filter.fill('verdict = consistent');
    await page.getByText('16 of 20 pairs').waitFor();
    await at(1, 0);
    expect(await page.locator('.grid .row[aria-selected=true]').count()).toBe(1);
    // A link to a pair opens this pair.
    show({ id: { step: 97, pair: 9 }, filter: 'verdict = consistent and step = 97' });
    await page.getByText('11 of 20 pairs').waitFor();
    await at(97, 9);
  });

  test('treats keys as text while a text field has the focus', async () => {
    run = new TraceRun();
    const page = await open();
    await page.locator('.labels').nth(1).waitFor();
    await page.keyboard.press('/');
    const field = page.getByRole('searchbox');
    await expect.poll(() => field.evaluate((e) => e === document.activeElement)).toBe(true);
    await page.keyboard.type('jb?/');
    expect(await field.inputValue()).toBe('jb?/');
    // A search opens its first pair, but `b` did not hide the boxes.
    await expect.poll(() => page.locator('.labels').count()).toBe(2);
    await field.fill('');
    await page.locator('.answer-text').first().waitFor();
    await page.locator('.answer-text').first().focus();
    await page.keyboard.press('e');
    await page.getByRole('region', { name: 'What-if analysis' }).waitFor();
    await expectKeysToBeText(panel, KEYS);
    await page.locator('body').press('Escape');

    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    expect(await texts('dialog dt')).toEqual(
      KEYS.flatMap(({ keys }) => (keys.length > 0 ? [printed(keys)] : [])),
    );
    expect(await texts('dialog dt')).toContain('?');
    await shot('keys');
    await expectSound(panel);
  });

  test('recomputes the pair after a change of settings, and the whole run on request', async () => {
    run = new TraceRun();
    const page = await open();
    command('toggleWhatIf');
    const eta = page.getByRole('slider', { name: 'View penalty η' });
    await eta.waitFor();
    expect(await eta.inputValue()).toBe('1');
    expect(await eta.evaluate((one) => getComputedStyle(one).appearance)).toBe('none');
    await shot('what-if-untouched');
    await page.getByRole('button', { name: 'View penalty η: 2, paper value' }).click();
    await page.getByText('Of the 16 advantages of this pair, 7 have a flipped sign.').waitFor();
    await page.getByRole('img', { name: /change sign: [\d.]+% at η 2,/ }).waitFor();
    const changed = page.getByRole('list', { name: 'Changed settings' });
    expect(await changed.locator('li bdi').allTextContents()).toEqual(['coupling.eta=2']);
    expect(await page.locator('.turn.reversed').count()).toBe(7);
    expect((await texts('.completion .value'))[0]).toBe('advantage −2.17 +0.95');
    await page.getByRole('button', { name: 'red-cube' }).first().click();
    await stage('Reward');
    expect(await texts('.stage-body tfoot tr')).toEqual(['reward0.625 0.2501.000 before penalty']);
    await page.getByLabel('Zero-variance groups').click();
    await shot('what-if-dropdown');
    await page.keyboard.press('Escape');
    await choose(page.getByLabel('Scope of mean and std'), 'pair');
    expect(
      await page.getByLabel('Advantage normalisation').locator('[aria-selected=true]').textContent(),
    ).toBe('TRL (run)');
    const cut = (all: Element[]) => all.filter((one) => one.scrollWidth > one.clientWidth).length;
    expect(await page.locator('.answer-text').evaluateAll(cut)).toBe(0);
    await shot('what-if');
    await expectSound(panel);

    await page.getByRole('button', { name: 'Apply to Whole Run' }).click();
    await page.getByText('Of 320 advantages (20 pairs in 2 traced steps)').waitFor();
    // The button is at the foot of the settings, the result at their top.
    expect(await page.locator('.what-if').evaluate((pane) => pane.scrollTop)).toBe(0);
    // What the run would have been leaves the settings in sight, with its table folded and open.
    await eta.scrollIntoViewIfNeeded();
    expect(await page.getByText('Of 320 advantages').isVisible()).toBe(true);
    await page.getByText('Groups and effects').click();
    await eta.scrollIntoViewIfNeeded();
    const [slider, report] = [await eta.boundingBox(), await page.locator('.report').boundingBox()];
    expect(slider!.y).toBeGreaterThanOrEqual(report!.y + report!.height);
    await shot('what-if-run');
    await expectSound(panel);
    // The result stays when the user leaves the panel, as the changed settings do.
    const { changes, whatIfRun } = (await panel.memory()) as TraceMemory;
    expect(whatIfRun!.changes).toEqual(changes);
    expect(whatIfRun!.report.pairs).toBe(20);

    const exact = page.getByLabel('View penalty η, exact value');
    await exact.fill('25');
    await exact.press('Enter');
    await page.getByText('These values are outdated, because the settings changed.').waitFor();
    await exact.fill('-3');
    await exact.press('Enter');
    expect(await exact.inputValue()).toBe('25');
    await page.getByRole('button', { name: 'Reset', exact: true }).click();
    await page.getByText('Settings applied to stored completions').waitFor();
    expect(await page.locator('.turn').count()).toBe(0);
    expect(await eta.inputValue()).toBe('1');
  });

  test('offers to locate the images of a pair that are missing', async () => {
    run = new TraceRun();
    const traceImage = () => Promise.reject(new Error('Image file 000150.png does not exist.'));
    const page = await open(undefined, { host: { ...run.host(), traceImage } });
    await page.getByText('Image file 000150.png does not exist.').waitFor();
    await shot('imageless', false);
    await page.getByRole('button', { name: 'Locate Images…' }).click();
    await expect.poll(() => run.asked).toContain('say root');
  });

  test('explains why what-if analysis is unavailable without recomputable rewards', async () => {
    run = new TraceRun();
    await open(undefined, {
      host: { ...run.host(), whatIfConfig: () => null, whyNoWhatIf: () => 'Not GRPO.' },
    });
    command('toggleWhatIf');
    await expect.poll(() => run.asked).toContain('refuse Not GRPO.');
  });

  test('shows the effect of a joint reward on the pair, without a view penalty setting', async () => {
    run = new TraceRun();
    const page = await open();
    command('toggleWhatIf');
    const plot = page.getByRole('img', { name: /change sign/ });
    await plot.waitFor();
    await choose(page.getByLabel('Coupling mode'), 'joint reward');
    await plot.waitFor({ state: 'detached' });
    expect(await page.getByRole('slider', { name: 'View penalty η' }).count()).toBe(0);
    await page.getByText('two correct answers count as agreeing').waitFor();
    const [one, other] = run.read(97)[9]!.views.map(({ group }) => group.map(({ right }) => right));
    const together = one!.filter((right, i) => right && other![i]).length;
    await page
      .getByText(`${together} of 8 pairs of completions are correct in both views and agree`)
      .waitFor();
    const strip = page.getByRole('list', { name: 'Pair outcome' });
    await strip.getByText(`${8 - together} of 8 pairs of answers`).waitFor();
    await page.getByRole('button', { name: 'red-cube' }).first().click();
    await stage('Reward');
    await page.getByText('This completion and its counterpart in the other view').waitFor();
    await expectSound(panel);
  });

  test('keeps both images and all 16 completions visible while settings change', async () => {
    run = new TraceRun();
    expect(run.read(97)[0]!.views.map(({ group }) => group.length)).toEqual([8, 8]);
    // What VS Code leaves of 1280 × 800 for a panel next to an open side bar.
    const page = await open(undefined, { width: 930, height: 664 });
    await page.locator('.labels').nth(1).waitFor();
    await page.keyboard.press('e');
    const eta = page.getByRole('slider', { name: 'View penalty η' });
    await eta.focus();
    await page.keyboard.press('End');
    await page.locator('.completion s').first().waitFor();
    await shot('what-if-in-sight');
    for (const what of ['.frame', '.completion']) {
      const places = await page
        .locator(what)
        .evaluateAll((all) =>
          all.map((each) => each.getBoundingClientRect()).map(({ top, bottom }) => [top, bottom]),
        );
      expect(places).toHaveLength(what === '.frame' ? 2 : 16);
      for (const [top, bottom] of places) {
        expect(top).toBeGreaterThanOrEqual(0);
        expect(bottom).toBeLessThanOrEqual(664);
      }
    }
    await expectSound(panel);
    const cut = (all: Element[]) => all.filter((one) => one.scrollWidth > one.clientWidth).length;
    expect(await page.locator('.answer-text').evaluateAll(cut)).toBe(0);
    // In a narrow panel, settings and pair share the height.
    await page.setViewportSize({ width: 700, height: 800 });
    await eta.scrollIntoViewIfNeeded();
    for (const what of [eta, page.locator('.frame').first(), page.locator('.completion s').first()])
      await expect.poll(() => what.evaluate((one) => one.getBoundingClientRect().top)).toBeLessThan(800);
    await shot('what-if-narrow');
    await expectSound(panel);
    // With room for bars, they stand below each other, next to values that changed and values that did not.
    await page.setViewportSize({ width: 1500, height: 664 });
    const lefts = await page
      .locator('.completion .track')
      .evaluateAll((all) => all.map((each) => Math.round(each.getBoundingClientRect().left)));
    expect(lefts).toHaveLength(16);
    expect(new Set(lefts).size).toBe(2);
    await shot('what-if-wide');
    // With room, the longest name of an object is whole, and so are words about signs.
    await page
      .locator('.answer-text bdi')
      .evaluateAll((all) => all.forEach((one) => (one.textContent = 'yellow-cylinder')));
    for (const width of [1115, 1450, 1451, 1600]) {
      await page.setViewportSize({ width, height: 800 });
      expect([width, await page.locator('.answer-text, .turn').evaluateAll(cut)]).toEqual([width, 0]);
    }
    const line = page.getByRole('radiogroup', { name: 'Checkpoint to fork from' });
    expect(await line.getByRole('radio', { checked: true }).getAttribute('aria-label')).toBe('Step 80');
    await line.getByRole('radio', { name: 'Step 40' }).check();
    await page.getByRole('button', { name: 'Fork from Step 40…' }).click();
    await expect.poll(() => run.asked.at(-1)).toBe('fork 40 coupling.eta=10');
    await page.getByRole('button', { name: 'Start Run with These Settings…' }).click();
    await expect.poll(() => run.asked.at(-1)).toBe('startWith coupling.eta=10');
  });

  test('cancels the computation of a what-if analysis', async () => {
    run = new TraceRun();
    let report: (share: number) => void = () => undefined;
    let cancelled = () => false;
    const slow: Partial<TraceHost> = {
      whatIfRun: (_, call) => {
        report = (share) => call.onProgress(share);
        cancelled = () => call.signal.aborted;
        return new Promise(() => undefined);
      },
    };
    const page = await open(undefined, { host: { ...run.host(), ...slow } });
    command('toggleWhatIf');
    await page.getByRole('button', { name: 'View penalty η: 2, paper value' }).click();
    await page.getByRole('button', { name: 'Whole run' }).click();
    await page.getByRole('progressbar').waitFor();
    report(0.5);
    await expect.poll(() => page.getByRole('progressbar').getAttribute('value')).toBe('0.5');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => cancelled()).toBe(true);
    await page.getByRole('progressbar').waitFor({ state: 'detached' });
  });

  test('copies and exports a traced pair', async () => {
    run = new TraceRun();
    const page = await open();
    await page.locator('.labels').nth(1).waitFor();
    const choose = async (name: string) => {
      await page.locator('summary', { hasText: 'Export' }).click();
      await page.getByRole('button', { name }).click();
      expect(await page.getByRole('button', { name }).isVisible()).toBe(false);
    };
    await choose('Copy as Markdown');
    await expect.poll(() => run.copied[0]).toMatch(/^## spatial, step 97, pair 9: worlds-201-skewed-150\n/);
    await choose('Save as image');
    const written = () => expect.poll(() => run.saved.length);
    await written().toBe(1);
    // Where the toolbar has no room, too.
    await page.setViewportSize({ width: 360, height: 800 });
    const more = page.locator('summary', { hasText: 'More' });
    await more.press('Enter');
    await page.getByRole('button', { name: 'Save as HTML' }).hover();
    await shot('narrow-more');
    await expectSound(panel);
    // Two lines, and no more.
    expect((await page.locator('header').boundingBox())!.height).toBeLessThan(80);
    // By keys alone to each that has no room, and back to the word that opened them.
    const passed: (string | null)[] = [];
    for (let i = 0; i < 7; i++) {
      await page.keyboard.press('Tab');
      passed.push(await page.evaluate(() => document.activeElement!.textContent));
    }
    expect(passed.map((text) => text?.trim().split(' ')[0])).toEqual([
      'Grid',
      'What-If',
      'Plain',
      'Keys',
      'Copy',
      'Save',
      'Save',
    ]);
    await page.keyboard.press('Enter');
    await written().toBe(2);
    expect(await more.evaluate((word) => word === document.activeElement)).toBe(true);
    command('copy');
    await expect.poll(() => run.copied.length).toBe(2);
    const [png, html] = run.saved as [TraceRun['saved'][0], TraceRun['saved'][0]];
    expect(png.name).toBe('spatial-step-97-pair-9-worlds-201-skewed-150.png');
    expect(Buffer.from(png.bytes.subarray(1, 4)).toString()).toBe('PNG');
    const text = new TextDecoder().decode(html.bytes);
    expect(text).toMatch(/<img src="data:image\/png;base64,.*✓ correct/s);
    if (process.env.CHIRALITY_SHOTS) {
      writeFileSync(join(process.env.CHIRALITY_SHOTS, 'trace-export.png'), png.bytes);
      writeFileSync(join(process.env.CHIRALITY_SHOTS, 'trace-export.html'), html.bytes);
    }
    expect(panel.faults).toEqual([]);
  });

  slowly('opens the list of model families in full at all widths, by mouse and by keyboard', async () => {
    run = new TraceRun();
    const page = await open();
    await page.locator('.labels').nth(1).waitFor();
    await page.keyboard.press('i');
    const family = page.getByRole('combobox', { name: 'Model family' });
    const options = family.locator('.option');
    /** Names of the options that a click at their centre hits. */
    const visible = () =>
      options.evaluateAll((all) =>
        all
          .filter((one) => {
            const { x, y, width, height } = one.getBoundingClientRect();
            return document.elementFromPoint(x + width / 2, y + height / 2) === one;
          })
          .map((one) => one.textContent),
      );
    await family.waitFor();
    const names = await options.allTextContents();
    for (const width of [1400, 400]) {
      await page.setViewportSize({ width, height: 900 });
      await family.click();
      await expect.poll(async () => (await visible()).length).toBeGreaterThan(5);
      await shot(`families-${width}`);
      await page.keyboard.press('Escape');
      await page.keyboard.press('Enter');
      await page.keyboard.press('End');
      await expect.poll(visible).toContain(names.at(-1));
      await page.keyboard.press('Home');
      await expect.poll(visible).toContain(names[0]);
      await page.keyboard.press('Escape');
    }
    expect(panel.faults).toEqual([]);
  });

  test('shows no view of a model without a processor until the user selects a family', async () => {
    run = new TraceRun();
    const page = await open();
    await page.locator('.labels').nth(1).waitFor();
    await page.keyboard.press('i');
    await expect
      .poll(() => page.locator('.facts-seen').allTextContents())
      .toEqual(['This model has no image processor of a known family. Select a family.']);
    expect(await page.locator('svg.seen').count()).toBe(0);
    await shot('no-family');
    const family = page.getByRole('combobox', { name: 'Model family' });
    await choose(family, 'llava-1.5');
    await expect.poll(() => page.locator('.facts-seen').first().textContent()).toMatch(/^336 × 336 pixels/);
    // The choice is for all pairs of the run.
    command('next');
    await page.locator('.pair-head', { hasText: 'pair 9' }).waitFor({ state: 'detached' });
    expect(await page.locator('.facts-seen').first().textContent()).toMatch(/^336 × 336 pixels/);
    expect(panel.faults).toEqual([]);
  });

  test('exports the image as a model sees it', async () => {
    run = new TraceRun();
    const grey = await encodePng({ w: 320, h: 240, rgb: new Uint8Array(320 * 240 * 3).fill(200) });
    for (const name of readdirSync(join(run.folder, 'data/images')))
      writeFileSync(join(run.folder, 'data/images', name), grey);
    const page = await open();
    await page.locator('.labels').nth(1).waitFor();
    await page.keyboard.press('b');
    await page.keyboard.press('i');
    /** Levels of red at places of the exported image, given as shares of its width and height. */
    const levels = async (...places: [x: number, y: number][]) => {
      const before = run.saved.length;
      command('exportHtml');
      await expect.poll(() => run.saved.length).toBe(before + 1);
      const html = new TextDecoder().decode(run.saved.at(-1)!.bytes);
      if (process.env.CHIRALITY_SHOTS)
        writeFileSync(join(process.env.CHIRALITY_SHOTS, `trace-export-${before}.html`), html);
      const base64 = /data:image\/png;base64,([^"]+)/.exec(html)![1]!;
      return page.evaluate(
        async ([base64, places]) => {
          const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
          const image = await createImageBitmap(new Blob([bytes]));
          const context = new OffscreenCanvas(image.width, image.height).getContext('2d')!;
          context.drawImage(image, 0, 0);
          const { data } = context.getImageData(0, 0, image.width, image.height);
          return places.map(
            ([x, y]) => data[4 * (Math.floor(x * image.width) + Math.floor(y * image.height) * image.width)]!,
          );
        },
        [base64, places] as const,
      );
    };
    // Two images of 464 pixels and a gap of 24. LLaVA 1.5 crops an eighth of the width on each side, dimmed by 65%.
    const family = page.getByRole('combobox', { name: 'Model family' });
    await choose(family, 'llava-1.5');
    const x = (side: number, share: number) => (side * 488 + share * 464) / 952;
    const dim = 200 * 0.35;
    const places = [0, 1].flatMap((side) =>
      [0.06, 0.5, 0.94].map((share): [number, number] => [x(side, share), 0.5]),
    );
    expect(await levels(...places)).toEqual([dim, 200, dim, dim, 200, dim]);
    // Kimi K2.5 pads 320 pixels with 16 on the right, in both views: 5% of the width, white with lines.
    await choose(family, 'kimi-k2.5');
    const column = Array.from({ length: 40 }, (_, i): [number, number] => [x(1, 0.98), i / 50]);
    const padding = await levels([x(1, 0.94), 0.5], [x(1, 0.01), 0.5], ...column);
    expect(padding.slice(0, 2)).toEqual([200, 200]);
    expect(Math.max(...padding.slice(2))).toBe(255);
    expect(Math.min(...padding.slice(2))).toBeLessThan(130);
    expect(panel.faults).toEqual([]);
  });

  test('shows a preloaded pair without a request', async () => {
    run = new TraceRun();
    const { tracePair, ...host } = run.host();
    const id = { step: 97, pair: 3 };
    const pair = await tracePair({ run: run.run, source: undefined, id });
    const page = await open({ id }, { host, pair });
    await page.locator('.pair-head', { hasText: 'pair 3' }).waitFor();
    expect(panel.faults).toEqual([]);
  });

  test('shows a single row, and an error for a missing pair', async () => {
    run = new TraceRun();
    const [first] = run.read(97);
    const alone = {
      ...first!,
      delta: null,
      penalised: null,
      effect: null,
      verdict: null,
      views: first!.views.slice(0, 1),
    };
    run.write(2, [alone]);
    const page = await open({ id: { step: 2, pair: 0 } });
    await page.getByText('no partner view').waitFor();
    await expect.poll(() => page.locator('img:visible').count()).toBe(1);
    await shot('one-view');
    await expectSound(panel);

    show({ id: { step: 2, pair: 7 } });
    await page.getByText('Cannot show this pair').waitFor();
    await shot('no-pair');
    await expectSound(panel);
  });

  test('shows a message without traces, then new pairs after their arrival', async () => {
    run = new TraceRun();
    const steps = [run.read(1), run.read(97)] as const;
    rmSync(join(run.run, 'traces'), { recursive: true });
    const page = await open({});
    await page.getByText('No traces', { exact: true }).waitFor();
    await shot('no-traces');
    await expectSound(panel);
    mkdirSync(join(run.run, 'traces'));
    run.write(1, steps[0]);
    panel.channel.notify('changed', null);
    await at(1, 0);
    run.write(97, steps[1]);
    panel.channel.notify('changed', null);
    await page.getByText('20 pairs').waitFor();
    await at(1, 0);
  });

  slowly('keeps the layout stable while loading, and shows errors', async () => {
    run = new TraceRun();
    let answer: () => void = () => undefined;
    const host = run.host();
    const slow: Partial<TraceHost> = {
      tracePair: async (args) => {
        await new Promise<void>((resolve) => (answer = resolve));
        return host.tracePair(args);
      },
      traceRow: () => Promise.reject(new Error('data.qa.jsonl is gone.')),
    };
    const page = await open(undefined, { host: { ...host, ...slow } });
    await page.getByText('Loading…').waitFor();
    await shot('loading');
    await expect.poll(() => (answer(), page.locator('.inspector').count())).toBe(1);
    await page.getByText('data.qa.jsonl is gone.').waitFor();
    await page.locator('img').nth(1).waitFor();
    command('next');
    await expect.poll(() => page.locator('.inspector').getAttribute('aria-busy')).toBe('true');
    await at(97, 9); // the old pair stays until the new one is here
    await expect.poll(() => (answer(), where())).toBe('step 97 · pair 10');
    await expectSound(panel);
  });

  test('hides the boxes of a row edited after the run', async () => {
    run = new TraceRun();
    const file = join(run.folder, 'data/data.qa.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('which is', 'what is'));
    const page = await open();
    await page.getByText('the row changed after the run').waitFor();
    expect(await page.locator('.labels li:not(.claims)').count()).toBe(0);
  });

  test('shows an evaluation in the same inspector as traces', async () => {
    run = new TraceRun();
    const folder = join(run.run, 'eval/step-000100');
    mkdirSync(folder, { recursive: true });
    const sets = { val: join(run.folder, 'data/data.qa.jsonl') };
    writeFileSync(
      join(folder, 'manifest.json'),
      JSON.stringify({ sets, root: join(run.folder, 'data'), scoring_rules: 5 }),
    );
    const rows = run.read(97).flatMap(({ sample, views }) =>
      views.map(({ view, question, answer, images, group: [completion] }) => ({
        id: sample,
        set: 'val',
        view,
        question,
        answer,
        images,
        segments: [{ stage: 'answer', text: completion!.segments[0]!.text, stop_reason: 'end' }],
        right: completion!.right,
        score: scoreRow({ question, answer, completion: completion!.segments[0]!.text }),
      })),
    );
    writeFileSync(join(folder, 'rows.jsonl'), rowLines(rows));
    const page = await open({ source: 'step-000100' });
    await page.locator('.labels').nth(1).waitFor();
    expect(await page.locator('.completion').count()).toBe(2);
    expect(await page.getByRole('tab').count()).toBe(3);
    expect(await page.locator('.advantage').count()).toBe(0);
    // Evaluations have no rewards. The message is short, because VS Code cuts long messages.
    command('toggleWhatIf');
    await expect
      .poll(() => run.asked)
      .toContain('refuse Evaluations have no rewards. Select Traces at the top.');
    const filter = page.getByRole('combobox', { name: 'Filter' });
    expect(await filter.getAttribute('placeholder')).toBe('Filter: verdict = only_original');
    await shot('evaluation');
    await expectSound(panel);
    // In a narrow window, all answers of the evaluation are its list, not the pair that was open before.
    await page.setViewportSize({ width: 500, height: 800 });
    await page.getByRole('navigation', { name: 'Pairs' }).waitFor({ state: 'hidden' });
    show({ source: 'step-000100', filter: '' });
    await page.getByRole('navigation', { name: 'Pairs' }).waitFor();
    await page.setViewportSize({ width: 1280, height: 1000 });
    // In the default width of the list, headings and percentages have their whole width.
    const cut = page.locator('.grid .row > :nth-child(-n + 2)');
    expect(await cut.first().innerText()).toContain('Outcome');
    expect(await cut.filter({ hasText: '100.0%' }).count()).toBeGreaterThan(0);
    expect(
      await cut.evaluateAll((all) =>
        all
          .flatMap((cell) => [cell, ...cell.querySelectorAll<HTMLElement>('button, bdi')])
          .filter(({ scrollWidth, clientWidth }) => clientWidth > 0 && scrollWidth > clientWidth)
          .map(({ textContent }) => textContent),
      ),
    ).toEqual([]);
    await choose(page.getByLabel('Traces or evaluation'), 'Traces');
    await at(1, 0);
    expect(await filter.getAttribute('placeholder')).toBe('Filter: reward < 0.3 and not kept');
  });

  test('shows an evaluation with several two-stage completions per row', async () => {
    run = new TraceRun();
    const folder = join(run.run, 'eval/drawn');
    mkdirSync(folder, { recursive: true });
    const sets = { val: join(run.folder, 'data/data.qa.jsonl') };
    writeFileSync(
      join(folder, 'manifest.json'),
      JSON.stringify({ sets, root: join(run.folder, 'data'), scoring_rules: 5 }),
    );
    const graph = '```json\n{"objects": [{"id": "cup"}, {"id": "jug"}]}\n```';
    const rows = run.read(97).flatMap(({ sample, views }) =>
      views.flatMap(({ view, question, answer, images, group }) =>
        group.slice(0, 4).map((completion, completion_index) => ({
          id: sample,
          set: 'val',
          view,
          completion_index,
          question,
          answer,
          images,
          segments: [
            { stage: 'graph', text: graph, stop_reason: 'end', source: 'code_block' },
            { stage: 'answer', text: completion.segments[0]!.text, stop_reason: 'end' },
          ],
          right: completion.right,
          score: scoreRow({ question, answer, completion: completion.segments.at(-1)!.text }),
        })),
      ),
    );
    writeFileSync(join(folder, 'rows.jsonl'), rowLines(rows));
    const page = await open({ source: 'drawn' });
    await page.locator('.labels').nth(1).waitFor();
    expect(await page.locator('.completion').count()).toBe(8);
    expect(await page.locator('.group-head').allTextContents()).toEqual([
      expect.stringMatching(/^Original\d of 4 correct$/),
      expect.stringMatching(/^Mirror\d of 4 correct$/),
    ]);
    await stage('Scene graph');
    await page.locator('.stage-body').getByText('cup', { exact: false }).first().waitFor();
    await shot('evaluation-drawn');
    await expectSound(panel);
  });

  slowly('shows long texts and markup as text in a narrow window', async () => {
    run = new TraceRun();
    const attack = '<img src=x onerror="document.title=\'broken into\'"><script>alert(1)</script>';
    const steer = '\u001b[31mred\u001b[0m \u202eright to left\u202c';
    const pairs = run.read(97);
    const pair = pairs[0]!;
    pair.sample = `${attack}${'s'.repeat(300)}`;
    for (const view of pair.views) {
      view.question = `${attack} ${steer} ${'q'.repeat(2000)}`;
      for (const [g, completion] of view.group.entries()) {
        completion.answer_text = `${attack}${'a'.repeat(500)}`;
        completion.segments[0]!.text = `<think>${attack}${g === 0 ? 'x'.repeat(1_000_000) : steer}</think> <answer>${attack}</answer>`;
        for (const part of Object.values(completion.rewards)) part.why = attack;
      }
    }
    run.write(98, pairs);
    const page = await open({ id: { step: 98, pair: 0 } }, { width: 360, height: 800 });
    await page.getByText('This row is no longer in the data file.').waitFor();
    await page.getByRole('button', { name: 'Show More of 1,000,0' }).first().waitFor();
    expect(await page.title()).toBe('Chirality');
    expect(await page.locator('main').textContent()).not.toContain('\u202e');
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    expect(
      await page.locator('main').evaluate((main) => main.scrollWidth - main.clientWidth),
    ).toBeLessThanOrEqual(0);
    await shot('hostile-narrow');
    await stage('Reward');
    expect(await page.locator('.stage-body td').last().isVisible()).toBe(true);
    await expectSound(panel);

    show({ id: { step: 97, pair: 9 } });
    await at(97, 9);
    await page.locator('.labels').nth(1).waitFor();
    await shot('narrow');
    await page.locator('.groups').scrollIntoViewIfNeeded();
    await shot('narrow-groups');
    await page.setViewportSize({ width: 860, height: 800 });
    await shot('medium');
  });

  slowly('restores the position and settings of the Traces panel', async () => {
    run = new TraceRun();
    let page = await open({});
    await at(1, 0);
    command('next');
    await at(1, 1);
    command('toggleBoxes');
    const splitter = page.getByRole('separator', { name: 'List width' });
    await splitter.focus();
    await page.keyboard.press('ArrowRight');
    const width = Number(await splitter.getAttribute('aria-valuenow'));
    const box = (await splitter.boundingBox())!;
    expect(Math.abs(box.x + box.width / 2 - width)).toBeLessThan(4);
    await page.mouse.move(box.x + 2, 400);
    await page.mouse.down();
    await page.mouse.move(box.x + 62, 400);
    await page.mouse.up();
    await expect
      .poll(async () => Number(await splitter.getAttribute('aria-valuenow')))
      .toBeGreaterThan(width + 50);
    const memory = await panel.memory();
    expect(memory).toMatchObject({ run: run.run, id: { step: 1, pair: 1 }, options: { boxes: false } });
    await panel.page.close();
    run.asked.length = 0;
    page = await open({}, { memory });
    await at(1, 1);
    expect(await page.getByRole('button', { name: 'Boxes' }).getAttribute('aria-pressed')).toBe('false');
  });
});

/** Pairs of labels in an image that lie over each other. */
const overlapsOf = (labels: Locator): Promise<string[]> =>
  labels.locator('li').evaluateAll((all) =>
    all.flatMap((one, i) =>
      all.slice(i + 1).flatMap((other) => {
        const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
        const meet = a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
        return meet ? [`${one.textContent} and ${other.textContent}`] : [];
      }),
    ),
  );
