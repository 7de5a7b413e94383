import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { addEvalCommand } from '../../../src/cli/commands/eval.command.ts';
import { addMetricsCommand } from '../../../src/cli/commands/metrics.command.ts';
import { addScoreCommand } from '../../../src/cli/commands/score.command.ts';
import { controlSection } from '../../../src/core/reports/sections/control-section.ts';
import { readEvaluation } from '../../../src/lab/evaluation/evaluation-folders.ts';
import type { EvaluationRow } from '../../../src/core/evaluation/evaluation-row.ts';
import type { EvaluationResult } from '../../../src/core/evaluation/results.ts';
import { openEndpoint } from '../../../src/cli/open-endpoint.ts';
import { openJudge } from '../../../src/cli/evaluation/target.ts';
import { runCommand } from '../../support/command.ts';
import { refuse, reply, ScriptedServer, textOf } from '../engines/openai/server.ts';
import { parseRows, rowLines } from '../../support/rows.ts';
import { folderOfEachTest } from '../../support/folder.ts';

let folder = '';
let server: ScriptedServer;
let down = true;
folderOfEachTest('eval-endpoint-', (made) => (folder = made));
beforeEach(async () => {
  down = true;
  server = await ScriptedServer.start((request, response) => {
    const text = textOf(request);
    if (down && text.includes('jug')) refuse(response, 500, 'down');
    else if (request.model === 'judge-1') reply(response, '1');
    else reply(response, text.includes('left') ? 'Yes' : 'No');
  });
  const rows = ['cup', 'jug'].map((id) => ({
    id,
    question: `Is the ${id} left of the plate?`,
    answer: 'Yes',
    images: [],
  }));
  await writeFile(join(folder, 'val.qa.jsonl'), rowLines(rows));
});
afterEach(async () => {
  await server.close();
});

async function evaluate(...args: string[]): Promise<EvaluationResult[]> {
  const { out } = await runCommand(addEvalCommand, 'eval', '--json', '--runs', join(folder, 'runs'), ...args);
  return JSON.parse(out[0]!) as EvaluationResult[];
}

/** Arguments that ask the endpoint's model about the rows, with a cache of its answers. */
const asking = (views: string, ...more: string[]): string[] => [
  '--endpoint',
  server.url,
  '--model',
  'm',
  '--set',
  join(folder, 'val.qa.jsonl'),
  '--cache',
  join(folder, 'answers'),
  '--views',
  views,
  ...more,
];

it('eval --dry-run: reports questions, time and price, and writes only cached answers', async () => {
  down = false;
  const rows = Array.from({ length: 20 }, (_, i) => ({
    id: `r${i}`,
    question: `Is cup ${i} left of the plate?`,
    answer: 'Yes',
    images: [],
  }));
  await writeFile(join(folder, 'val.qa.jsonl'), rowLines(rows));
  const flags = asking('original,mirror', '--runs', join(folder, 'runs'), '--price', '1000,0');
  const told = await runCommand(addEvalCommand, 'eval', ...flags, '--dry-run');
  expect(told.out.join('\n')).toMatch(
    /^Estimate: \d+ s and a price of about [\d.]+ for 40 questions \(the first 8 took [\d.]+ s and cost [\d.]+\)\.$/,
  );
  expect(told.err.join('\n')).toContain('val: 20 yes or no questions.');
  expect(await readdir(folder)).toEqual(['answers', 'val.qa.jsonl']);
  expect(server.requests.length).toBe(8);
  await evaluate(...flags);
  expect(server.requests.length).toBe(40);
  // What lies in the cache would take no time and cost nothing.
  const again = await runCommand(addEvalCommand, 'eval', ...flags.slice(0, -2), '--dry-run');
  expect(server.requests.length).toBe(48);
  expect(again.out.join('\n')).toMatch(/^Estimate: \d+ s for 40 questions/);
  expect(again.err.join('\n')).toContain('Cannot estimate the cost. Pass the prices per million');
});

it('eval --dry-run: includes time and price of the judge', async () => {
  down = false;
  const judged = ['--judge', server.url, '--judge-model', 'judge-1', '--price', '1000,0', '--dry-run'];
  const flags = asking('original', ...judged);
  const told = await runCommand(addEvalCommand, 'eval', ...flags, '--judge-price', '2000,0');
  expect(told.out.join('\n')).toMatch(
    /for 2 questions \(.*\nJudge: about \d+ s more and a price of about [\d.]+ for about 2 answers \(the first 2 took [\d.]+ s and cost [\d.]+\)\.$/,
  );
  // The price of the model is not the judge's.
  const unknown = await runCommand(addEvalCommand, 'eval', ...flags, '--json');
  const report = JSON.parse(unknown.out[0]!) as { cost?: number; judge: { answers: number; cost?: number } };
  expect(report).toMatchObject({ questions: 2, tried: 2, judge: { answers: 2, tried: 2 } });
  expect([report.cost === undefined, report.judge.cost === undefined]).toEqual([false, true]);
  expect(unknown.err.join('\n')).toContain(
    'Cannot estimate the cost of the judge. Pass the prices per million',
  );
});

it('eval --endpoint: reports a bad last row of a large set, and keeps the answers to all others', async () => {
  const rows = Array.from({ length: 1100 }, (_, i) => ({
    id: `r${i}`,
    question: `Is cup ${i} left of the plate?`,
    answer: 'Yes',
  }));
  const path = join(folder, 'val.qa.jsonl');
  await writeFile(path, `${rowLines(rows)}{"id": "bad"`);
  const flags = asking('original', '--runs', join(folder, 'runs'), '--no-cache');
  const { err } = await runCommand(addEvalCommand, 'eval', ...flags);
  expect(server.requests).toHaveLength(1100);
  const text = err.join('\n');
  expect(text).toContain('val.qa.jsonl: 1,100 of 1,101 rows usable: 1 unreadable row (line 1101): ');
  expect(text).toContain('line 1101');
  expect(text).toContain(`1 skipped: ${path}:1101: `);
  expect(text).toContain('val: 1,100 yes or no questions.');
});

it('eval --endpoint: writes answers next to the runs, and retries only missing answers', async () => {
  const flags = ['--endpoint', server.url, '--model', 'org/m', '--set', join(folder, 'val.qa.jsonl')];
  const rest = ['--cache', join(folder, 'answers'), '--retries', '0'];
  await expect(evaluate(...flags, ...rest)).rejects.toThrow(
    /2 questions without an answer, counted as wrong\. The server failed \(\d+\)/,
  );
  down = false;
  const results = await evaluate(...flags, ...rest);
  const accuracy = results.filter(({ metric, task }) => metric === 'accuracy' && task === 'all');
  expect(accuracy.map(({ view, value, n }) => [view, value, n])).toEqual([
    ['original', 1, 2],
    ['mirror', 0, 2],
  ]);
  const [id] = await readdir(join(folder, 'evals'));
  expect(id).toMatch(/^org_m-direct-val-[0-9a-f]{8}$/);
  const at = (name: string) => readFile(join(folder, 'evals', id!, name), 'utf8');
  const rows = parseRows<EvaluationRow>(await at('rows.jsonl'));
  expect(rows.map((row) => [row.id, row.view, row.right]).sort()).toEqual([
    ['cup', 'mirror', false],
    ['cup', 'original', true],
    ['jug', 'mirror', false],
    ['jug', 'original', true],
  ]);
  expect(JSON.parse(await at('manifest.json'))).toMatchObject({
    engine: 'openai',
    model: 'org/m',
    strategy: { name: 'direct' },
    rows: { answered: 4, failed: 0, skipped: {} },
  });
  expect(server.requests).toHaveLength(6);
  await evaluate(...flags, ...rest);
  expect(server.requests).toHaveLength(6);
  expect(await evaluate(...flags, ...rest, '--strategy', 'svqa', '--views', 'original')).not.toEqual(results);
  expect(textOf(server.requests.at(-1)!.body)).toContain('<think> </think>');
});

it('eval --judge: stops on Ctrl+C, and removes listeners after an error', () => {
  const flags = { concurrency: 1, retries: 0, timeout: 1, cache: false, imageFormat: 'png' } as const;
  const before = process.listenerCount('SIGINT');
  expect(() => openEndpoint(server.url, undefined, flags)).toThrow('No model is set');
  expect(process.listenerCount('SIGINT')).toBe(before);
  const given = { judge: server.url, judgeModel: 'j', judgePrompt: 'judge-paper', judgeRows: 'all' } as const;
  const { signal } = openJudge({ ...flags, ...given })!;
  expect(signal.aborted).toBe(false);
  process.emit('SIGINT');
  expect(signal.reason).toMatchObject({ message: 'Stopped.' });
  expect(process.listenerCount('SIGINT')).toBe(before);
});

it('eval --n --judge: draws several answers in two stages, and judges each', async () => {
  down = false;
  const flags = asking(
    'original',
    '--n',
    '2',
    '--temperature',
    '0.7',
    '--judge',
    server.url,
    '--judge-model',
    'j',
  );
  const results = await evaluate(...flags, '--strategy', 'scene-graph');
  expect(results.filter(({ metric, task }) => task === 'all' && metric.startsWith('pass@'))).toMatchObject([
    { metric: 'pass@1', value: 1, chance: 0.5 },
    { metric: 'pass@2', value: 1, chance: 0.75 },
  ]);
  // Two rows, two completions, two stages; each answer judged, and once more: "Yes" is not a verdict.
  const models = server.requests.map(({ body }) => body.model);
  expect(models.filter((name) => name === 'm')).toHaveLength(8);
  expect(results.find(({ metric, task }) => task === 'yesno' && metric === 'judge_failed')).toMatchObject({
    value: 1,
    n: 4,
  });
  const asked = server.requests.length;
  await evaluate(...flags, '--strategy', 'scene-graph');
  expect(server.requests).toHaveLength(asked);
});

it('eval --controls: repeats questions without the image, and reports a missing effect', async () => {
  down = false;
  const flags = asking('original', '--controls', 'blind');
  await evaluate(...flags);
  const folders = await readdir(join(folder, 'evals'));
  expect(folders.map((name) => name.replace(/-[0-9a-f]{8}$/, '')).sort()).toEqual([
    'm-direct-blind-val',
    'm-direct-val',
  ]);
  const own = folders.find((name) => !name.includes('blind'))!;
  expect(JSON.parse(await readFile(join(folder, 'evals', own, 'controls.json'), 'utf8'))).toMatchObject([
    {
      name: 'blind',
      set: 'val',
      view: 'original',
      accuracy: 1,
      control: 1,
      difference: 0,
      n: 2,
      alert: true,
    },
  ]);
  const evaluation = await readEvaluation(join(folder, 'evals', own));
  const section = controlSection([evaluation], { checkpoints: 'last', metric: 'accuracy' })!;
  expect(section.tables[0]!.rows[0]!.cells.at(-1)!.text).toBe('no effect shown');
  await expect(evaluate(...flags.slice(0, -1), 'shuffled')).rejects.toThrow(
    'requires a strategy in which the model writes a scene graph',
  );
});

it('eval --views: evaluates several views, counts missing views, and prints the matrix', async () => {
  down = false;
  const flags = asking('original,mirror,converse,mirror+converse,rotate:180');
  const results = await evaluate(...flags);
  // "Yes" to whatever names the left: the cup is left of the plate, and the plate is right of the cup.
  const figure = (view: string, against: string, metric: string) =>
    results.find(
      (one) =>
        one.view === view && one.slice?.value === against && one.metric === metric && one.task === 'views',
    )?.value;
  expect(figure('mirror', 'original', 'consistent')).toBe(0);
  expect(figure('converse', 'mirror', 'agreement')).toBe(1);
  expect(figure('converse', 'mirror', 'consistent_wrong')).toBe(1);
  expect(figure('mirror+converse', 'original', 'consistent')).toBe(1);
  expect(figure('mirror+converse', 'converse', 'stability')).toBe(0);
  const asked = server.requests.length;
  expect(asked).toBe(8);
  const { out, err } = await runCommand(addEvalCommand, 'eval', '--runs', join(folder, 'runs'), ...flags);
  expect(server.requests).toHaveLength(asked);
  const text = out.join('\n');
  for (const caption of ['Views on val', 'Pair accuracy on val', 'Agreement, correct or wrong, on val'])
    expect(text).toContain(`${caption}, percent`);
  expect(text.split('\n').find((line) => /^Mirror \+ Converse +100\.0/.test(line))).toBeDefined();
  expect(err.join('\n')).toContain('2 skipped: no rotate:180.');
});

it('eval: shows frames in the order of the view, and rejects --without several-images', async () => {
  down = false;
  const frames = ['a.png', 'b.png', 'c.png'];
  const pixel = { width: 1, height: 1, channels: 3 as const };
  for (const [i, name] of frames.entries())
    await writeFile(
      join(folder, name),
      await sharp(Buffer.from([i, 0, 0]), { raw: pixel })
        .png()
        .toBuffer(),
    );
  const question = 'Does the camera pan left?';
  const set = join(folder, 'clips.qa.jsonl');
  await writeFile(set, `${JSON.stringify({ id: 'a', question, answer: 'Yes', images: frames })}\n`);
  const flags = [
    '--endpoint',
    server.url,
    '--model',
    'm',
    '--set',
    `clips=${set}`,
    '--data-root',
    folder,
    '--cache',
    join(folder, 'answers'),
    '--views',
    'original,reverse,repeat:2',
  ];
  await expect(evaluate(...flags, '--without', 'several-images')).rejects.toThrow(
    'does not support several images in one prompt',
  );
  expect(server.requests).toEqual([]);
  await evaluate(...flags);
  const shown = server.requests.map(({ body }) => {
    const parts = body.messages.at(-1)!.content as { image_url?: { url: string } }[];
    return [
      /pan \w+/.exec(textOf(body))![0],
      parts.flatMap(({ image_url: image }) => image?.url ?? []),
    ] as const;
  });
  const [, clip] = shown.find(([asked, images]) => asked === 'pan left' && images.length === 3)!;
  const inOrder = (images: readonly string[]) => images.map((url) => clip.indexOf(url));
  expect(new Set(clip).size).toBe(3);
  expect(shown.map(([asked, images]) => [asked, inOrder(images)]).sort()).toEqual([
    ['pan left', [0, 1, 2]],
    ['pan left', [0, 1, 2, 0, 1, 2]],
    ['pan right', [2, 1, 0]],
  ]);
});

it('eval --n: rejects several greedy completions, which would be identical', async () => {
  const flags = ['--endpoint', server.url, '--model', 'm', '--set', `v=${join(folder, 'val.qa.jsonl')}`];
  await expect(evaluate(...flags, '--n', '4')).rejects.toThrow('Set --temperature');
  await expect(evaluate(...flags, '--strategy', 'nope')).rejects.toThrow('Strategy "nope" does not exist.');
  await expect(evaluate(...flags, '--judge', server.url)).rejects.toThrow('--judge-model');
});

it('eval: requires exactly one of a run, --endpoint or --engine', async () => {
  await expect(evaluate()).rejects.toThrow('The model must be exactly one of a run, --endpoint or --engine.');
  await expect(evaluate('demo', '--endpoint', server.url)).rejects.toThrow(
    'The model must be exactly one of a run, --endpoint or --engine.',
  );
  await expect(evaluate('--endpoint', server.url, '--model', 'm')).rejects.toThrow(
    'The evaluation set is missing',
  );
});

it('eval: leaves no files if the endpoint does not respond', async () => {
  const flags = ['--model', 'm', '--set', join(folder, 'val.qa.jsonl'), '--retries', '0', '--no-cache'];
  await server.close();
  await expect(evaluate('--endpoint', server.url, ...flags)).rejects.toThrow('No server answers');
  expect(await readdir(folder)).not.toContain('evals');
});

it.each([
  [['--set', 'val=gone.qa.jsonl'], 'gone.qa.jsonl: The file does not exist.'],
  [['--set', 'val=README.md', '--data-root', 'no-such'], '--data-root: folder no-such does not exist'],
])('eval: suggests a fix for the options %s', async (flags, words) => {
  await expect(evaluate('--endpoint', server.url, '--model', 'm', ...flags)).rejects.toThrow(words);
});

it('eval: prints Pass@k by task for several answers, and reports programs that did not run', async () => {
  down = false;
  const flags = asking('original', '--n', '4', '--temperature', '0.7', '--strategy', 'program-of-thought');
  const { out, err } = await runCommand(addEvalCommand, 'eval', ...flags, '--runs', join(folder, 'runs'));
  for (const k of [1, 2, 4]) {
    expect(out.join('\n')).toMatch(new RegExp(`val +original +all +pass@${k} +100\\.0`));
    expect(out.join('\n')).toMatch(new RegExp(`val +original +yes or no +pass@${k} +100\\.0`));
  }
  expect(err.join('\n')).toContain('Programs that the model writes are not run.');
});

it('score --judge: judges answers of other programs, and metrics compares the scores', async () => {
  down = false;
  const table = join(folder, 'answers.jsonl');
  const [question, source] = ['What is next to the wall?', 'vqasynth_spacellava'];
  const answer = 'A man sits next to the wall.';
  // One is read by the rule of its task, two are free text: one in the reference's words, one in others.
  await writeFile(
    table,
    rowLines([
      { id: 'far', question: 'How far is the cup?', answer: '2 m', completion: '5 m', source },
      { id: 'same', question, answer, completion: answer, source },
      { id: 'other', question, answer, completion: 'Somebody leans on it.', source },
    ]),
  );
  const figureOf = async (dir: string, task: string, metric: string) =>
    (JSON.parse(await readFile(join(dir, 'results.json'), 'utf8')) as EvaluationResult[]).find(
      (figure) => figure.task === task && figure.metric === metric && !figure.slice,
    );
  const judging = ['--judge', server.url, '--judge-model', 'judge-1', '--no-cache'];
  const plain = join(folder, 'plain');
  const told = await runCommand(addScoreCommand, 'score', table, '--evaluation', plain);
  expect(told.err.join('\n')).toMatch(/1 free-text answer not scored, .* use a judge/);
  expect(await figureOf(plain, 'all', 'accuracy')).toMatchObject({ bounds: [1 / 3, 2 / 3], not_judged: 1 });
  const judged = join(folder, 'judged');
  const after = await runCommand(addScoreCommand, 'score', table, '--evaluation', judged, ...judging);
  expect(after.err.join('\n')).not.toContain('not scored');
  expect((await runCommand(addMetricsCommand, 'metrics', judged)).out.join('\n')).toContain('by LLM judge');
  await runCommand(addEvalCommand, 'eval', 'rescore', plain, ...judging);
  for (const dir of [judged, plain]) {
    // The judge decides what no rule reads, and is asked about all texts.
    expect(await figureOf(dir, 'all', 'accuracy')).toMatchObject({ value: 2 / 3, n: 3, by_judge: 1 });
    expect(await figureOf(dir, 'all', 'judge')).toMatchObject({ value: 1, n: 3 });
    expect(await figureOf(dir, 'text', 'bleu1')).toMatchObject({ n: 3 });
  }
  const free = join(folder, 'free');
  await runCommand(addScoreCommand, 'score', table, '--evaluation', free, ...judging, '--judge-rows', 'free');
  expect(await figureOf(free, 'all', 'judge')).toMatchObject({ value: 1, n: 2 });
  await expect(runCommand(addScoreCommand, 'score', table, ...judging)).rejects.toThrow('--evaluation');
});
