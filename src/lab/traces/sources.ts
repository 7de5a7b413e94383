import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  summariseTrained,
  type TraceSource,
  type TraceSourceInfo,
} from '../../core/run-data/trace-summary.ts';
import { EvaluationFiles, pairsOf } from './evaluations.ts';
import {
  type LineText,
  type PairFile,
  type PairOrProblem,
  type PairSource,
  readLines,
  type PairAndArrays,
} from './pair-files.ts';
import { mayBeForeign, pictureFolder, readForeign } from '../foreign/known.ts';
import { readTracedPair, type TracedPair, type TrainedPair } from '../../core/run-data/trace.ts';
import { RecordError, type RecordSource } from '../../base/record.ts';
import { ifMissing } from '../files/disk-error.ts';
import { byNumber } from '../files/folders.ts';
import { stepsIn } from '../runs/run-folder.ts';
import { byQuestion } from '../../core/evaluation/source-evaluation.ts';
import { TraceArrays } from '../runs/trace-files.ts';

/** Returns the traces of a run, then its evaluations by name. For a single evaluation, returns only its rows. */
export async function listSources(run: string): Promise<TraceSourceInfo[]> {
  if (await hasRows(run)) return [{ source: '.', label: `Evaluation ${basename(run)}` }];
  const names = await readdir(join(run, 'eval')).catch(ifMissing([]));
  const evaluations: TraceSourceInfo[] = [];
  for (const name of names.sort(byNumber)) {
    if (await hasRows(join(run, 'eval', name)))
      evaluations.push({ source: name, label: `Evaluation ${name.replace(/^step-0*(?=\d)/, 'step ')}` });
  }
  return [{ source: undefined, label: 'Traces' }, ...evaluations];
}

/** Whether a folder is an evaluation of a run or of an endpoint. */
export async function hasRows(folder: string): Promise<boolean> {
  const stats = await stat(join(folder, 'rows.jsonl')).catch(ifMissing(null));
  return stats?.isFile() ?? false;
}

/** Returns the pairs of a source. @throws if the name of an evaluation is invalid */
export function openSource({ run, source }: TraceSource): PairSource {
  if (source !== undefined) return new EvaluationFiles(run, source);
  return mayBeForeign(run) ? new ForeignPairs(run) : new TraceFiles(run);
}

/** Traced pairs of a run, in one file per step. A run can have no traces yet. */
export class TraceFiles implements PairSource {
  private readonly folder: string;

  constructor(run: string) {
    this.folder = join(run, 'traces');
  }

  /** Trace files are written as a whole, which changes the folder's modification time. */
  async changed(): Promise<number | null> {
    return stat(this.folder).then(
      ({ mtimeMs }) => mtimeMs,
      () => null,
    );
  }

  async files(): Promise<PairFile[]> {
    const names = await readdir(this.folder).catch(ifMissing([]));
    return stepsIn(names, '.jsonl').map(({ name, step }) => ({
      path: join(this.folder, name),
      name: `traces/${name}`,
      step,
    }));
  }

  async *read(file: PairFile, lines: AsyncIterable<LineText>): AsyncGenerator<PairOrProblem> {
    const seen = new Set<number>();
    for await (const line of readLines(lines, file.name, (value, source) => pairOf(file, value, source))) {
      if ('problem' in line) {
        yield line;
        continue;
      }
      const { value: pair, place } = line;
      if (seen.has(pair.pair)) {
        yield { problem: `${file.name}:${place.number}: pair ${pair.pair} occurs twice.` };
        continue;
      }
      seen.add(pair.pair);
      yield { pair, summary: summariseTrained(pair), spans: [{ at: place.at, bytes: place.bytes }] };
    }
  }

  open(_file: PairFile, [text]: readonly string[]): PairAndArrays {
    // `read` has validated the line, and the file has not changed since.
    return { pair: { kind: 'trained', ...(JSON.parse(text!) as TracedPair) } };
  }
}

function pairOf({ step }: PairFile, value: unknown, source: RecordSource): TrainedPair {
  const pair: TrainedPair = { kind: 'trained', ...readTracedPair(value, source) };
  if (pair.step !== step)
    throw new RecordError(source, `the pair belongs to step ${pair.step}, not to step ${step}.`);
  return pair;
}

/** Name for the rows of an evaluation, which can come from several files. */
const EVALUATION = 'evaluation';

/** Completions of an external run, as pairs that have only one view. An evaluation has one pair per question. */
class ForeignPairs implements PairSource {
  constructor(private readonly dir: string) {}

  async files(): Promise<PairFile[]> {
    const { batches, evaluation, origin, seen } = await readForeign(this.dir);
    if (evaluation) {
      return origin.files.slice(0, 1).map(({ path }) => ({
        path: join(pictureFolder(this.dir), path),
        name: EVALUATION,
        step: evaluation.step ?? 0,
        version: seen,
      }));
    }
    return batches.map(({ batch: { path, name, step }, version }) => ({ path, name, step, version }));
  }

  async *read(file: PairFile): AsyncGenerator<PairOrProblem> {
    try {
      yield* this.pairs(file);
    } catch (error) {
      yield { problem: (error as Error).message };
    }
  }

  async open(file: PairFile, _texts: readonly string[], number: number): Promise<PairAndArrays> {
    const arrays = new TraceArrays();
    for await (const read of this.pairs(file, arrays)) {
      if (!('pair' in read) || read.pair.pair !== number) continue;
      return { pair: read.pair, ...(read.pair.kind === 'trained' && { arrays: arrays.bytes() }) };
    }
    throw new Error(`${file.name} no longer contains pair ${number}. List the pairs again.`);
  }

  private async *pairs({ name, step }: PairFile, arrays?: TraceArrays): AsyncGenerator<PairOrProblem> {
    const { evaluation, batches } = await readForeign(this.dir);
    if (evaluation) {
      const rows = byQuestion(evaluation.rows);
      return yield* pairsOf(
        rows.map((value, i) => ({ value, place: { number: i + 1, at: 0, bytes: 0 } })),
        name,
        step,
      );
    }
    const logged = batches.find(({ batch }) => batch.name === name);
    if (!logged) throw new Error(`${name} no longer exists.`);
    for (const traced of await logged.pairs(arrays)) {
      const pair = { kind: 'trained' as const, ...traced };
      yield { pair, summary: summariseTrained(pair), spans: [] };
    }
  }
}
