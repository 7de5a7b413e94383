import { inEnglish } from '../../../src/core/worlds/questions/in-english.ts';
import { fork, type ChildProcess } from 'node:child_process';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelAnswers, FinishedStage } from '../../../src/core/metrics/model-answers.ts';
import { mirrorToAsk } from '../../../src/rows/views/view.ts';
import { Channel } from '../../../src/base/channel.ts';
import type { ServedModel, ServedQuestion } from '../../../src/core/insight/served-model.ts';
import type { Sample } from '../../../src/rows/sample/sample.ts';
import { refuse, reply, ScriptedServer, textOf, type Turn } from '../engines/openai/server.ts';
import { chirality, CLI, trainedProject } from '../lab/recipes/cli.ts';
import { parseRows } from '../../support/rows.ts';
import { slowly } from '../../support/slow.ts';

let folder: string;
let row: Sample;
beforeAll(async () => {
  folder = await trainedProject('chirality ask ', 'sft');
  const [first] = (await readFile(join(folder, 'val/data.qa.jsonl'), 'utf8')).split('\n');
  row = JSON.parse(first!) as Sample;
  await copyFile(join(folder, 'val', imageOf(row)), join(folder, 'picture.png'));
});
afterAll(() => rm(folder, { recursive: true }));

const imageOf = ({ images: [image] }: Sample) => (image as { path: string }).path;
const objects = (stdout: string) => parseRows<ModelAnswers & { mirror: object | null }>(stdout);
const ask = (...args: string[]) => chirality(folder, 'ask', 'picture.png', ...args);

describe('ask: checkpoint of a run', () => {
  it('a checkpoint receives its trained prompt, with the image and its mirror', async () => {
    const args = [row.question, '--model', 'sft', '--mirror', '--answer', row.answer];
    const said = await ask(...args, '--choice', 'left', '--choice', 'right', '--json');
    expect(said).toMatchObject({ code: 0 });
    const [asked] = objects(said.stdout);
    expect(asked).toMatchObject({ model: 'sft, step 30', strategy: 'trained' });
    const other = row.answer === 'left' ? 'right' : 'left';
    expect(asked!.views.map(({ view, reference }) => [view, reference])).toEqual([
      ['original', row.answer],
      ['mirror', other],
    ]);
    for (const { completions } of asked!.views) {
      const [{ answer, right, segments }] = completions as [(typeof completions)[0]];
      expect(segments.map(({ stage }) => stage)).toEqual(['answer']);
      expect(segments[0]!.text).toContain(answer);
      expect(typeof right).toBe('boolean');
    }
    const right = asked!.views.map(({ completions }) => completions[0]!.right);
    const verdict = [
      ['neither', 'only_mirror'],
      ['only_original', 'consistent'],
    ][Number(right[0])]!;
    expect(asked!.verdict).toBe(verdict[Number(right[1])]);
  });

  it('finds a checkpoint by its folder, and answers deterministically for a seed', async () => {
    const model = ['--model', 'runs/sft/checkpoints/step-000030'];
    const draw = (seed: string) => ask(row.question, ...model, '--n', '4', '--seed', seed, '--json');
    const [first, again, other] = await Promise.all([draw('1'), draw('1'), draw('2')]);
    const [asked] = objects(first.stdout);
    expect(asked!.views[0]!.completions).toHaveLength(4);
    expect(asked!.sampling.temperature).toBeGreaterThan(0);
    expect(again.stdout).toBe(first.stdout);
    expect(objects(other.stdout)[0]!.views).not.toEqual(asked!.views);
  });

  it('reports the compact wording that a model with a closed vocabulary receives', async () => {
    const english = inEnglish(row.question);
    expect(english).not.toBe(row.question);
    const [asked] = objects((await ask(english, '--model', 'sft', '--json')).stdout);
    expect(asked!.views[0]).toMatchObject({ question: english, sent: row.question });
    expect((await ask(english, '--model', 'sft')).stdout).toContain(`compact wording: ${row.question}`);
    const [same] = objects((await ask(row.question, '--model', 'sft', '--json')).stdout);
    expect(same!.views[0]).not.toHaveProperty('sent');
  });

  it('rejects words outside the vocabulary of the checkpoint', async () => {
    const said = await ask('Is the zebra left of it?', '--model', 'nothing', '--model', 'sft');
    expect(said.code).toBe(1);
    expect(said.stderr).toContain('Model "nothing" does not exist.');
    expect(said.stderr).toMatch(/does not know .*"zebra".*Use only the words /);
  });
});

it('ask: reports invalid options before it loads a model', async () => {
  const wrong: [string[], number, string][] = [
    [[row.question], 2, 'No model is set'],
    [[' ', '--model', 'sft'], 2, 'The question is empty. Pass a question.'],
    [[row.question, '--model', 'sft', '--strategy', 'nonsense'], 2, 'Strategy "nonsense" does not exist.'],
    [[row.question, '--model', 'sft', '--save', 'a.qa.jsonl'], 2, '--save requires a reference answer'],
    [[row.question, '--model', 'sft', '--n', '2', '--temperature', '0'], 2, 'requires sampling'],
    [[row.question, '--model', 'sft', '--step', '7'], 2, 'Checkpoint of step 7 does not exist.'],
    [[row.question, '--model', 'nothing'], 2, 'Model "nothing" does not exist.'],
  ];
  for (const [args, code, message] of wrong) {
    const said = await ask(...args);
    expect(said.stdout).toBe('');
    expect(said.code).toBe(code);
    expect(said.stderr).toContain(message);
  }
  const missing = await chirality(folder, 'ask', 'nothing.png', row.question, '--model', 'sft');
  expect(missing).toMatchObject({ code: 2 });
  expect(missing.stderr).toContain('nothing.png: The file does not exist.');
});

it('ask: names a damaged image', async () => {
  const picture = await readFile(join(folder, 'val/images/000001.png'));
  await writeFile(join(folder, 'cut.png'), picture.subarray(0, 100));
  const said = await chirality(folder, 'ask', 'cut.png', row.question, '--model', 'sft');
  expect([said.code, said.stderr]).toEqual([1, expect.stringMatching(/cut\.png: .*image/)]);
});

describe('ask: model of an endpoint', () => {
  let server: ScriptedServer;
  let turn: Turn;
  beforeAll(async () => {
    server = await ScriptedServer.start((request, response, n) => turn(request, response, n));
  });
  afterAll(() => server.close());
  const endpoint = (...args: string[]) => [
    '--endpoint',
    server.url,
    '--model',
    'org/m',
    '--no-cache',
    '--retries',
    '0',
    ...args,
  ];

  it('answers in two stages, and escapes the answer of the model', async () => {
    const evil = '\u001b[31m<b>right\u202e';
    turn = (request, response) =>
      reply(
        response,
        textOf(request).includes('scene graph in JSON') && !textOf(request).includes('"cup"')
          ? '{"objects": [{"id": "cup"}], "relationships": []}'
          : `<answer>${textOf(request).includes('left') ? 'Yes' : 'No'}</answer> ${evil}`,
      );
    const said = await ask(
      'Is the cup left of the plate?',
      ...endpoint('--mirror', '--strategy', 'scene-graph'),
    );
    expect(said.code).toBe(0);
    expect(said.stdout).toContain('Mirrored: Is the cup right of the plate?');
    expect(said.stdout).toContain('graph: {"objects"');
    expect(said.stdout).toContain('\\e[31m<b>right\\u{202e}');
    expect(said.stdout).not.toContain('\u001b');
    expect(said.stdout).toContain('The answers disagree under the mirror rules.');
    // Two views, two stages; each view has its own pixels.
    const urls = server.requests
      .slice(-4)
      .map(({ body }) => /"url":"([^"]+)"/.exec(JSON.stringify(body))?.[1]);
    expect(new Set(urls).size).toBe(2);
  });

  it('sends only the original if the rules cannot mirror the question, and reports why', async () => {
    turn = (_, response) => reply(response, 'A ball.');
    const before = server.requests.length;
    const said = await ask('What is left of the cube?', ...endpoint('--mirror'));
    expect(said.stdout).toContain('The rules cannot mirror the question: "left" can mean');
    expect(server.requests).toHaveLength(before + 1);
  });

  it('ask --save: answers, and appends the question to a file as a row', async () => {
    turn = (_, response) => reply(response, 'left');
    const save = endpoint('--mirror', '--answer', 'right', '--save', 'rows/kept.qa.jsonl');
    for (const line of [1, 2]) {
      const said = await ask('On which side of the cone is the ball?', ...save);
      expect(said.stderr).toContain(`Saved as line ${line} of rows/kept.qa.jsonl.`);
    }
    const checked = await chirality(folder, 'data', 'check', 'rows/kept.qa.jsonl', '--json');
    expect(checked).toMatchObject({ code: 0 });
    const [kept] = objects(await readFile(join(folder, 'rows/kept.qa.jsonl'), 'utf8')) as unknown as [Sample];
    expect(kept).toMatchObject({ answer: 'right', images: ['../picture.png'] });
    expect(kept.variants?.mirror).toMatchObject({ status: 'flipped', answer: 'left' });
    expect(kept.meta?.asked).toEqual([
      {
        model: 'org/m',
        strategy: 'direct',
        verdict: 'only_mirror',
        answers: { original: ['left'], mirror: ['left'] },
      },
    ]);
  });

  it('fails if the model returns no answer', async () => {
    turn = (_, response) => refuse(response, 400, 'no pictures here');
    const said = await ask('Is it left?', ...endpoint());
    expect(said).toMatchObject({ code: 1 });
    expect(said.stdout).toContain('no pictures here');
  });
});

describe('serve-model: loaded model', () => {
  let child: ChildProcess;
  const serve = (...args: string[]) => {
    child = fork(CLI, ['serve-model', ...args], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    return new Channel<ServedModel>(
      { post: (message) => child.send(message as object), listen: (receive) => child.on('message', receive) },
      {},
    );
  };
  const ended = () =>
    new Promise<number | null>((resolve) => {
      if (child.exitCode !== null) resolve(child.exitCode);
      else child.once('exit', resolve);
    });
  const question = (): ServedQuestion => {
    const sample: Sample = { id: 'q', question: row.question, answer: '', images: ['picture.png'] };
    return {
      sample,
      place: { folder, root: folder },
      mirror: mirrorToAsk(sample),
      strategy: null,
      sampling: { n: 2, temperature: 1, top_p: 1, seed: 0, max_tokens: null },
    };
  };

  it('answers several questions, streams each text, and ends with its parent process', async () => {
    const channel = serve('--model', 'sft');
    expect(await channel.call('open', null)).toBe('sft, step 30');
    const stages: FinishedStage[] = [];
    const onProgress = (stage: FinishedStage) => stages.push(stage);
    const [asked, again] = await Promise.all([
      channel.call('ask', question(), { onProgress }),
      channel.call('ask', question()),
    ]);
    expect(again).toEqual(asked);
    const all = asked.views.flatMap(({ view, completions }) =>
      completions.flatMap(({ segments }, completion) =>
        segments.map((segment) => ({ view, completion, segment })),
      ),
    );
    expect(stages).toEqual(all);
    await expect(channel.call('ask', { ...question(), strategy: 'direct' })).rejects.toThrow(
      'Use only the words ',
    );
    child.disconnect();
    expect(await ended()).toBe(0);
  });

  it('reads no image outside the data root', async () => {
    const channel = serve('--model', 'sft');
    const place = { folder, root: join(folder, 'val') };
    await expect(channel.call('ask', { ...question(), place })).rejects.toThrow('is outside');
    child.disconnect();
    await ended();
  });

  slowly('serve-model: exits after an idle time', async () => {
    const channel = serve('--model', 'sft', '--idle', '1');
    await channel.call('open', null);
    expect(await ended()).toBe(0);
  });

  slowly('drops earlier questions when cancelled, and answers the next question', async () => {
    const channel = serve('--model', 'sft');
    const stop = new AbortController();
    const asking = [question(), question()].map((one) => channel.call('ask', one, { signal: stop.signal }));
    stop.abort();
    for (const { status } of await Promise.allSettled(asking)) expect(status).toBe('rejected');
    expect((await channel.call('ask', question())).views).toHaveLength(2);
    child.disconnect();
    expect(await ended()).toBe(0);
  });

  it('serve-model cancels the request at the server', async () => {
    let underWay!: () => void;
    const waiting = new Promise<void>((resolve) => (underWay = resolve));
    let silent = true;
    const server = await ScriptedServer.start((_, response) =>
      silent ? underWay() : reply(response, 'left'),
    );
    const channel = serve('--endpoint', server.url, '--model', 'm', '--no-cache');
    const stop = new AbortController();
    const asking = channel.call('ask', question(), { signal: stop.signal });
    asking.catch(() => undefined);
    await waiting;
    stop.abort();
    await expect(asking).rejects.toThrow();
    await expect.poll(() => server.underWay).toBe(0);
    silent = false;
    expect((await channel.call('ask', question())).views[0]!.majority.answer).toBe('left');
    child.disconnect();
    await ended();
    await server.close();
  });
});
