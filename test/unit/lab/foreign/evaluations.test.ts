import { cp, mkdir, mkdtemp, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  readEvaluation,
  readScoredRows,
  figuresOf,
} from '../../../../src/lab/evaluation/evaluation-folders.ts';
import { findForeign } from '../../../../src/lab/foreign/find.ts';
import { chooseFor, mayBeForeign, findSource } from '../../../../src/lab/foreign/known.ts';
import { NO_INTERPRETATION } from '../../../../src/core/run-data/interpretation.ts';
import { ForeignRun, type ForeignState } from '../../../../src/lab/foreign/foreign-run.ts';
import { pairImage } from '../../../../src/lab/traces/pair-image.ts';
import { PairIndex, queryPairs } from '../../../../src/lab/traces/index.ts';
import { openSource } from '../../../../src/lab/traces/sources.ts';
import { folderOfTests } from '../../../support/folder.ts';

const FIXTURES = new URL('../../../fixtures/foreign-runs/', import.meta.url).pathname;
const INSPECT = '2026-11-21T01-59-32-00-00_spatial-worlds_mAgAuYa25a8mc6KS38dyVF.eval';
const scratch = folderOfTests('foreign-evaluations-');

const evaluated = ({ evaluation }: ForeignState) => evaluation!;
const figure = (state: ForeignState, metric: string) =>
  figuresOf(evaluated(state)).find((each) => each.metric === metric && each.view !== 'mirror');
const at = async (path: string): Promise<string> => {
  const found = await findSource(join(FIXTURES, path));
  if (!found || !('dir' in found)) throw new Error(`${path} is not one source`);
  return found.dir;
};

describe('an Inspect log', () => {
  test('an Inspect log has rows by sample and epoch, scored by the first scorer in the log', async () => {
    const dir = await at('inspect-0.3');
    expect(dir).toBe(join(FIXTURES, 'inspect-0.3', INSPECT));
    const state = await new ForeignRun(dir).read();
    expect(state.origin).toMatchObject({ kind: 'inspect', version: '0.3.285' });
    const { rows, model } = evaluated(state);
    expect(model).toBe('mockllm/model');
    expect(rows.map(({ id, completion_index, right }) => [id, completion_index, right])).toEqual([
      ['worlds-3-1', 0, true],
      ['worlds-3-2', 0, true],
      ['worlds-3-3', 0, true],
      ['worlds-3-1', 1, false],
      ['worlds-3-2', 1, false],
      ['worlds-3-3', 1, false],
    ]);
    expect(rows[0]).toMatchObject({
      set: 'spatial_worlds',
      view: 'original',
      answer: 'yellow-cone',
      question: 'which is closer , the yellow-cone or the purple-cone ?',
      segments: [{ text: '<think>looking</think> <answer>yellow-cone</answer>', stop_reason: 'end' }],
      score: { by_source: { scores: { match: { value: 'I' } }, metadata: { task: 'mcq' } } },
    });
    // The log's own figures, and ours from the same verdicts.
    expect(figure(state, 'includes/accuracy,mean')).toMatchObject({ value: 0.5, n: 3 });
    expect(figure(state, 'includes/accuracy,at_least_1')).toMatchObject({ value: 1 });
    expect(figure(state, 'accuracy')).toMatchObject({ value: 0.5, n: 6 });
    expect(state.problems).toEqual([]);
  });

  test('an Inspect log provides its embedded images', async () => {
    const dir = join(FIXTURES, 'inspect-0.3', INSPECT);
    const { rows } = evaluated(await new ForeignRun(dir).read());
    const bytes = await pairImage({ run: dir }, null, rows[0]!.images[0]!, []);
    const png = await readFile(join(FIXTURES, 'data/images/000001.png'));
    expect(Buffer.from(bytes).equals(png)).toBe(true);
  });

  test('an Inspect log maps samples with pair and view in their metadata to views of a row', async () => {
    const sample = (id: number, metadata: object, value: string) => ({
      id,
      epoch: 1,
      input: 'Is the cup on the left?',
      target: 'yes',
      output: { completion: 'yes', choices: [] },
      scores: { match: { value } },
      metadata,
    });
    const samples = [
      sample(1, { pair: 'row-7', view: 'mirror' }, 'I'),
      sample(2, { pair: 'row-7', view: 'original' }, 'C'),
      sample(3, { pair: 'row-7', view: 'upside down' }, 'C'),
      sample(4, { view: 'mirror' }, 'C'),
    ];
    const path = join(scratch, 'pairs.json');
    const log = { status: 'success', eval: { task: 'worlds', model: 'mockllm/model' }, samples };
    await writeFile(path, JSON.stringify(log));
    const { rows } = evaluated(await new ForeignRun(path).read());
    expect(rows.map(({ id, view, right }) => [id, view, right])).toEqual([
      ['row-7', 'mirror', false],
      ['row-7', 'original', true],
      ['3', 'original', true],
      ['4', 'original', true],
    ]);
  });

  test('an interrupted Inspect evaluation lists its finished samples', async () => {
    const state = await new ForeignRun(await at('inspect-0.3-killed')).read();
    expect(evaluated(state).rows).toHaveLength(2);
    expect(evaluated(state).figures).toEqual([]);
    expect(state.origin.notes[0]).toContain('is still running or was killed');
  });

  test('an Inspect log in a truncated archive is rejected by name, and read when complete', async () => {
    const whole = await readFile(join(FIXTURES, 'inspect-0.3', INSPECT));
    const path = join(scratch, INSPECT);
    await writeFile(path, whole.subarray(0, whole.length - 100));
    const run = new ForeignRun(path);
    await expect(run.read()).rejects.toThrow(INSPECT);
    await writeFile(path, whole);
    expect(evaluated(await run.read()).rows).toHaveLength(6);
  });
});

describe('an lmms-eval evaluation', () => {
  test('an lmms-eval evaluation is read with its samples and results', async () => {
    const state = await new ForeignRun(await at('lmms-eval-0.7')).read();
    expect(state.origin.kind).toBe('lmms-eval');
    const { rows, model } = evaluated(state);
    expect(model).toBe('Qwen/Qwen2.5-VL-3B-Instruct');
    expect(rows.map(({ id, right, segments }) => [id, right, segments[0].text])).toEqual([
      ['worlds-3-1', true, '<think>hm</think>yellow-cone'],
      ['worlds-3-2', false, 'left'],
      ['worlds-3-3', true, '<think>hm</think>right'],
    ]);
    expect(rows[0]!.images).toEqual(['images/000001.png']);
    expect(figure(state, 'exact_match')).toMatchObject({ value: 0.6667, n: 3, set: 'spatial_worlds' });
  });

  test('lmms-eval opens from a file of samples or results; results alone have only metrics', async () => {
    const folder = join(FIXTURES, 'lmms-eval-0.7/Qwen__Qwen2.5-VL-3B-Instruct');
    const results = join(folder, '20261121_013000_results.json');
    for (const file of [join(folder, '20261121_013000_samples_spatial_worlds.jsonl'), results]) {
      expect(await findSource(file)).toEqual({ dir: file });
      const state = await new ForeignRun(file).read();
      expect(evaluated(state).rows).toHaveLength(3);
      expect(figure(state, 'exact_match')).toMatchObject({ value: 0.6667, n: 3 });
      expect((await readEvaluation(file)).subject).toBe('Qwen/Qwen2.5-VL-3B-Instruct');
    }
    const alone = join(await mkdtemp(join(scratch, 'alone-')), '20261121_013000_results.json');
    await cp(results, alone);
    const state = await new ForeignRun(alone).read();
    expect(evaluated(state).rows).toEqual([]);
    expect(figure(state, 'exact_match')).toMatchObject({ value: 0.6667, n: 3 });
    expect(state.origin.missing[0]).toMatchObject({ field: 'rows' });
  });

  /** The run with its rows changed, and lines before them. */
  async function changed(change: (i: number) => object, before = ''): Promise<ForeignRun> {
    const dir = await mkdtemp(join(scratch, 'changed-'));
    await cp(join(FIXTURES, 'lmms-eval-0.7/Qwen__Qwen2.5-VL-3B-Instruct'), dir, { recursive: true });
    const file = join(dir, '20261121_013000_samples_spatial_worlds.jsonl');
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    const rows = lines.map((line, i) => JSON.stringify({ ...(JSON.parse(line) as object), ...change(i) }));
    await writeFile(file, `${before}${rows.join('\n')}\n`);
    return new ForeignRun(dir);
  }

  test('lmms-eval maps each embedded image to its own line', async () => {
    const url = (i: number) => `data:image/png;base64,${Buffer.from(`picture ${i}`).toString('base64')}`;
    const run = await changed((i) => ({ input_media: [url(i)] }), '{"about": "no row"}\n');
    const { pictures, evaluation } = await run.read();
    const shown = evaluation!.rows.map(async ({ images: [name] }) =>
      Buffer.from(await pictures.get(name as string)!()).toString(),
    );
    expect(await Promise.all(shown)).toEqual(['picture 0', 'picture 1', 'picture 2']);
  });

  test('lmms-eval does not treat a count of characters as a score', async () => {
    const run = await changed((i) => ({ exact_match: undefined, spatial_score: undefined, characters: i }));
    const { rows } = evaluated(await run.read());
    expect(rows.map(({ right }) => right)).toEqual([null, null, null]);
  });
});

describe('a VLMEvalKit evaluation', () => {
  test('VLMEvalKit reads workbooks and tables, scored only if a results file exists', async () => {
    const state = await new ForeignRun(await at('vlmevalkit')).read();
    expect(state.problems).toEqual([]);
    const { rows, model } = evaluated(state);
    expect(model).toBe('Qwen2.5-VL-3B-Instruct');
    expect(rows.map(({ set, id, right }) => [set, id, right])).toEqual([
      ...['0', '1', '2', '3'].map((id) => ['Worlds', id, false]),
      ...['0', '1'].map((id) => ['Worlds2', id, null]),
    ]);
    expect(rows[1]).toMatchObject({ choices: ['green-ball', 'yellow-ball'], answer: 'B' });
    const texts = rows.map(({ segments }) => segments[0].text);
    expect(texts[1]).toBe('<think>Ä & <b>bold</b>\u0007</think>\nA. green-ball');
    expect(texts[2]).toBe('');
    expect(texts[3]).toHaveLength(32_767);
    expect(state.origin.notes).toEqual(['Truncated to 32,767 characters by the file format: 1 prediction.']);
    expect(figure(state, 'test/Overall')).toMatchObject({ set: 'Worlds', value: 0 });
  });
});

describe('a VLMEvalKit evaluation with an unanswered question', () => {
  const folder = join(FIXTURES, 'vlmevalkit-failed/Qwen/T20261121_Gabcdef12');
  const shares = (state: ForeignState) =>
    figuresOf(evaluated(state))
      .filter(({ view, metric }) => view === 'original' && /accuracy|none/.test(metric))
      .map(({ set, metric, value, n }) => [set, metric, value, n]);

  test('VLMEvalKit scores an unanswered question, and adds row counts to metrics', async () => {
    const state = await new ForeignRun(folder).read();
    expect(shares(state)).toEqual([
      ['Worlds', 'none/Overall', 0.375, 8],
      ['Worlds', 'none/left', 0.25, 4],
      ['Worlds', 'none/right', 0.5, 4],
      ['Worlds', 'accuracy', 0.375, 8],
    ]);
    expect(state.origin.notes).toEqual([
      'Scored as in VLMEvalKit despite "Failed to obtain answer": 1 question.',
    ]);
  });

  test('VLMEvalKit assigns metrics in files named after a judge to their set', async () => {
    const dir = join(scratch, 'judge/Qwen/T20261121_Gabcdef12');
    await cp(folder, dir, { recursive: true });
    await rename(join(dir, 'Qwen_Worlds_acc.csv'), join(dir, 'Qwen_Worlds_gpt4_acc.csv'));
    expect(shares(await new ForeignRun(dir).read())).toContainEqual(['Worlds', 'none/Overall', 0.375, 8]);
  });

  test('VLMEvalKit skips an unanswered question without a score', async () => {
    const dir = join(scratch, 'unjudged/Qwen/T20261121_Gabcdef12');
    await mkdir(dir, { recursive: true });
    await cp(join(folder, 'Qwen_Worlds.xlsx'), join(dir, 'Qwen_Worlds.xlsx'));
    const state = await new ForeignRun(dir).read();
    expect(evaluated(state).rows).toHaveLength(7);
    expect(state.origin.notes[0]).toContain('without an answer');
  });

  test('VLMEvalKit opens from a single file, with its sibling files if they exist', async () => {
    const result = join(folder, 'Qwen_Worlds_exact_matching_result.xlsx');
    for (const file of [result, join(folder, 'Qwen_Worlds.xlsx')]) {
      expect(await findSource(file)).toEqual({ dir: file });
      expect(shares(await new ForeignRun(file).read())).toHaveLength(4);
    }
    const copy = join(await mkdtemp(join(scratch, 'copied-')), 'Qwen_Worlds_exact_matching_result.xlsx');
    await cp(result, copy);
    expect(shares(await new ForeignRun(copy).read())).toEqual([['Qwen_Worlds', 'accuracy', 0.375, 8]]);
  });
});

describe('a SkyRL evaluation', () => {
  test('SkyRL groups answers to equal prompts, and sums the scores of tokens', async () => {
    const state = await new ForeignRun(await at('skyrl')).read();
    const { rows, step } = evaluated(state);
    expect(step).toBe(5);
    expect(
      rows.map(({ id, completion_index, right, answer }) => [id, completion_index, right, answer]),
    ).toEqual([
      ['1', 0, true, 'yellow-cone'],
      ['1', 1, false, 'yellow-cone'],
      ['3', 0, true, 'yellow-ball'],
      ['3', 1, false, 'yellow-ball'],
    ]);
    expect(rows[0]!.question).toBe('which is closer , the yellow-cone or the purple-cone ?');
    expect(rows[0]!.segments[0]).toMatchObject({ text: '<answer>yellow-cone</answer>', stop_reason: 'end' });
  });
});

describe('an evalscope evaluation', () => {
  test('evalscope reads reviews, with images by path or embedded', async () => {
    const dir = await at('evalscope-1.14');
    const { rows, model } = evaluated(await new ForeignRun(dir).read());
    expect(model).toBe('Qwen2.5-VL-3B-Instruct');
    expect(rows.map(({ set, id, right, answer }) => [set, id, right, answer])).toEqual([
      ['worlds_default', '0', true, 'yellow-cone'],
      ['worlds_default', '1', false, 'yellow-ball'],
    ]);
    expect(rows[0]).toMatchObject({
      question: 'which is closer , the yellow-cone or the purple-cone ?',
      images: ['images/000001.png'],
      segments: [{ text: 'yellow-cone', stop_reason: null }],
    });
    const bytes = await pairImage({ run: dir }, null, rows[1]!.images[0]!, []);
    expect(Buffer.from(bytes).equals(await readFile(join(FIXTURES, 'data/images/000002.png')))).toBe(true);
  });
});

describe('two sets as original and mirror', () => {
  const twoSets = async (): Promise<string> => {
    const dir = await mkdtemp(join(scratch, 'pairs-'));
    await cp(join(FIXTURES, 'lmms-eval-0.7/Qwen__Qwen2.5-VL-3B-Instruct'), dir, { recursive: true });
    const text = await readFile(join(dir, '20261121_013000_samples_spatial_worlds.jsonl'), 'utf8');
    const mirrored = text.replace('"exact_match": 1.0', '"exact_match": 0.0');
    await writeFile(join(dir, '20261121_013000_samples_worlds_mirrored.jsonl'), mirrored);
    return dir;
  };

  test('two sets become pairs of rows with the same id, with outcomes, if mapped', async () => {
    const dir = await twoSets();
    const mirrorOf = { original: 'spatial_worlds', mirror: 'worlds_mirrored' };
    const state = await new ForeignRun(dir, { ...NO_INTERPRETATION, mirrorOf }).read();
    expect(evaluated(state).rows.map(({ view }) => view)).toEqual([
      'original',
      'original',
      'original',
      'mirror',
      'mirror',
      'mirror',
    ]);
    const of = (metric: string) => figuresOf(evaluated(state)).find((each) => each.metric === metric)?.value;
    expect(of('only_original')).toBeCloseTo(1 / 3);
    expect(of('consistent')).toBeCloseTo(1 / 3);
    expect(of('neither')).toBeCloseTo(1 / 3);
    chooseFor(dir, { mirrorOf });
    const index = new PairIndex(openSource({ run: dir }));
    const { rows, snapshot } = await queryPairs(index, {
      filter: 'verdict = only_original',
      text: '',
      sort: null,
    });
    expect(rows).toHaveLength(1);
    const summary = snapshot.table.row(rows[0]!);
    expect(summary).toMatchObject({ sample: 'worlds-3-1', views: 'pair', reward: null });
    const { pair } = await index.open(summary);
    expect(pair.views.map(({ view, group }) => [view, group[0]!.right])).toEqual([
      ['original', true],
      ['mirror', false],
    ]);
  });

  test('two sets remain separate if not mapped', async () => {
    const { rows } = evaluated(await new ForeignRun(await twoSets()).read());
    expect(new Set(rows.map(({ set }) => set)).size).toBe(2);
    expect(rows.every(({ view }) => view === 'original')).toBe(true);
  });
});

describe('external evaluations', () => {
  test('external evaluations are found by file names, and are readable for reports', async () => {
    const found = await findForeign([FIXTURES]);
    const holds = Object.fromEntries(found.map(({ dir, holds }) => [dir.slice(FIXTURES.length), holds]));
    expect(holds).toMatchObject({
      [`inspect-0.3/${INSPECT}`]: 'Inspect · evaluation',
      'vlmevalkit/Qwen2.5-VL-3B-Instruct/T20261121_Gabcdef12': 'VLMEvalKit · 2 evaluation files',
      'skyrl/dumped_evals/global_step_5_evals': 'SkyRL · 1 evaluation file',
      'evalscope-1.14/20261122_004000': 'evalscope · 1 evaluation file',
      'lmms-eval-0.7/Qwen__Qwen2.5-VL-3B-Instruct': 'lmms-eval · 1 evaluation file',
    });
    const dir = await at('inspect-0.3');
    expect(mayBeForeign(dir)).toBe(true);
    const { subject, strategy, figures } = await readEvaluation(dir);
    expect([subject, strategy]).toEqual(['mockllm/model', 'Inspect 0.3.285']);
    expect(figures.find(({ metric }) => metric === 'accuracy')?.unparsed).toBeUndefined();
    const judged = await readScoredRows(dir);
    expect(judged.map(({ right }) => right)).toEqual([true, true, true, false, false, false]);
  });

  test('external evaluations report unreadable lines, in place and in a copy', async () => {
    const samples = '20261121_013000_samples_spatial_worlds.jsonl';
    const source = join(scratch, 'broken');
    await cp(join(FIXTURES, 'lmms-eval-0.7/Qwen__Qwen2.5-VL-3B-Instruct'), source, { recursive: true });
    const lines = (await readFile(join(source, samples), 'utf8')).split('\n');
    await writeFile(join(source, samples), lines.with(2, '{"doc": ').join('\n'));
    const told: string[] = [];
    const leaveOut = ({ message }: Error) => void told.push(message);
    await readEvaluation(source, leaveOut);
    expect(told.splice(0)).toEqual([`Cannot read ${samples}:3: Unexpected end of JSON input.`]);

    const { origin, evaluation } = await new ForeignRun(source).read();
    const copy = join(scratch, 'copy');
    await mkdir(copy);
    const rows = evaluated({ evaluation } as ForeignState).rows.map((row) => JSON.stringify(row));
    await writeFile(join(copy, 'rows.jsonl'), `${[...rows, '{"id": '].join('\n')}\n`);
    await writeFile(join(copy, 'manifest.json'), JSON.stringify({ model: 'm', origin }));
    await writeFile(join(copy, 'results.json'), '[]');
    await readEvaluation(copy, leaveOut);
    expect(told).toEqual([expect.stringContaining(`rows.jsonl:${rows.length + 1} cannot be read`)]);
  });
});
