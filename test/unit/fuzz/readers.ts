import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { z } from 'zod';
import { JobError } from '../../../src/cli/errors.ts';
import { formatProblem } from '../../../src/cli/input.ts';
import { readSweep } from '../../../src/cli/sweep-read.ts';
import { RunConfig } from '../../../src/core/config/run-config.ts';
import { StrategyFile } from '../../../src/core/config/strategy-file.ts';
import { SweepConfig } from '../../../src/core/config/sweep.ts';
import { metricsRowSchema, readMetricsRow } from '../../../src/core/rewards/metrics-row.ts';
import { evaluationRowSchema } from '../../../src/core/evaluation/evaluation-row.ts';
import { evaluationResultSchema } from '../../../src/core/evaluation/results.ts';
import {
  eventSchema,
  loopStateSchema,
  manifestSchema,
  readEvent,
  stateSchema,
} from '../../../src/lab/runs/run-folder.ts';
import { tracedPairSchema } from '../../../src/core/run-data/trace.ts';
import { readGraph } from '../../../src/rows/scene-graph/read-graph.ts';
import { readQaJsonl } from '../../../src/lab/datasets/rows.ts';
import { readResults, readScoredRows } from '../../../src/lab/evaluation/evaluation-folders.ts';
import { streamFile } from '../../../src/lab/files/regular.ts';
import { thisProcess } from '../../../src/lab/files/process.ts';
import { processSchema } from '../../../src/lab/files/process-id.ts';
import { readLoopState, verifyCheckpoint } from '../../../src/lab/runs/checkpoints.ts';
import { lockFolder } from '../../../src/lab/runs/folder-lock.ts';
import { readManifest, readRunConfig } from '../../../src/lab/runs/make-run.ts';
import { readState } from '../../../src/lab/runs/state.ts';
import { Tail } from '../../../src/lab/runs/tail.ts';
import { readTraces } from '../../../src/lab/runs/trace-files.ts';
import { openStrategy } from '../../../src/lab/strategies.ts';
import { corrupt, corruption, places, type Corruption } from './corrupt.ts';
import { forAllAsync } from '../../support/property.ts';

const PROJECT = 'test/fixtures/recorded/project';
const RUN = `${PROJECT}/runs/grpo`;
const EVALUATION = `${PROJECT}/evals/mock-scene-graph-val-d9ed7c43`;

/** A kind of file: an example, and how it is read. */
interface Kind {
  /** Where it lies in the folder that is read. */
  file: string;
  value: unknown;
  schema?: z.ZodType;
  /** Of a file of lines, the corrupted one is the second of three. */
  lines?: boolean;
  yaml?: boolean;
  /** Without a name in its messages: a text, not a file. */
  nameless?: boolean;
  /** Reads it in a folder. @returns what it tells */
  read: (folder: string) => Promise<string[]>;
}

const whole = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const line = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8').split('\n')[0]!);
const none = (): string[] => [];
const tail = (file: string, row: ConstructorParameters<typeof Tail>[1]) => async (folder: string) => {
  const { firstLeftOut } = await new Tail(join(folder, file), row).read();
  return firstLeftOut === null ? [] : [firstLeftOut];
};
async function rows(folder: string): Promise<string[]> {
  const told: string[] = [];
  const file = join(folder, 'data.qa.jsonl');
  for await (const { line, problems } of readQaJsonl(await streamFile(file)))
    told.push(...problems.map((problem) => formatProblem(file, line, problem)));
  return told;
}
const { file: CHECKED, value: GRAPH } = (() => {
  const file = `${PROJECT}/train/data.qa.jsonl`;
  return { file, value: (line(file) as { scene_graph: unknown }).scene_graph };
})();

export const KINDS: Record<string, Kind> = {
  'sample rows': { file: 'data.qa.jsonl', value: line(CHECKED), lines: true, read: rows },
  trace: {
    file: 'traces/step-000001.jsonl',
    value: line(`${RUN}/traces/step-000001.jsonl`),
    schema: tracedPairSchema,
    lines: true,
    read: (folder) => readTraces(folder, 1).then(none),
  },
  metrics: {
    file: 'metrics.jsonl',
    value: line(`${RUN}/metrics.jsonl`),
    schema: metricsRowSchema,
    lines: true,
    read: tail('metrics.jsonl', readMetricsRow),
  },
  events: {
    file: 'events.jsonl',
    value: line(`${PROJECT}/runs/skip/events.jsonl`),
    schema: eventSchema,
    lines: true,
    read: tail('events.jsonl', readEvent),
  },
  'evaluation rows': {
    file: 'rows.jsonl',
    value: line(`${EVALUATION}/rows.jsonl`),
    schema: evaluationRowSchema,
    lines: true,
    read: async (folder) => {
      const told: string[] = [];
      await readScoredRows(folder, ({ message }) => told.push(message));
      return told;
    },
  },
  results: {
    file: 'results.json',
    value: whole(`${EVALUATION}/results.json`),
    schema: evaluationResultSchema.array(),
    read: (folder) => readResults(folder).then(none),
  },
  manifest: {
    file: 'manifest.json',
    value: whole(`${RUN}/manifest.json`),
    schema: manifestSchema,
    read: (folder) => readManifest(folder).then(none),
  },
  state: {
    file: 'state.json',
    value: whole(`${RUN}/state.json`),
    schema: stateSchema,
    read: (folder) => readState(folder).then(none),
  },
  lock: {
    file: 'lock/0123456789abcdef/holder.json',
    value: await thisProcess(),
    schema: processSchema,
    nameless: true,
    read: async (folder) => {
      // As a power cut left it, a while ago.
      utimesSync(join(folder, 'lock/0123456789abcdef/holder.json'), 0, Date.now() / 1000 - 40);
      await (await lockFolder(folder)).release();
      return [];
    },
  },
  'loop state': {
    file: 'checkpoints/step-000001/loop.json',
    schema: loopStateSchema,
    value: whole(`${PROJECT}/runs/skip/checkpoints/step-000002/loop.json`),
    read: (folder) => readLoopState(folder, 1).then(none),
  },
  checksums: {
    file: 'step-000001/checksums.json',
    value: { 'weights.bin': 'a'.repeat(64) },
    nameless: true,
    read: (folder) => verifyCheckpoint(join(folder, 'step-000001')).then(none),
  },
  'run config': {
    file: 'run.yaml',
    value: parse(readFileSync(`${RUN}/run.yaml`, 'utf8')),
    schema: RunConfig,
    yaml: true,
    read: (folder) => readRunConfig(folder).then(none),
  },
  sweep: {
    file: 'eta.sweep.yaml',
    schema: SweepConfig,
    yaml: true,
    value: parse(readFileSync('library/sweeps/eta.sweep.yaml', 'utf8')),
    read: (folder) => {
      const file = join(folder, 'eta.sweep.yaml');
      readSweep({ text: readFileSync(file, 'utf8'), file }, false, {});
      return Promise.resolve([]);
    },
  },
  strategy: {
    file: 'own.strategy.yaml',
    schema: StrategyFile,
    yaml: true,
    value: parse(readFileSync('library/strategies/scene-graph.strategy.yaml', 'utf8')),
    read: (folder) => {
      openStrategy(join(folder, 'own.strategy.yaml'));
      return Promise.resolve([]);
    },
  },
  'scene graph': {
    file: 'graph.json',
    value: GRAPH,
    nameless: true,
    read: (folder) => {
      const { repairs: problems } = readGraph(readFileSync(join(folder, 'graph.json'), 'utf8'));
      return Promise.resolve(problems.map(({ message }) => message));
    },
  },
};

/** What a program says to itself, and not to people. */
const RAW =
  /TypeError|RangeError|ReferenceError|ZodError|Cannot (?:read|convert|destructure|set)|is not (?:a function|iterable|defined)|undefined is|\[object |call stack|heap|Invalid (?:array|string) length|\n\s+at /;

/** Reads what a corruption makes of a kind of file. @returns what is wrong with how that is told */
async function faults(kind: Kind, all: readonly (string | number)[][], what: Corruption): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'chirality-fuzz-'));
  try {
    const path = join(folder, kind.file);
    mkdirSync(dirname(path), { recursive: true });
    const bad = corrupt(kind.value, all, what);
    const good = JSON.stringify(kind.value);
    // YAML holds JSON; half of them are written as people write it.
    const isPlain = kind.yaml && what.kind !== 'nested' && what.choice % 2 === 0 && isJson(bad);
    const text = kind.lines ? `${good}\n${bad}\n${good}\n` : isPlain ? stringify(JSON.parse(bad)) : bad;
    writeFileSync(path, text);
    const began = process.cpuUsage();
    const told = await Promise.resolve()
      .then(() => kind.read(folder))
      .catch((error: unknown) => [error instanceof JobError ? error.toString() : (error as Error).message]);
    const { user, system } = process.cpuUsage(began);
    const took = (user + system) / 1e6;
    return [
      ...(took > 10 ? [`took ${Math.round(took)} s of the processor`] : []),
      ...told.flatMap((message) => [
        ...(RAW.test(message) ? [`raw: ${message}`] : []),
        ...(kind.nameless || message.includes(basename(path)) ? [] : [`no file: ${message}`]),
        ...(kind.lines && !/:\d+\b/.test(message) ? [`no line: ${message}`] : []),
        ...(namesField(message, kind, what, isJson(bad)) ? [] : [`no field: ${message}`]),
      ]),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Whether a message names the field at fault, as far as there is one: a text that is not JSON has only a place, a value
 * that is replaced as a whole has only a name.
 */
function namesField(
  message: string,
  { nameless, yaml }: Kind,
  { kind }: Corruption,
  parses: boolean,
): boolean {
  if (nameless || !parses || kind !== 'value') return true;
  const [first] = message.split('\n') as [string];
  if (yaml) return /:\d+:\d+: |under [\w.]+/.test(message);
  return /A row must be a JSON object|"[^"]+"|: it must|\([\w.[\]]+\)$/.test(first);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Reads so many corruptions of one kind of file. */
export async function fuzz(name: string, runs: number): Promise<void> {
  const kind = KINDS[name]!;
  const all = places(kind.value, kind.schema);
  await forAllAsync([corruption], { numRuns: runs, endOnFailure: true }, async (what) => {
    const found = await faults(kind, all, what);
    if (found.length > 0)
      throw new Error(`${found.join('\n').slice(0, 600)}\n${corrupt(kind.value, all, what).slice(0, 300)}`);
  });
}
