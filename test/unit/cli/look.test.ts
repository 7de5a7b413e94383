import { fork } from 'node:child_process';
import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ComparedLooks } from '../../../src/core/insight/compare-looks.ts';
import { lookSchema } from '../../../src/core/insight/look.ts';
import { Channel } from '../../../src/base/channel.ts';
import type { ServedModel } from '../../../src/core/insight/served-model.ts';
import type { Sample } from '../../../src/rows/sample/sample.ts';
import { mirrorToAsk } from '../../../src/rows/views/view.ts';
import { chirality, CLI, trained, trainedProject } from '../lab/recipes/cli.ts';
import { slowly } from '../../support/slow.ts';

let folder: string;
let row: Sample;
beforeAll(async () => {
  folder = await trainedProject('chirality inspect row ', 'sft');
  const [first] = (await readFile(join(folder, 'val/data.qa.jsonl'), 'utf8')).split('\n');
  row = JSON.parse(first!) as Sample;
});
afterAll(() => rm(folder, { recursive: true }));

const look = (...args: string[]) => chirality(folder, 'inspect', 'row', 'sft', '--row', row.id, ...args);

it('inspect row: analyses both views, and stores the result in the run', async () => {
  const first = await look('--json');
  expect(first).toMatchObject({ code: 0 });
  const seen = lookSchema.parse(JSON.parse(first.stdout));
  expect(seen).toMatchObject({ model: 'sft, step 30', step: 30, strategy: 'trained', id: row.id });
  expect(seen.views.map(({ view }) => view)).toEqual(['original', 'mirror']);
  const [name, ...others] = await readdir(join(folder, 'runs/sft/insight'));
  expect([name, others]).toEqual([expect.stringContaining(`look-${row.id}-step-30-`), []]);
  expect((await readdir(join(folder, 'runs/sft/insight', name!))).sort()).toEqual([
    'arrays.bin',
    'manifest.json',
    'rows.jsonl',
  ]);
  const again = await look('--json');
  expect(again.stderr).toContain('Read from');
  expect(JSON.parse(again.stdout)).toEqual(JSON.parse(first.stdout));
  const byDefault = await chirality(folder, 'inspect', 'row', 'sft', '--json');
  expect(byDefault).toMatchObject({ code: 0, stdout: again.stdout, stderr: again.stderr });
  const told = await look('--heads');
  expect(told.stdout).toContain('Attention of "answer"');
  expect(told.stdout).toContain('with the image hidden');
});

it('inspect row: rejects invalid options with exit code 2', async () => {
  for (const [args, words] of [
    [['--query', 'violet'], '"violet" is not in the question'],
    [['--layer', '99'], 'Layer 99 does not exist.'],
    [['--relative', '--general', 'nowhere'], 'Prompt "nowhere" does not exist'],
    [['--strategy', 'direct'], 'The strategy "direct" does not work with'],
    [['--row', 'nobody'], 'or is not usable. The first rows are '],
  ] as const) {
    const said = await look(...args);
    expect([said.code, said.stderr]).toEqual([2, expect.stringContaining(words)]);
    expect(said.stderr).not.toContain('asking');
  }
});

it('inspect: rejects an endpoint, which does not expose activations', async () => {
  for (const command of ['row', 'attention', 'probe', 'patch']) {
    const said = await chirality(folder, 'inspect', command, 'http://127.0.0.1:9/v1', '-o', 'looks');
    expect([said.code, said.stderr]).toEqual([
      2,
      expect.stringContaining('Cannot inspect the model at endpoint'),
    ]);
  }
});

slowly.each([
  ['row', 'Attention of'],
  ['attention', 'Attention of'],
  ['probe', 'Best probe'],
  ['patch', 'With the mirrored image, the log-odds of'],
])('inspect: prints the values of %s, and writes the values to a folder', async (command, words) => {
  const limit = command === 'row' ? [] : ['--limit', '24'];
  const set = ['--set', 'train/data.qa.jsonl', '-o', `looks-${command}`];
  const told = await chirality(folder, 'inspect', command, 'sft', ...set, ...limit, '--format', 'markdown');
  expect([told.code, told.stdout]).toEqual([0, expect.stringContaining(words)]);
  expect(await readdir(join(folder, `looks-${command}`))).toHaveLength(1);
});

it('inspect: requires --set for a model without a dataset', async () => {
  for (const command of ['row', 'attention']) {
    const said = await chirality(
      folder,
      'inspect',
      command,
      'runs/sft/checkpoints/step-000030',
      '-o',
      'looks',
    );
    expect([said.code, said.stderr]).toEqual([2, expect.stringContaining('Pass a file with --set.')]);
  }
});

it('inspect attention: analyses a set, and resumes after the process is killed', async () => {
  const insight = (...args: string[]) => chirality(folder, 'inspect', 'attention', 'sft', ...args);
  const first = await insight('--limit', '4', '--json');
  expect(first).toMatchObject({ code: 0 });
  const said = JSON.parse(first.stdout) as { folder: string; rows: number; results: object[] };
  expect(said).toMatchObject({
    kind: 'set',
    model: 'sft, step 30',
    step: 30,
    views: ['original', 'mirror'],
    rows: 8,
  });
  expect((await readdir(said.folder)).sort()).toEqual(['manifest.json', 'results.json', 'rows.jsonl']);
  expect(JSON.parse(await readFile(join(said.folder, 'results.json'), 'utf8'))).toEqual(said.results);
  const lines = await readFile(join(said.folder, 'rows.jsonl'), 'utf8');
  await truncate(join(said.folder, 'rows.jsonl'), lines.length - 10);
  const again = await insight('--limit', '4', '--query', 'last');
  expect(again.stdout).toContain('Attention of "last" in % (lift: attention relative to a uniform map)');
  expect(await readFile(join(said.folder, 'rows.jsonl'), 'utf8')).toBe(lines);
  for (const [args, words] of [
    [['--layer', '99'], 'Layer 99 does not exist.'],
    [['--hide', 'nothing'], 'Choose from picture'],
    [['--query', 'nobody'], 'Choose from answer'],
    [['--set', 'nowhere.jsonl'], 'The file does not exist.\n  Evaluation sets of the run: val.'],
  ] as const) {
    const refused = await insight(...args);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(words)]);
  }
});

slowly('inspect attention: compares strategies on the same rows by the inputs of their answers', async () => {
  const stage = 'user: question.prompt.txt, options: none, max_tokens: 32';
  await writeFile(join(folder, 'question.prompt.txt'), '{question}');
  for (const [name, stages] of [
    ['once', `answer: { ${stage} }`],
    ['twice', `graph: { ${stage}, graph: { missing: text } }\n  answer: { ${stage} }`],
  ])
    await writeFile(join(folder, `${name}.strategy.yaml`), `about: A test.\nstages:\n  ${stages}\n`);
  const strategies = ['--strategy', 'once.strategy.yaml', '--strategy', 'twice.strategy.yaml'];
  const compare = (...args: string[]) =>
    chirality(
      folder,
      ...['inspect', 'attention', 'sft', '--set', 'val', '--limit', '4', '--hide', 'picture'],
      ...[...strategies, ...args],
    );
  const first = await compare('--json');
  expect(first).toMatchObject({ code: 0 });
  const said = JSON.parse(first.stdout) as {
    looks: { name: string; strategy: string; folder: string; rows: number }[];
    reliance: { look: string; view: string; hidden: string | null }[];
  };
  expect(said.looks.map(({ name, strategy, rows }) => [name, strategy, rows])).toEqual([
    ['once', 'once', 8],
    ['twice', 'twice', 8],
  ]);
  expect(said.reliance.map(({ look, view, hidden }) => [look, view, hidden])).toEqual(
    ['once', 'twice'].flatMap((strategy) =>
      ['original', 'mirror'].flatMap((view) => [null, 'picture'].map((hidden) => [strategy, view, hidden])),
    ),
  );
  const told = await compare();
  expect(told.stdout).toMatch(/Attention on its own words, %\nlayer +view +once +twice +twice minus once/);
  expect(told.stderr).not.toContain('opening');
});

slowly('inspect attention: compares checkpoints, and runs before and after training, by layer', async () => {
  await trained(folder, 'grpo');
  const compare = (...args: string[]) => chirality(folder, 'inspect', 'attention', ...args, '--limit', '4');
  const steps = await compare('grpo', '--step', '2', '--step', 'last', '--step', '8', '--json');
  const said = JSON.parse(steps.stdout) as ComparedLooks & { looks: { name: string; step: number }[] };
  expect(said.looks.map(({ name, step }) => [name, step])).toEqual([
    ['step 2', 2],
    ['step 8', 8],
  ]);
  expect(said.rows).toBe(8);
  const odds = said.through!.filter(({ figure, view }) => figure === 'odds' && view === 'mirror');
  expect(odds.map(({ look, layer, change }) => [look, layer, change?.n ?? null])).toEqual([
    ['step 2', 0, null],
    ['step 8', 0, odds[0]!.mean.n],
  ]);
  expect(odds[1]!.change!.value).toBeCloseTo(odds[1]!.mean.value! - odds[0]!.mean.value!, 6);
  const runs = await compare('sft', 'grpo', '--strategy', 'trained');
  expect(runs.stdout).toMatch(
    /Log-odds of the reference answer\nlayer +view +sft, step 30 +grpo, step 8 +grpo, step 8 minus/,
  );
  const train = 'train/data.qa.jsonl';
  const config = join(folder, 'runs/grpo/run.yaml');
  await writeFile(config, (await readFile(config, 'utf8')).replace('val/data.qa.jsonl', train));
  const other = await compare('sft', 'grpo');
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('have different rows')]);
});

slowly('inspect: separates the results of two runs in one folder', async () => {
  const insight = (run: string) =>
    chirality(folder, 'inspect', 'attention', run, '--limit', '1', '-o', 'out', '--json');
  await cp(join(folder, 'runs/sft'), join(folder, 'runs/copy'), { recursive: true });
  const folders = [];
  for (const run of ['sft', 'copy']) {
    const { stdout } = await insight(run);
    folders.push((JSON.parse(stdout) as { folder: string }).folder);
    await chirality(folder, 'inspect', 'row', run, '-o', 'out');
  }
  expect(new Set(folders).size).toBe(2);
  expect(await readdir(join(folder, 'out'))).toHaveLength(4);
});

it('inspect probe: probes hidden states, and rejects unknown targets', async () => {
  const probe = (...args: string[]) =>
    chirality(folder, 'inspect', 'probe', 'sft', '--set', 'train/data.qa.jsonl', ...args);
  const first = await probe('--json');
  expect(first).toMatchObject({ code: 0 });
  const said = JSON.parse(first.stdout) as { kind: string; folder: string; results: { target: string }[] };
  expect(said.kind).toBe('probe');
  expect((await readdir(said.folder)).sort()).toEqual(['features.jsonl', 'manifest.json', 'results.json']);
  expect(said.results.map(({ target }) => target)).toEqual(
    expect.arrayContaining(['column', 'row', 'depth']),
  );
  const numbers = await probe('--target', 'depth');
  expect(numbers.stdout).toMatch(
    /depth: R² .*\nNo evidence that the hidden states contain the depth: .*\nBest probe position: .*\n\nProbe position: last\n.*shuffled labels .*vertical position/,
  );
  const told = await probe('--target', said.results[0]!.target);
  expect(told.stdout).toContain('Probe correct, answer wrong: ');
  expect(told.stderr).not.toContain('opening');
  const views = await probe('--target', 'nearer', '--views', 'original,mirror,polarity');
  const columns =
    /after layer +all views +Original +Mirror +Opposite .*on originals: Mirror .*on originals: Opposite/;
  expect(views.stdout).toMatch(columns);
  expect(views.stdout).toMatch(/\nchance +[\d.]+ +[\d.]+ /);
  expect(await probe('--target', 'nobody')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Choose from answer') as string,
  });
});

it('inspect patch: patches activations of an image from its mirror', async () => {
  const patch = (...args: string[]) =>
    chirality(folder, 'inspect', 'patch', 'sft', '--set', 'train/data.qa.jsonl', '--limit', '8', ...args);
  const first = await patch('--group', 'all', '--layer', '0', '--json');
  expect(first).toMatchObject({ code: 0 });
  const said = JSON.parse(first.stdout) as { kind: string; folder: string; results: object[] };
  expect(said).toMatchObject({ kind: 'patch', results: [{ group: null }] });
  // This model has one layer, after which all is in one token by construction.
  expect(said.results).toHaveLength(1);
  expect((await readdir(said.folder)).sort()).toEqual(['manifest.json', 'results.json', 'rows.jsonl']);
  const told = await patch('--group', 'all', '--layer', '0');
  expect(told.stdout).toContain('With the mirrored image, the log-odds of');
  const tables = await patch('--group', 'all', '--layer', '0', '--format', 'csv', '--table', 'moved');
  expect(tables.stdout.split('\r\n')).toEqual(['after layer', '']);
  const both = await patch('--json', '--format', 'html');
  expect([both.code, both.stderr]).toEqual([
    2,
    expect.stringContaining('--format has no effect with --json'),
  ]);
  const refused = await patch('--layer', '99');
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('Layer 99 does not exist.')]);
});

it('serve-model: answers the editor from a process that keeps the model loaded', async () => {
  const args = ['serve-model', '--model', 'sft'];
  const child = fork(CLI, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const channel = new Channel<ServedModel>(
    { post: (message) => child.send(message as object), listen: (receive) => child.on('message', receive) },
    {},
  );
  const place = { folder: join(folder, 'val'), root: join(folder, 'val') };
  const phases: string[] = [];
  const asked = { sample: row, place, mirror: mirrorToAsk(row), queries: [], strategy: null };
  const seen = await channel.call('look', asked, { onProgress: (phase) => phases.push(phase) });
  expect(lookSchema.parse(JSON.parse(JSON.stringify(seen))).views).toHaveLength(2);
  expect(phases).toEqual(['asking', 'looking']);
  await expect(channel.call('look', { ...asked, queries: ['violet'] })).rejects.toThrow('violet');
  const stop = new AbortController();
  const cancelled = channel.call('look', asked, { signal: stop.signal });
  stop.abort(new Error('Enough.'));
  await expect(cancelled).rejects.toThrow('Enough.');
  expect((await channel.call('look', asked)).id).toBe(row.id);
  child.disconnect();
});
