import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeLookedSet } from '../../support/insights.ts';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ServiceApi } from '../../../src/panels/service.reads.ts';
import type { Edits } from '../../../src/panels/annotate/annotate-edits.reads.ts';
import { Service } from '../../../src/panels/service.host.ts';
import { kill } from '../../support/kill.ts';
import { openProject } from '../recorded/files.ts';
import { slowly } from '../../support/slow.ts';
import { planOf } from '../../support/sweep.ts';
import type { StimuliPlan } from '../../../src/core/psychophysics/acuity-record.ts';
import { stimuli } from '../../../src/lab/acuity/acuity-rows.ts';
import { newScene } from '../../../src/core/worlds/sandbox/sandbox-scene.ts';
import { NO_INTERPRETATION } from '../../../src/core/run-data/interpretation.ts';
import { Random } from '../../../src/base/random.ts';
import { folderOfTests } from '../../support/folder.ts';

const SCRIPT = resolve('dist/service.cjs');

/** What panels have open while the thread is killed. */
interface Opened {
  run: number;
  list: number;
  file: number;
}

describe('service whose worker thread is killed', () => {
  const folder = folderOfTests('chirality-killed-');
  let service: Service;
  let opened: Opened;
  let stimulus: string;
  beforeAll(async () => {
    await openProject(folder);
    mkdirSync(at('sweep'));
    writeFileSync(at('sweep/sweep.yaml'), JSON.stringify(planOf(1)));
    const size = { w: 64, h: 64 };
    const plan = {
      axis: 'side',
      form: 'choice',
      style: 'compact',
      size,
      levels: [-48, 48],
      blocks: 1,
      seed: 1,
    };
    stimulus = (await stimuli(at('acuity/rows'), plan as StimuliPlan)).rows;
  });
  beforeEach(() => (service = new Service(SCRIPT)));
  afterEach(() => service.dispose());

  const at = (path: string) => join(folder, path);
  const data = () => at('train/data.qa.jsonl');
  const place = () => ({ folder: at('train'), root: folder });
  const trace = () => ({ run: at('runs/spatial'), source: undefined });
  const id = { step: 1, pair: 0 };
  const query = { filter: '', text: '', sort: null };
  const foreign = () => resolve('test/fixtures/foreign-runs/trl-1.14');
  const source = () => ({ runs: [at('runs/spatial'), at('runs/stages')], roots: [at('runs')] });
  const compare = (): [string, string] => [
    at('runs/spatial/eval/step-000004'),
    at('runs/stages/eval/step-000002'),
  ];
  /** An evaluation that is in no report: judgements are written to it. */
  const judged = () => at('runs/sft/eval/step-000050');
  const choices = () =>
    ({ map: {}, checkpoints: 'all', metric: null, base: null, compare: compare() }) as never;
  const config = () => ({ kind: 'run' as const, text: 'recipe: gr', presets: resolve('library/presets') });
  const first = () => readFileSync(data(), 'utf8').split('\n')[0]!;
  const row = () => JSON.parse(first()) as never;
  const scene = () => newScene(Random.from(1), 'compact');
  const looked = () => ({
    dir: at('runs/spatial'),
    name: 'set-val',
    id: (row() as { id: string }).id,
    allowed: [folder],
  });
  const question = { question: 'Is the box left?', answer: 'yes', choices: [] };

  /** Everything that panels ask of it, but for editors, which have a test of their own. */
  const calls: {
    [K in Exclude<keyof ServiceApi, keyof Edits['api']>]: () => Parameters<ServiceApi[K]>[0];
  } = {
    beat: () => null,
    checkText: () => ({ name: 'a', text: '{}', place: null }),
    checkFile: () => ({ path: data(), place: place() }),
    findRow: () => ({ path: data(), line: 3, by: 1 }),
    readRow: () => ({ text: first(), place: place() }),
    image: () => ({ image: 'images/000001.png', place: place() }),
    findRunRoots: () => ({ folders: [folder] }),
    ask: () => ({ name: 'runs', input: {}, roots: [at('runs')] }),
    runsDifferences: () => ({ dirs: [at('runs/spatial'), at('runs/given')] }),
    interpretRun: () => ({ dir: foreign(), ...NO_INTERPRETATION }),
    rewardsOfRun: () => ({ dir: foreign() }),
    newRoot: () => ({ dir: at('runs/spatial'), folder }),
    runPace: () => ({ dir: at('runs/spatial') }),
    savedRuns: () => ({ dirs: [at('runs/spatial')] }),
    countRows: () => ({ path: data() }),
    rowParts: () => ({ path: data() }),
    unknownWords: () => ({ model: at('runs/spatial'), path: data() }),
    isTable: () => ({ path: data() }),
    sharedWith: () => ({ path: data(), others: [data()] }),
    previewTable: () => ({ paths: [data()], choice: null, images: null, place: place() }),
    usableRows: () => ({ path: data(), place: place() }),
    storeDepth: () => ({ folder, text: 'upper' }),
    writeMended: () => ({ path: data(), place: place(), to: at('usable.qa.jsonl') }),
    encodingOf: () => ({ path: data() }),
    wordsIn: () => ({ path: data(), encodings: ['windows-1252'] }),
    writeInUtf8: () => ({ path: data(), encoding: 'windows-1252', to: at('utf-8.qa.jsonl') }),
    setsOfConfig: () => ({ text: 'data: { train: data.qa.jsonl }', path: at('a.run.yaml') }),
    checkpoints: () => ({ dir: at('runs/spatial') }),
    acuity: () => ({ roots: [at('acuity')], axis: null, hidden: [] }),
    // Rows are answered by their own references.
    runAcuity: () => ({ dir: at('runs/spatial') }),
    acuityTrials: () => ({ key: stimulus, rows: stimulus, x: 48 }),
    acuityImage: () => ({ rows: stimulus, ref: 'images/0001-original.png' }),
    ownTrials: () => ({ rows: stimulus, seed: 1 }),
    traceSources: () => ({ run: at('runs/spatial') }),
    traces: () => ({ ...trace(), query, list: opened.list }),
    traceRows: () => ({ ...trace(), list: opened.list, from: 0, count: 5 }),
    traceIndex: () => ({ ...trace(), list: opened.list, id }),
    tracePair: () => ({ ...trace(), id }),
    traceSample: () => ({ ...trace(), sample: '000001', set: null }),
    traceImage: () => ({ ...trace(), id, image: 0, allowed: [folder] }),
    foldersToAllow: () => ({ ...trace(), allowed: [] }),
    traceWall: () => ({ ...trace(), list: opened.list }),
    rowsOfPairs: () => ({ ...trace(), ids: [id], allowed: [folder] }),
    saveRowsOfPairs: () => ({ ...trace(), ids: [id], allowed: [folder], path: at('chosen.qa.jsonl') }),
    traceRow: () => ({ ...trace(), sample: '000001', set: null, views: [], allowed: [folder] }),
    whatIfConfig: () => ({ run: at('runs/spatial') }),
    forkSettings: () => ({ run: at('runs/spatial') }),
    whyNoWhatIf: () => ({ run: at('runs/spatial') }),
    whatIfCheckpoints: () => ({ run: at('runs/spatial') }),
    whatIfStep: () => ({ run: at('runs/spatial'), step: 1 }),
    whatIfRun: () => ({ run: at('runs/spatial'), changes: { eta: 2 } }) as never,
    configWith: () => ({ run: at('runs/spatial'), set: ['coupling.eta=2'], folder }),
    forkPlan: () => ({ run: at('runs/spatial'), step: 100, set: ['steps=1000'] }),
    runOpen: () => ({ dir: at('runs/spatial'), run: opened.run }),
    runSeries: () => ({
      run: opened.run,
      query: {
        dir: at('runs/spatial'),
        x: 'step',
        metrics: ['reward'],
        range: null,
        columns: 100,
        smoothing: 0,
      },
    }),
    runSpread: () => ({ run: opened.run, query: { dir: at('runs/spatial'), x: 'step', of: 'reward' } }),
    runUpdate: () => ({ run: opened.run }),
    runClose: () => ({ run: 99 }),
    openData: () => ({ file: opened.file, path: data() }),
    dataRows: () => ({ file: opened.file, filter: { chosen: {}, text: 'left' } }),
    dataCards: () => ({ file: opened.file, rows: [3, 1], place: place() }),
    dataAudit: () => ({ file: opened.file }),
    closeData: () => ({ file: 99 }),
    reportVersion: source,
    report: () => ({ ...source(), choices: choices() }),
    reportViewRows: () => {
      const cell = { key: compare()[0], set: 'val', views: ['original', 'mirror'] };
      return { cell, pairing: 'right', from: 0, count: 3 } as never;
    },
    reportRows: () => ({ compare: compare(), outcome: 'neither', from: 0, count: 3 }) as never,
    auditBegin: () => ({ keys: [judged()], person: 'mira', answers: 4, more: 0 }),
    auditSay: () => ({ keys: [judged()], person: 'mira', answers: 4, turn: 0, said: null }),
    auditImage: () => ({
      keys: [judged()],
      person: 'mira',
      answers: 4,
      turn: 0,
      image: 0,
      allowed: [folder],
    }),
    sweepVersion: () => ({ sweep: at('sweep') }),
    sweepReport: () => ({ sweep: at('sweep') }),
    completeConfig: () => ({ ...config(), offset: 10 }),
    hoverConfig: () => ({ ...config(), offset: 3 }),
    checkConfig: () => ({ ...config(), path: null, root: null, schema: true }),
    questionOf: () => ({ row: row(), question }),
    sceneOfRow: () => ({ row: row() }),
    drawScene: () => ({ scene: scene(), folder: at('scene'), name: 'scene' }),
    strategies: () => ({ folder: resolve('library/strategies'), files: [] }),
    keepQuestion: () => ({
      path: at('kept.qa.jsonl'),
      id: 'kept',
      row: row(),
      question,
      asked: [],
      place: place(),
      root: folder,
    }),
    insights: () => ({ dir: at('runs/spatial') }),
    insight: () => ({ dir: at('runs/spatial'), name: 'set-val' }),
    compareLooks: () => ({ looks: [{ dir: at('runs/spatial'), name: 'set-val', label: '' }] }),
    watched: () => ({ dir: at('runs/spatial') }),
    apart: () => ({ dirs: [at('runs/spatial'), at('runs/sft')], path: at('val/data.qa.jsonl') }),
    watchedImage: () => ({
      dir: at('runs/spatial'),
      evaluation: 'step-000004',
      set: 'own',
      ref: (
        JSON.parse(readFileSync(at('runs/spatial/eval/step-000004/rows.jsonl'), 'utf8').split('\n')[0]!) as {
          images: never[];
        }
      ).images[0]!,
      allowed: [folder],
    }),
    lookedPair: () => looked(),
    lookedImage: () => ({ ...looked(), ref: 'images/000001.png' }),
    lookedSample: () => looked(),
    lookedLine: () => looked(),
    familyIn: () => ({ path: at('runs/spatial') }),
    wantsGpu: () => ({ path: at('runs/spatial') }),
  };

  slowly('a service returns the same results if killed before or during a call', async () => {
    opened = { run: 0, list: 0, file: 5 };
    writeLookedSet(at('runs/spatial'), 'set-val', data());
    ({ run: opened.run } = await service.call('runOpen', { dir: at('runs/spatial') }));
    ({ list: opened.list } = await service.call('traces', { ...trace(), query }));
    await service.call('openData', { file: opened.file, path: data() });
    const ask = async () => {
      const names = Object.keys(calls) as (keyof typeof calls)[];
      const answers = names.map(async (name) => [name, await service.call(name, calls[name]() as never)]);
      return Object.fromEntries((await Promise.all(answers)) as [string, unknown][]);
    };
    const before = await ask();
    await kill(service);
    expect(await ask()).toEqual(before);
    const underway = ask();
    await kill(service);
    expect(await underway).toEqual(before);
    expect(readFileSync(at('kept.qa.jsonl'), 'utf8').trim().split('\n')).toHaveLength(1);
  });

  test('a service does not reopen closed runs or reuse their ids after a kill', async () => {
    const dir = at('runs/spatial');
    const { run } = await service.call('runOpen', { dir });
    await service.call('runClose', { run });
    const { run: other } = await service.call('runOpen', { dir });
    await kill(service);
    const { run: third } = await service.call('runOpen', { dir: at('runs/stages') });
    expect(third).not.toBe(other);
    expect(await service.call('runUpdate', { run: other })).toMatchObject({ rows: 4 });
    await expect(service.call('runUpdate', { run })).rejects.toThrow('no longer open');
  });

  test('fails a call that kills the thread three times, and continues with other calls', async () => {
    const stopped = vi.fn();
    const fragile = new Service(fallible(), stopped);
    const ask = (name: string) => fragile.call('checkText', { name, text: '{}', place: null });
    const falling = ask('fall');
    const other = ask('other');
    await expect(falling).rejects.toThrow('The data reader stopped: out of luck. All 3 attempts failed.');
    expect(stopped).toHaveBeenCalledTimes(3);
    expect(await other).toMatchObject({ rows: 1 });
    expect(await ask('again')).toMatchObject({ rows: 1 });
    await fragile.dispose();
  });

  test('ends a thread that hangs, and repeats the calls of the thread', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const stopped = vi.fn();
    const fragile = new Service(fallible(), stopped);
    try {
      const ask = (name: string) => fragile.call('checkText', { name, text: '{}', place: null });
      await ask('start');
      await vi.advanceTimersByTimeAsync(60_000); // nobody waits for an answer
      const hanging = ask('hang once');
      const other = ask('other');
      while (!existsSync(at('hung'))) await new Promise((resolve) => setTimeout(resolve, 10));
      await vi.advanceTimersByTimeAsync(30_000);
      expect(stopped).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(5_000);
      expect(await Promise.all([hanging, other])).toMatchObject([{ rows: 1 }, { rows: 1 }]);
      expect(stopped.mock.calls).toEqual([['The data reader stopped after 30 seconds without a response.']]);
    } finally {
      vi.useRealTimers();
      await fragile.dispose();
    }
  });

  /** The service itself, but that it falls or hangs over a name. */
  function fallible(): string {
    const script = at('fallible.cjs');
    writeFileSync(
      script,
      `const { existsSync, writeFileSync } = require('node:fs');
       require('node:worker_threads').parentPort.on('message', ({ args }) => {
         if (args?.name === 'fall') throw new Error('out of luck');
         if (args?.name === 'hang once' && !existsSync('${at('hung')}')) {
           writeFileSync('${at('hung')}', '');
           for (;;);
         }
       });
       require(${JSON.stringify(SCRIPT)});`,
    );
    return script;
  }
});
