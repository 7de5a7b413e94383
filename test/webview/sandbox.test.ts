import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { Look } from '../../src/core/insight/look.ts';
import type { ModelAnswers } from '../../src/core/metrics/model-answers.ts';
import type {
  ModelSource,
  PlaygroundHost,
  PlaygroundMemory,
  PlaygroundPage,
} from '../../src/panels/playground/playground.contract.ts';
import { Random } from '../../src/base/random.ts';
import { MIRROR, ORIGINAL, PAIR } from '../../src/rows/view-list.ts';
import { rowOfScene } from '../../src/core/worlds/sandbox/scene-row.ts';
import {
  differenceOf,
  newScene,
  seen,
  wordsOf,
  type SandboxScene,
} from '../../src/core/worlds/sandbox/sandbox-scene.ts';
import { HEADS, LAYERS, viewWith } from '../support/look.ts';
import { choose, describePanel, shotsOf, inThemes, type Panel, type PanelOptions } from './page.ts';
import { expectSound, expectSoundWhenNarrow } from './sound.ts';

const MODELS: ModelSource[] = [
  { id: 'late', kind: 'local', label: 'late, step 9', detail: 'runs/late', path: '/w/runs/late' },
  { id: 'left', kind: 'local', label: 'left, step 9', detail: 'runs/left', path: '/w/runs/left' },
];

/** One says "right" only from 10% of the width on, the other says "left" of everything. */
function answersOf(model: string, scene: SandboxScene, mirrored: boolean): ModelAnswers {
  const views = (mirrored ? PAIR : [ORIGINAL]).map((view) => {
    const { question, answer } = wordsOf(scene, view);
    const difference = differenceOf(seen(scene), scene.question) * (view === MIRROR ? -1 : 1);
    const says = model === 'late' && difference > 0.1 ? 'right' : 'left';
    const segments = [{ stage: 'answer', text: says, stop_reason: 'end' }];
    return {
      view,
      question,
      reference: answer,
      majority: { answer: says, count: 1, of: 1 },
      completions: [{ segments, answer: says, right: says === answer }],
    };
  });
  const right = views.map(({ completions }) => completions[0]!.right);
  const verdict = right[0]
    ? right[1]
      ? 'consistent'
      : 'only_original'
    : right[1]
      ? 'only_mirror'
      : 'neither';
  return {
    model,
    strategy: 'direct',
    sampling: { n: 1, temperature: 0, top_p: 1, seed: 0, max_tokens: 8 },
    views,
    verdict: mirrored ? verdict : null,
    agreement: null,
  } as ModelAnswers;
}

/** What a model looked at, as the Pair panel gets it. */
const lookOf = (model: string): Look => ({
  kind: 'look',
  engine: 'embedded',
  model,
  step: null,
  strategy: 'direct',
  general_prompt: '',
  id: 'sandbox',
  layers: LAYERS,
  heads: HEADS,
  words: [],
  views: PAIR.map((view) => viewWith(view, ['answer', 'cone'])),
});

const ELSEWHERE = 'Cannot analyse left, step 9 because the endpoint returns only text. Select a local model.';

const DIRECT = {
  name: 'direct',
  label: 'direct',
  about: 'The question and the picture.',
  blind: false,
  isOfUser: false,
};

describePanel<PlaygroundPage>('sandbox of the Playground', 'playground', (openPage) => {
  let panel: Panel<PlaygroundPage>;
  let asked: { model: string; scene: SandboxScene }[];
  let saved: Parameters<PlaygroundHost['saveScenes']>[0]['rows'];
  let gate: Promise<void>;
  /** Calls by model, in the order in which they began and ended. */
  let calls: { model: string; kind: 'ask' | 'look'; scene: SandboxScene; ended: boolean }[];
  let lookGate: Promise<void>;

  const row = newScene(Random.from(4), 'compact');

  async function open(
    options: Partial<PanelOptions> & { trusted?: boolean; sees?: string } = {},
  ): Promise<Page> {
    asked = [];
    calls = [];
    gate = lookGate = Promise.resolve();
    const { trusted = true, sees, ...rest } = options;
    const host: Partial<PlaygroundHost> = {
      ready: () => undefined,
      askScene: async ({ model, scene, mirrored }, { signal }) => {
        asked.push({ model, scene: scene as SandboxScene });
        const call = { model, kind: 'ask' as const, scene: scene as SandboxScene, ended: false };
        calls.push(call);
        await gate;
        if (sees && (scene as SandboxScene).style === 'english') throw new Error('Unknown words.');
        call.ended = true;
        signal.throwIfAborted();
        return answersOf(model, scene as SandboxScene, mirrored);
      },
      lookAtScene: async ({ model, scene }, { signal }) => {
        // Nothing else is on the way to the model.
        expect(calls.filter((one) => one.model === model && !one.ended)).toEqual([]);
        const call = { model, kind: 'look' as const, scene: scene as SandboxScene, ended: false };
        calls.push(call);
        signal.addEventListener('abort', () => (call.ended = true));
        await lookGate;
        call.ended = true;
        if (model === 'left') throw new Error(ELSEWHERE);
        return lookOf(model);
      },
      saveScenes: ({ rows }) => void (saved = rows),
    };
    panel = await openPage(host, { width: 1000, height: 1100, ...rest });
    panel.channel.notify('show', { trusted, models: MODELS, strategies: [DIRECT], ...(sees && { sees }) });
    if (!options.memory) {
      const { sample } = rowOfScene(row, 'x', 'x.png');
      panel.channel.notify('picture', {
        picture: { key: 'k', name: 'val, line 1', sample, images: [], scene: row },
        source: { name: 'val, line 1', place: { folder: '/w', root: '/w' }, sample },
        question: null,
        opening: null,
        asks: false,
      });
      await panel.page.getByRole('heading', { name: 'val, line 1' }).waitFor();
      panel.channel.notify('command', { name: 'sandbox' });
    }
    await panel.page.locator('.scene canvas').nth(1).waitFor();
    return panel.page;
  }

  const shot = shotsOf('sandbox', () => panel.page, true);
  const solid = (letter: string) => panel.page.locator('button.solid', { hasText: letter });
  const question = () => panel.page.locator('.sandbox-question').allTextContents();
  const verdicts = () => panel.page.locator('.one-model .status .badge').allTextContents();
  const answers = () => panel.page.locator('.one-model .line bdi').allTextContents();
  const now = async () => ((await panel.memory()) as PlaygroundMemory).sandbox!;
  const place = async () => {
    const scene = await now();
    return differenceOf(seen(scene), scene.question);
  };
  async function dragTo(letter: string, share: number): Promise<void> {
    const frame = (await panel.page.locator('.scene').first().boundingBox())!;
    const box = (await solid(letter).boundingBox())!;
    await panel.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await panel.page.mouse.down();
    await panel.page.mouse.move(frame.x + share * frame.width, box.y + box.height / 2, { steps: 10 });
    await panel.page.mouse.up();
  }

  inThemes('evaluates a dragged scene, and finds a breaking point', async (theme) => {
    const page = await open({ theme });
    await expect.poll(verdicts).toHaveLength(2);
    const words = (answer: string) => expect.stringContaining(`Answer: ${answer}`) as string;
    await dragTo('A', 0.25);
    await dragTo('B', 0.45);
    // The pointer is still over it, and hides nothing of what it drags.
    const colour = await solid('B').evaluate((one) => getComputedStyle(one).backgroundColor);
    expect(colour).toBe('rgba(0, 0, 0, 0)');
    await expect.poll(question).toEqual([words('left'), words('right')]);
    // A person reads English; the models are asked in the few words that they know.
    expect((await question())[0]).toMatch(/^On which side of the \w+ \w+ is the \w+ \w+\?/);
    const toModel = await page.locator('.sandbox-question').first().getAttribute('title');
    expect(toModel).toBe(`Question sent to the model: ${wordsOf(row, ORIGINAL).question}`);
    await expect.poll(answers).toEqual(['left', 'right', 'left', 'left']);
    await page.getByRole('button', { name: 'Find Breaking Point' }).first().click();
    const found = page.locator('.found').first();
    await expect.poll(() => found.textContent()).toContain('from “left” to “right”');
    // It changes at 10% of the width, where the right answer has been "right" since 0.
    expect(await place()).toBeGreaterThan(0.1);
    expect(await place()).toBeLessThan(0.1 + 2 / row.size.w);
    await expect.poll(() => found.textContent()).toContain('counter-example');
    await shot(`${theme}-found`);
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot(`${theme}-narrow`));
    await found.getByRole('button', { name: 'Save as Rows' }).click();
    await expect.poll(() => saved?.length).toBe(2);
    const [before, after] = saved.map(({ scene }) => differenceOf(seen(scene as SandboxScene), row.question));
    expect([before! <= 0.1, after! > 0.1]).toEqual([true, true]);
    expect(saved.map((one) => one.asked[0]!.views.length)).toEqual([2, 2]);
  });

  test('shows one correct and one wrong scene for a model with a constant answer', async () => {
    const page = await open();
    await expect.poll(verdicts).toHaveLength(2);
    await dragTo('B', 0.5);
    const before = await place();
    await page.getByRole('button', { name: 'Find Breaking Point' }).nth(1).click();
    await expect
      .poll(() => page.locator('.found').textContent())
      .toContain('answers “left” for all positions on this line, even where this answer is wrong');
    expect(await page.locator('.found-pair .line').allTextContents()).toEqual([
      expect.stringContaining('correct'),
      expect.stringContaining('wrong'),
    ]);
    // The result stays with its scene while the panel is hidden.
    const result = await page.locator('.found').textContent();
    const memory = await panel.memory();
    await page.close();
    const again = await open({ memory });
    expect(await again.locator('.found').textContent()).toBe(result);
    await again.getByRole('button', { name: 'Save as Rows' }).waitFor();
    await again.getByRole('button', { name: 'Restore Scene' }).click();
    await again.locator('.found').waitFor({ state: 'detached' });
    expect(await place()).toBeCloseTo(before, 6);
  });

  test('moves objects by keyboard, and evaluates only the last scene', async () => {
    const page = await open();
    await expect.poll(verdicts).toHaveLength(2);
    let go!: () => void;
    gate = new Promise((resolve) => (go = resolve));
    const before = asked.length;
    const start = await place();
    await solid('A').focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => asked.length).toBe(before + 2);
    await page.keyboard.press('Shift+ArrowLeft');
    await page.waitForTimeout(500);
    expect(asked).toHaveLength(before + 2);
    go();
    await expect.poll(() => asked.length).toBe(before + 4);
    expect(asked.at(-1)!.scene).toEqual(await now());
    expect(await place()).toBeLessThan(start);
    const pressed = () => page.locator('button.solid[aria-pressed=true]').getAttribute('aria-label');
    const first = await pressed();
    await page.keyboard.press('n');
    await expect.poll(pressed).not.toBe(first);
  });

  inThemes('shows attention with the answers on request', async (theme) => {
    const page = await open({ theme });
    await expect.poll(verdicts).toHaveLength(2);
    expect(calls.filter(({ kind }) => kind === 'look')).toEqual([]);
    await page.keyboard.press('l');
    const maps = page.locator('.attended .heat');
    await expect.poll(() => maps.count()).toBe(2);
    const brightest = (at: number) =>
      maps
        .nth(at)
        .locator('.more')
        .evaluateAll((all) =>
          all.flatMap((one, i) => (Number((one as SVGElement).style.fillOpacity) < 0.1 ? [i % 8] : [])),
        );
    // The two heads of the last layer but one read neighbouring columns, and in the mirror those across.
    expect(await brightest(0)).toEqual([1, 2]);
    expect(await brightest(1)).toEqual([5, 6]);
    expect(await page.locator('.attended figcaption').first().textContent()).toContain('on the image');
    expect(await page.locator('.one-model .failure').textContent()).toContain(ELSEWHERE);
    await choose(page.getByRole('combobox', { name: 'Attention of' }), 'cone');
    await solid('A').focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => page.locator('.attended.old').count()).toBe(0);
    await expect.poll(async () => calls.at(-1)!.scene).toEqual(await now());
    await expect.poll(() => page.locator('.attended:not(.old) .heat').count()).toBe(2);
    await shot(`${theme}-look`);
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot(`${theme}-look-narrow`));
    await page.getByRole('button', { name: 'Attention' }).click();
    await expect.poll(() => maps.count()).toBe(0);
  });

  test('drops an attention analysis of an earlier scene', async () => {
    const page = await open();
    await expect.poll(verdicts).toHaveLength(2);
    let go!: () => void;
    lookGate = new Promise((resolve) => (go = resolve));
    const looks = () => calls.filter(({ model, kind }) => model === 'late' && kind === 'look');
    await page.keyboard.press('l');
    await expect.poll(() => looks().length).toBe(1);
    await solid('A').focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => looks().length).toBe(2);
    expect(looks()[0]!.ended).toBe(true);
    expect(await page.locator('.attended .heat').count()).toBe(0);
    go();
    await expect.poll(() => page.locator('.attended:not(.old) .heat').count()).toBe(2);
    expect(looks()[1]!.scene).toEqual(await now());
  });

  test('changes the objects of the question and the scene', async () => {
    const page = await open();
    await expect.poll(question).toHaveLength(2);
    const [before] = await question();
    const { world, question: asks } = row;
    const { colour, shape } = world.objects[asks.objects[1]!]!;
    await choose(page.getByRole('combobox', { name: 'A', exact: true }), `${colour} ${shape}`);
    await expect.poll(async () => (await question())[0]).not.toBe(before);
    await page.getByRole('button', { name: 'New Scene' }).click();
    await expect.poll(async () => (await now()).world).not.toEqual(row.world);
  });

  test('shows the objects of a new scene in the lists', async () => {
    const page = await open();
    const listed = () =>
      page
        .locator('vscode-dropdown:is([aria-label=A], [aria-label=B])')
        .evaluateAll((all) => all.map((one) => (one as unknown as { displayValue: string }).displayValue));
    for (let i = 0; i < 3; i++) {
      await page.getByRole('button', { name: 'New Scene' }).click();
      await expect
        .poll(async () => {
          const { world, question } = await now();
          const names = question.objects.map((at) => world.objects[at]!).map((o) => `${o.colour} ${o.shape}`);
          return (await listed()).join() === names.join();
        })
        .toBe(true);
    }
  });

  test('uses the compact wording for embedded models, and offers it if they do not know the words', async () => {
    const page = await open({ sees: 'embedded@64,16' });
    await page.keyboard.press('w');
    await page.locator('#question').waitFor();
    const sample = { id: '', question: '', answer: '', images: ['photo.png'] };
    panel.channel.notify('picture', {
      picture: { key: 'p', name: 'photo.png', sample, images: [], scene: null },
      source: { name: 'photo.png', place: { folder: '/w', root: '/w' }, sample },
      question: null,
      opening: null,
      asks: false,
    });
    await page.getByRole('heading', { name: 'photo.png' }).waitFor();
    panel.channel.notify('command', { name: 'sandbox' });
    await expect.poll(async () => (await now()).style).toBe('compact');
    await choose(page.getByRole('combobox', { name: 'Wording' }), 'English');
    await page.getByRole('button', { name: 'Use Compact Wording' }).first().click();
    await expect.poll(async () => (await now()).style).toBe('compact');
    await expect.poll(verdicts).toHaveLength(2);
    expect(await page.locator('.failure').count()).toBe(0);
  });

  test('restores the scene after a reload, and sends no request in Restricted Mode', async () => {
    await open();
    await dragTo('A', 0.4);
    const scene = await now();
    const memory = await panel.memory();
    await panel.page.close();
    const page = await open({ memory, trusted: false });
    expect(await now()).toEqual(scene);
    await page.waitForTimeout(600);
    expect(asked).toEqual([]);
    await page.keyboard.press('w');
    await page.locator('#question').waitFor();
  });
});
