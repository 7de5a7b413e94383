import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { inView } from '../../src/rows/views/view.ts';
import type { Message, Prompt } from '../../src/core/prompts/message.ts';
import type {
  ModelSource,
  PlaygroundHost,
  PlaygroundMemory,
  PlaygroundPage,
  PlayPicture,
  PlayQuestion,
  PlayStrategy,
} from '../../src/panels/playground/playground.contract.ts';
import type { Sample } from '../../src/rows/sample/sample.ts';
import { vocabularyOf } from '../../src/engines/embedded/tokenizer.ts';
import { readGraph } from '../../src/rows/scene-graph/read-graph.ts';
import type { Sampler, TextCompletion } from '../../src/engines/sampler.ts';
import { PairRows } from '../../src/panels/data-rows.reads.ts';
import { playgroundService } from '../../src/panels/playground/playground.reads.ts';
import { ImageFiles } from '../../src/lab/datasets/image-files.ts';
import { ask } from '../../src/lab/evaluation/ask.ts';
import { openStrategy } from '../../src/lab/strategies.ts';
import { playgroundKeys } from '../../webview/playground/playground-keys.ts';
import { expectKeysToBeText, expectNoOtherKeys } from './keys.ts';
import { describePanel, shotsOf, inThemes, type Panel, type PanelOptions } from './page.ts';
import { expectSound, expectSoundWhenNarrow } from './sound.ts';
import { slowly } from '../support/slow.ts';
import { folderOfTests } from '../support/folder.ts';

const KEYS = playgroundKeys({} as never);

const MODELS: ModelSource[] = [
  { id: 'a', kind: 'local', label: 'spatial, step 400', detail: 'runs/spatial', path: '/w/runs/spatial' },
  { id: 'b', kind: 'local', label: 'given, step 400', detail: 'runs/given', path: '/w/runs/given' },
];
const strategy = (name: string, about: string, more: Partial<PlayStrategy> = {}): PlayStrategy => ({
  name,
  label: name,
  about,
  blind: false,
  isOfUser: false,
  ...more,
});
const STRATEGIES = [
  strategy('blind', 'The question alone.', { blind: true }),
  strategy('direct', 'The question and the picture.'),
  strategy('scene-graph', 'A graph, then the answer.'),
  strategy('/w/ways/mine.strategy.yaml', 'Mine.', { label: 'ways/mine.strategy.yaml', isOfUser: true }),
  strategy('/w/bad.strategy.yaml', '', {
    label: 'bad.strategy.yaml',
    isOfUser: true,
    problem: 'bad.strategy.yaml:2:1: error: "stages" is missing.',
  }),
];
const QUESTION = 'On which side of the red cone is the green cylinder?';

/** An image that is shown again. */
const AS_IT_WAS = { question: null, opening: null, asks: false };

/** A model without weights. @param texts what it says to a prompt, by the number of the call */
function modelThatSays(texts: (prompt: string, call: number) => string): Sampler {
  let calls = 0;
  const textOf = (prompt: Prompt) =>
    prompt
      .map(({ content }: Message) => content.filter((part) => typeof part === 'string').join(' '))
      .join(' ');
  return {
    info: () => ({
      engine: 'openai',
      model: 'm',
      contextTokens: null,
      vocabulary: null,
      coordinates: null,
      features: ['system-message', 'image', 'view-mirror', 'temperature', 'seed', 'several-turns'],
      imagesKept: null,
      runtime: '',
    }),
    putImage: () => Promise.resolve({ hash: 'h', width: 1, height: 1 }),
    complete: (prompts, { n }) => {
      const call = calls++;
      const one = (prompt: Prompt): TextCompletion => ({
        text: texts(textOf(prompt), call),
        stopReason: 'end',
      });
      return Promise.resolve(prompts.map((prompt) => Array.from({ length: n }, () => one(prompt))));
    },
    close: () => Promise.resolve(),
  };
}

const GRAPH = JSON.stringify({
  objects: [
    { id: 'red cone', bbox: [40, 60, 140, 220] },
    { id: 'green cylinder', bbox: [180, 80, 280, 240] },
  ],
  relationships: [{ subject: 'green cylinder', relation: 'right of', object: 'red cone' }],
});

describePanel<PlaygroundPage>('Playground', 'playground', (openPage) => {
  const folder = folderOfTests('chirality-playground-');
  let sample: Sample;
  const rows = new PairRows();

  beforeAll(async () => {
    const worlds = ['worlds', '--count', '2', '--seed', '7', '--size', '320', '-o', folder];
    execFileSync(process.execPath, ['dist/cli.js', ...worlds]);
    const [first] = readFileSync(join(folder, 'data.qa.jsonl'), 'utf8').split('\n');
    const { images } = JSON.parse(first!) as Sample;
    sample = { id: '', question: '', answer: '', images };
  });

  let panel: Panel<PlaygroundPage>;
  let said: string[];
  let saved: { question: PlayQuestion; asked: readonly unknown[] }[];
  let models: Record<string, Sampler>;
  /** What the host tells of an answer that an earlier page asked for; null: nothing. */
  let follow: PlaygroundHost['follow'] extends (args: never, call: infer C) => infer R
    ? (call: C) => R
    : never;
  /** Answers wait for this. */
  let gate: Promise<void>;

  async function pictureOf(): Promise<PlayPicture> {
    const place = { folder, root: folder };
    const text = JSON.stringify({ ...sample, id: 'x', question: '?', answer: '?' });
    const { images } = await rows.read({ text, place });
    return { key: 'k', name: 'desk.png', sample, images, scene: null };
  }

  async function open(
    options: Partial<PanelOptions> & {
      picture?: boolean;
      trusted?: boolean;
      models?: ModelSource[];
      follow?: typeof follow;
      opened?: Partial<Parameters<PlaygroundPage['picture']>[0]>;
    } = {},
  ): Promise<Page> {
    said = [];
    saved = [];
    gate = Promise.resolve();
    models = {
      // Each completion goes on from a graph of its own: two say left, the third right.
      a: modelThatSays((prompt, call) =>
        prompt.includes('scene graph in JSON') ? GRAPH : `<answer>${call < 3 ? 'left' : 'right'}</answer>`,
      ),
      b: modelThatSays(() => 'right'),
    };
    const place = { folder, root: folder };
    const { picture = true, trusted = true, opened, ...others } = options;
    const { models: shownModels = MODELS, follow: heard = () => Promise.resolve(null), ...rest } = others;
    follow = heard;
    const asked = (question: PlayQuestion) => playgroundService.questionOf({ row: sample, question });
    const host: PlaygroundHost = {
      ready: () => void said.push('ready'),
      pickPicture: () => Promise.resolve(void said.push('pickPicture')),
      takePicture: (args) =>
        Promise.resolve(void said.push('uri' in args ? args.uri : `${args.name} ${args.bytes.length}`)),
      image: ({ index }) => rows.image({ image: sample.images[index]!, place }),
      mirror: async ({ question }) => (await asked(question)).mirror,
      addModel: () => Promise.resolve(void said.push('addModel')),
      removeModel: ({ id }) => void said.push(`remove ${id}`),
      ask: async ({ model, question, mirrored, strategy, sampling }, call) => {
        call.onProgress({ phase: 'opening the model' });
        await gate;
        call.signal.addEventListener('abort', () => said.push(`cancel ${model}`));
        const { sample: own } = await asked(question);
        const seen = mirrored ? inView(own, 'mirror') : null;
        const images = new ImageFiles(folder, folder);
        return ask(
          models[model]!,
          {
            views: [{ view: 'original', sample: own }, ...(seen ? [{ view: 'mirror', sample: seen }] : [])],
            images,
            strategy: openStrategy(strategy ?? 'direct'),
            sampling: { ...sampling, max_tokens: 100 },
          },
          (stage) => call.onProgress({ stage }),
        );
      },
      follow: ({ model }, call) => {
        said.push(`follow ${model}`);
        return follow(call);
      },
      showPicture: async ({ picture }) => {
        said.push(`picture ${picture}`);
        const again = { ...(await pictureOf()), key: picture, name: `${picture}.png` };
        const source = { name: again.name, place, sample };
        panel.channel.notify('picture', { picture: again, source, ...AS_IT_WAS });
      },
      askScene: () => Promise.reject(new Error('The sandbox is closed.')),
      lookAtScene: () => Promise.reject(new Error('The sandbox is closed.')),
      saveScenes: () => void said.push('saveScenes'),
      save: ({ question, asked }) => Promise.resolve(void saved.push({ question, asked })),
      openKeybindings: () => void said.push('openKeybindings'),
    };
    panel = await openPage(
      { ...host, manageTrust: () => void said.push('manageTrust') },
      { width: 1000, height: 1200, ...rest },
    );
    await expect.poll(() => said).toContain('ready');
    panel.channel.notify('show', { trusted, models: shownModels, strategies: STRATEGIES });
    if (picture)
      panel.channel.notify('picture', {
        picture: await pictureOf(),
        source: { name: 'desk.png', place, sample },
        ...AS_IT_WAS,
        ...opened,
      });
    await panel.page.locator('#question textarea').waitFor();
    if (picture) await panel.page.locator('.frame img').nth(1).waitFor();
    return panel.page;
  }

  const shot = shotsOf('playground', () => panel.page, true);

  const command = (name: Parameters<PlaygroundPage['command']>[0]['name']) =>
    panel.channel.notify('command', { name });
  const mirrored = () => panel.page.locator('.mirrored-question').textContent();
  const verdicts = () => panel.page.locator('.one-model .status .badge').allTextContents();

  // Of 320 × 320 pixels, LLaVA 1.5 gets 336 × 336.
  test('shows the image as the input of the last model’s family', async () => {
    const page = await open();
    panel.channel.notify('show', {
      trusted: true,
      models: MODELS,
      strategies: STRATEGIES,
      sees: 'llava-1.5',
    });
    await page.locator('#question textarea').fill(QUESTION);
    await page.locator('#question textarea').blur();
    await page.keyboard.press('i');
    await expect.poll(() => page.locator('.facts-seen').first().textContent()).toBe('336 × 336 pixels');
    panel.channel.notify('show', { trusted: true, models: MODELS, strategies: STRATEGIES });
    await expect
      .poll(() => page.locator('.facts-seen').allTextContents())
      .toEqual(['This model has no image processor of a known family. Select a family.']);
  });

  inThemes('evaluates two models on both views', async (theme) => {
    const page = await open({ theme });
    await page.locator('#question textarea').fill('Is the green cylinder left of the red cone?');
    await expect.poll(mirrored).toContain('right of the red cone?');
    await page.locator('#question textarea').fill(QUESTION);
    await page.locator('#answer input').fill('left');
    await page.locator('.how summary').click();
    await page.getByLabel('Strategy').selectOption('scene-graph');
    await page.getByLabel('Samples').fill('3');
    await page.getByLabel('Samples').press('Tab');
    command('ask');
    await expect.poll(verdicts).toEqual(['●○ only the original correct', '○● only the mirror correct']);
    expect(await page.locator('.one-model').first().locator('.agreed').allTextContents()).toEqual([
      'left 2 of 3 answers agree',
      'left 2 of 3 answers agree',
    ]);
    await page.locator('.answer-text').first().click();
    await page.locator('.labels').nth(1).waitFor();
    expect(await page.locator('.labels').first().locator('li.graph').allTextContents()).toEqual([
      'red cone',
      'green cylinder',
    ]);
    await shot(theme);
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot(`${theme}-narrow`));
    if (theme === 'light') await expectNoOtherKeys(panel, KEYS);
  });

  test('shows completions stage by stage, and cancels a pending request', async () => {
    const page = await open();
    await page.locator('#question textarea').fill(QUESTION);
    await page.locator('.how summary').click();
    await page.getByLabel('Strategy').selectOption('scene-graph');
    let answer!: () => void;
    models.a!.complete = ((first) => async (prompts, options) => {
      const texts = await first(prompts, options);
      if (!texts[0]![0]!.text.startsWith('{')) await new Promise<void>((resolve) => (answer = resolve));
      return texts;
    })(models.a!.complete);
    command('ask');
    const first = page.locator('.one-model').first();
    await expect.poll(() => first.locator('.stage-text h3').allTextContents()).toEqual(['graph', 'graph']);
    expect(await first.locator('.relations').count()).toBe(2);
    await shot('under-way');
    expect(await first.getAttribute('aria-busy')).toBe('true');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => first.locator('.status').textContent()).toContain('cancelled');
    expect(said).toContain('cancel a');
    answer();
    await page.getByRole('button', { name: 'Ask', exact: false }).first().waitFor();
  });

  test('says that a model with a closed vocabulary received the compact wording', async () => {
    const page = await open();
    const words = vocabularyOf([
      'where is the red-cone from the blue-ball ?',
      readFileSync('library/prompts/answer-direct.prompt.txt', 'utf8'),
    ]);
    const { info } = models.a!;
    models.a!.info = () => ({ ...info(), vocabulary: words });
    await page.locator('#question textarea').fill('On which side of the blue ball is the red cone?');
    command('ask');
    const first = page.locator('.one-model').first();
    await first.getByText('Asked in the compact wording that the model knows:').waitFor();
    expect(await first.locator('.model-head + p').innerText()).toContain(
      'where is the red-cone from the blue-ball ?',
    );
    expect(await page.locator('.one-model').nth(1).getByText('compact wording').count()).toBe(0);
    // A question in this wording and its mirror are both shown as written, with the English below.
    await page.locator('#question textarea').fill('is the red-cone left of the blue-ball ?');
    await expect.poll(mirrored).toContain('is the red-cone right of the blue-ball ?');
    await expect.poll(mirrored).toContain('In English: Is the red cone to the right of the blue ball?');
    await page.getByText('In English: Is the red cone to the left of the blue ball?').waitFor();
    expect(await page.locator('.how summary').innerText()).toBe(
      'Prompt: default · samples: 1 · temperature: 0',
    );
    await shot('compact');
  });

  test('shows a finding about the models only on the related row', async () => {
    const page = await open();
    const finding = 'given answers 100.0% of side questions and 0.8% of their mirrors correctly.';
    const show = async (key: string, more: object) =>
      panel.channel.notify('picture', {
        picture: { ...(await pictureOf()), key },
        source: { name: key, place: { folder, root: folder }, sample, ...more },
        question: null,
        opening: key,
        asks: false,
      });
    await show('telling', { finding });
    await page.getByText(finding).waitFor();
    await shot('finding');
    await expectSound(panel);
    await show('another', {});
    await page.getByText(finding).waitFor({ state: 'detached' });
  });

  test('draws the relations of the scene graph on request', async () => {
    const page = await open();
    const { graph } = readGraph(GRAPH);
    const row = { ...sample, scene_graph: graph! };
    panel.channel.notify('picture', {
      picture: { ...(await pictureOf()), key: 'row', sample: row },
      source: { name: 'row', place: { folder, root: folder }, sample: row },
      question: null,
      opening: 'row',
      asks: false,
    });
    const drawn = () => page.locator('.labels').first().locator('li.relations').allTextContents();
    const toggle = page.getByRole('button', { name: 'Graph' });
    // They say what is asked, so that they are drawn only for who wants them.
    await page.locator('.labels li.graph').first().waitFor();
    expect(await drawn()).toEqual([]);
    await toggle.click();
    await expect.poll(drawn).toEqual(['right of']);
    await shot('row-graph');
    await toggle.click();
    await expect.poll(drawn).toEqual([]);
    expect(await page.locator('.labels').first().locator('li.graph').count()).toBe(2);
  });

  slowly('places labels without overlap in small images', async () => {
    const page = await open({ width: 400, height: 800, theme: 'dark' });
    await page.getByRole('button', { name: 'Graph' }).click();
    const lines = readFileSync(join(folder, 'data.qa.jsonl'), 'utf8').trim().split('\n');
    const all = lines.map((line) => JSON.parse(line) as Sample);
    // A row of each image: of few pixels and with many things in it.
    for (const [i, row] of all
      .filter(({ images }, at) => at === 0 || images[0] !== all[at - 1]!.images[0])
      .entries()) {
      const { images } = await rows.read({ text: JSON.stringify(row), place: { folder, root: folder } });
      panel.channel.notify('picture', {
        picture: { key: `row ${i}`, name: 'row', sample: row, images, scene: null },
        source: { name: 'row', place: { folder, root: folder }, sample: row },
        question: null,
        opening: `row ${i}`,
        asks: false,
      });
      await expect.poll(() => page.locator('.labels li.graph').count()).toBeGreaterThan(2);
      await shot(`labels-${i}`);
      const covered = await page.locator('.labels').evaluateAll((lists) =>
        lists.flatMap((list) => {
          const seen = [...list.children].filter((one) => one.checkVisibility({ opacityProperty: true }));
          const boxes = seen.map((one) => one.getBoundingClientRect());
          return boxes.flatMap((a, i) =>
            boxes.flatMap((b, j) =>
              i < j &&
              a.left < b.right - 1 &&
              b.left < a.right - 1 &&
              a.top < b.bottom - 1 &&
              b.top < a.bottom - 1
                ? [`${seen[i]!.textContent} × ${seen[j]!.textContent}`]
                : [],
            ),
          );
        }),
      );
      expect(covered).toEqual([]);
    }
  });

  test('shows missing input before a request, and scrolls to the answers after the request', async () => {
    const page = await open({ height: 500 });
    expect(await page.locator('#lack').textContent()).toBe('Write a question first.');
    await page.locator('#question textarea').fill(QUESTION);
    expect(await page.locator('#lack').textContent()).toBe('');
    expect(await page.locator('#strategy-about').textContent()).toContain('training prompt');
    await page.locator('.how summary').click();
    await page.getByLabel('Strategy').selectOption('scene-graph');
    expect(await page.locator('#strategy-about').textContent()).toBe('A graph, then the answer.');
    command('ask');
    await expect.poll(verdicts).toHaveLength(2);
    const { y } = (await page.locator('.asked-question').boundingBox())!;
    expect(y).toBeGreaterThan(0);
    expect(y).toBeLessThan(500);
  });

  test('shows why the rules defer a question, and evaluates only the original', async () => {
    const page = await open();
    await page.locator('#question textarea').fill('What is left of the cube?');
    await expect.poll(mirrored).toContain('can mean a side or something else');
    await page.getByRole('button', { name: /^Ask/ }).click();
    await expect.poll(() => page.locator('.one-model .answer-text').count()).toBe(2);
    expect(await verdicts()).toEqual([]);
    await shot('deferred');
  });

  test('shows completions as text, and an error next to its model', async () => {
    const page = await open();
    models.a = modelThatSays(() => '<img src=x onerror=alert(1)>\u202e<b>left</b>');
    models.b = modelThatSays(() => {
      throw new Error('The GPU is out of memory.');
    });
    await page.locator('#question textarea').fill(QUESTION);
    command('ask');
    await expect
      .poll(() => page.locator('.failure').allTextContents())
      .toEqual(['✗ The GPU is out of memory.']);
    expect(await page.locator('.completion img, .completion b').count()).toBe(0);
    expect(await page.locator('.answer-text').first().textContent()).toContain('<img src=x');
    await expectSound(panel);
    // The mirror has a question of its own; an error of all models appears once.
    models.a = models.b;
    await page.locator('#question textarea').fill('Is the red cone left of the cube?');
    command('ask');
    await expect
      .poll(() => page.locator('.failure').allTextContents())
      .toEqual(['✗ The GPU is out of memory.', expect.stringMatching(/^✗ Same error as /)]);
    expect(await page.locator('.asked-question').textContent()).toBe(
      'Question: Is the red cone left of the cube? Mirror: Is the red cone right of the cube?',
    );
  });

  test('saves a row only with a reference answer, for example from a model', async () => {
    const page = await open();
    await page.locator('#question textarea').fill(QUESTION);
    command('ask');
    await expect.poll(verdicts).toEqual(['✗ answers disagree', '✗ answers disagree']);
    await page.getByRole('button', { name: /^Save as Row/ }).click();
    await expect.poll(() => page.locator('.problem').textContent()).toContain('Enter a reference answer');
    expect(saved).toEqual([]);
    await page.locator('.use').first().click();
    await expect.poll(() => page.locator('#answer input').inputValue()).toBe('left');
    await page.getByRole('button', { name: /^Save as Row/ }).click();
    await expect.poll(() => saved.length).toBe(1);
    expect(saved[0]).toMatchObject({ question: { question: QUESTION, answer: 'left' } });
    expect(saved[0]!.asked).toHaveLength(2);
  });

  slowly('restores questions after a reload, and repeats earlier questions', async () => {
    const page = await open();
    await page.locator('#question textarea').fill(QUESTION);
    command('ask');
    await expect.poll(verdicts).toHaveLength(2);
    await page.locator('#question textarea').fill('Is the red cone near?');
    command('ask');
    await expect.poll(() => page.locator('.history .entry').count()).toBe(2);
    await expect.poll(() => page.locator('.one-model[aria-busy=true]').count()).toBe(0);
    const memory = (await panel.memory()) as PlaygroundMemory;
    await page.close();
    const again = await open({ memory });
    await expect.poll(() => again.locator('#question textarea').inputValue()).toBe('Is the red cone near?');
    expect(await again.locator('.history .entry').count()).toBe(2);
    command('older');
    await expect.poll(() => again.locator('.asked-question').textContent()).toContain(QUESTION);
    await expect.poll(() => again.locator('#question textarea').inputValue()).toBe(QUESTION);
    await again.locator('.history .entry').first().click();
    await expect.poll(() => again.locator('#question textarea').inputValue()).toBe('Is the red cone near?');
    expect(await again.locator('.asked-question').textContent()).toContain('Is the red cone near?');
  });

  slowly('restores the image of an earlier question before the next request', async () => {
    const page = await open();
    await page.locator('#question textarea').fill(QUESTION);
    command('ask');
    await expect.poll(verdicts).toHaveLength(2);
    panel.channel.notify('picture', {
      picture: { ...(await pictureOf()), key: 'other', name: 'other.png' },
      source: { name: 'other.png', place: { folder, root: folder }, sample },
      question: { question: 'Is it red?', answer: '', choices: [] },
      opening: 'other',
      asks: false,
    });
    const title = page.getByRole('heading', { level: 1 });
    await expect.poll(() => title.textContent()).toBe('other.png');
    expect(await page.locator('.history .entry .quiet').textContent()).toBe(
      'desk.png · spatial, step 400 · given, step 400',
    );
    await page.locator('.history .entry').click();
    await expect.poll(() => title.textContent()).toBe('k.png');
    expect(said.at(-1)).toBe('picture k');
    await expect.poll(() => page.locator('#question textarea').inputValue()).toBe(QUESTION);
    await expect.poll(mirrored).toContain('On which side');
    await expect.poll(() => page.locator('#lack').textContent()).toBe('');
    // An answer without places leaves the boxes of the row, whose button stays pressed.
    const drawn = () => page.locator('.labels > *').count();
    await expect.poll(drawn).toBeGreaterThan(0);
    const before = await drawn();
    await page.locator('.answer-text').first().click();
    await page.locator('.answer-text[aria-expanded=true]').first().waitFor();
    expect(await drawn()).toBe(before);
  });

  slowly('shows missed and ongoing output after a page restart', async () => {
    const page = await open();
    await page.locator('#question textarea').fill(QUESTION);
    gate = new Promise(() => undefined);
    command('ask');
    await expect.poll(() => page.locator('.one-model[aria-busy=true]').count()).toBe(2);
    const memory = (await panel.memory()) as PlaygroundMemory;
    await page.close();
    const segment = { stage: 'graph', text: 'a cone', stop_reason: 'end' };
    const again = await open({
      memory,
      follow: (call) => {
        call.onProgress({ stage: { view: 'original', completion: 0, segment } });
        return new Promise(() => undefined);
      },
    });
    expect(said).toEqual(expect.arrayContaining(['follow a', 'follow b']));
    await expect
      .poll(() => again.locator('.stage-text').allTextContents())
      .toEqual(['grapha cone', 'grapha cone']);
    expect(await again.getByRole('button', { name: 'Cancel' }).count()).toBe(1);
    await again.close();
    // The host knows nothing of them any more: the window is new.
    const anew = await open({ memory });
    await expect
      .poll(() => anew.locator('.one-model .status').allTextContents())
      .toEqual(['cancelled ', 'cancelled ']);
  });

  test('warns if the reference answer is not one of the choices', async () => {
    const page = await open();
    await page.locator('#question textarea').fill(QUESTION);
    await page.locator('#answer input').fill('behind');
    const warning = page.locator('#not-a-choice');
    expect(await warning.textContent()).toBe('');
    await page.getByRole('textbox', { name: 'Choices' }).fill('left; right');
    await page.getByRole('textbox', { name: 'Choices' }).press('Tab');
    await expect.poll(() => warning.textContent()).toBe('The reference answer is not one of the choices.');
    await shot('no-choice');
    await expectSound(panel);
    for (const fits of ['right', '(A)', 'B']) {
      await page.locator('#answer input').fill(fits);
      await expect.poll(() => warning.textContent()).toBe('');
      await page.locator('#answer input').fill('up');
      await expect.poll(() => warning.textContent()).not.toBe('');
    }
  });

  test('lists strategies of the workspace, and disables invalid strategies', async () => {
    const page = await open();
    const options = (group: string) => page.locator(`optgroup[label="${group}"] option`);
    expect(await options('Built-in').allTextContents()).toEqual(['blind', 'direct', 'scene-graph']);
    expect(await options('In this folder').allTextContents()).toEqual([
      'ways/mine.strategy.yaml',
      'bad.strategy.yaml (invalid)',
    ]);
    expect(await options('In this folder').nth(1).isDisabled()).toBe(true);
    await page.locator('.how summary').click();
    // The list is as wide as its longest option.
    const narrower = await page.getByLabel('Strategy').evaluate((list) => {
      const free = list.cloneNode(true) as HTMLElement;
      free.style.width = 'max-content';
      document.body.append(free);
      const { width } = free.getBoundingClientRect();
      free.remove();
      return width - list.getBoundingClientRect().width;
    });
    expect(narrower).toBeLessThanOrEqual(1);
    await page.getByLabel('Strategy').selectOption('ways/mine.strategy.yaml');
    expect(await page.locator('#strategy-about').textContent()).toBe('Mine.');
  });

  test('excludes VS Code language models for images, with the reason', async () => {
    const chat: ModelSource = {
      id: 'b',
      kind: 'vscode',
      label: 'Scripted',
      detail: 'test, VS Code',
      vendor: 'test',
      model: 'scripted-1',
    };
    const page = await open({ models: [MODELS[0]!, chat] });
    await page.locator('#question textarea').fill(QUESTION);
    const note = page.locator('.models p');
    expect(await note.textContent()).toContain('Skipped: Scripted. VS Code language models accept only text');
    await shot('text-only');
    await expectSound(panel);
    command('ask');
    await expect.poll(verdicts).toHaveLength(1);
    await page.locator('.how summary').click();
    await page.getByLabel('Strategy').selectOption('blind');
    expect(await note.count()).toBe(0);
    command('ask');
    await expect.poll(verdicts).toHaveLength(2);
    panel.channel.notify('show', { trusted: true, models: [chat], strategies: STRATEGIES });
    await page.getByLabel('Strategy').selectOption('direct');
    await expect
      .poll(() => page.locator('#lack').textContent())
      .toBe('These models do not accept images. Select a strategy without images, such as blind.');
  });

  test('evaluates a row selected by the program at once, and only once', async () => {
    const question = { question: QUESTION, answer: 'right', choices: [] };
    const page = await open({ opened: { question, opening: 'first', asks: true } });
    await expect.poll(verdicts).toHaveLength(2);
    expect(await page.locator('.asked-question').textContent()).toContain(QUESTION);
    const mirrored = page.locator('.mirrored-question');
    await expect.poll(() => mirrored.innerText()).toMatch(/Reference answer: left$/);
    // The names of rules are the program's own.
    expect(await mirrored.innerText()).not.toMatch(/\bside\./);
    const memory = (await panel.memory()) as PlaygroundMemory;
    await page.close();
    const back = await open({ memory, opened: { question, opening: 'first', asks: true } });
    expect(await back.locator('.history .entry').count()).toBe(1);
  });

  test('evaluates both views once, for any order of arrival of the row and the models', async () => {
    const question = { question: QUESTION, answer: 'right', choices: [] };
    await open({ picture: false, models: [] });
    const source = { name: 'desk.png', place: { folder, root: folder }, sample };
    const told = { picture: await pictureOf(), source, question, opening: 'first', asks: true };
    panel.channel.notify('picture', told);
    panel.channel.notify('show', { trusted: true, models: MODELS, strategies: STRATEGIES });
    panel.channel.notify('picture', told);
    await expect.poll(verdicts).toHaveLength(2);
  });

  test('drops the reference answer of a row with the question of the row', async () => {
    const question = { question: QUESTION, answer: 'right', choices: ['left', 'right'] };
    const page = await open({ opened: { question, opening: 'first' } });
    const answer = page.locator('#answer input');
    await expect.poll(() => answer.inputValue()).toBe('right');
    await page.locator('#question textarea').fill('What colour is the dog?');
    await expect.poll(() => answer.inputValue()).toBe('');
    // A typed reference answer belongs to the typed question.
    await answer.fill('brown');
    await page.locator('#question textarea').fill('Which colour is the dog?');
    expect(await answer.inputValue()).toBe('brown');
  });

  test('loads the question of a row once, and keeps later edits', async () => {
    const question = { question: QUESTION, answer: 'right', choices: [] };
    const page = await open({ opened: { question, opening: 'first' } });
    await expect.poll(() => page.locator('#question textarea').inputValue()).toBe(QUESTION);
    await page.locator('#question textarea').fill('Is the red cone near?');
    command('ask');
    await expect.poll(verdicts).toHaveLength(2);
    const memory = (await panel.memory()) as PlaygroundMemory;
    await page.close();
    const back = await open({ memory, opened: { question, opening: 'first' } });
    await expect.poll(() => back.locator('#question textarea').inputValue()).toBe('Is the red cone near?');
    expect(await back.locator('.asked-question').textContent()).toContain('Is the red cone near?');
    await back.close();
    const anew = await open({ memory, opened: { question, opening: 'second' } });
    await expect.poll(() => anew.locator('#question textarea').inputValue()).toBe(QUESTION);
    expect(await anew.locator('.asked-question').count()).toBe(0);
  });

  test('accepts a pasted image and a dropped file', async () => {
    const page = await open({ picture: false });
    await shot('empty');
    await expectSound(panel);
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(5)], 'cat.png', { type: 'image/png' }));
      dispatchEvent(new ClipboardEvent('paste', { clipboardData: data }));
      const list = new DataTransfer();
      list.setData('text/uri-list', 'file:///w/dog.png');
      dispatchEvent(new DragEvent('drop', { dataTransfer: list }));
    });
    await expect.poll(() => said).toContain('cat.png 5');
    expect(said).toContain('file:///w/dog.png');
  });

  test('sends no request in Restricted Mode, and explains why', async () => {
    const page = await open({ trusted: false });
    await page.locator('#question textarea').fill(QUESTION);
    command('ask');
    await expect.poll(() => page.locator('.problem').textContent()).toContain('Restricted Mode');
    expect(await page.locator('.one-model').count()).toBe(0);
    await page.getByRole('button', { name: 'Manage Workspace Trust' }).click();
    await expect.poll(() => said).toContain('manageTrust');
    await shot('restricted');
  });

  slowly('fits the Playground into a narrow panel', async () => {
    const page = await open({ width: 360, height: 800 });
    await page.locator('#question textarea').fill(QUESTION);
    command('ask');
    await expect.poll(verdicts).toHaveLength(2);
    await shot('narrow');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await expectSound(panel);
  });

  test('treats letters as text while a field has the focus', async () => {
    const page = await open();
    const boxes = () => page.getByRole('button', { name: 'Boxes' }).getAttribute('aria-pressed');
    const focus = () => page.evaluate(() => document.activeElement?.id);
    await page.locator('#question textarea').focus();
    await page.keyboard.type('b');
    await page.keyboard.press('Escape');
    expect([await boxes(), await focus()]).toEqual(['true', '']);
    await page.keyboard.press('b');
    await expect.poll(boxes).toBe('false');
    await page.keyboard.press('e');
    expect(await focus()).toBe('question');
    // The palette says what it says, whatever has the focus.
    command('toggleBoxes');
    await expect.poll(boxes).toBe('true');
    await expectKeysToBeText(panel, KEYS);
  });
});
