import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  summariseTrained,
  type TraceSource,
  type TraceSourceInfo,
} from '../../core/run-data/trace-summary.ts';
import { EvaluationFiles } from './evaluations.ts';
import {
  type LineText,
  type PairFile,
  type PairOrProblem,
  type PairSource,
  readLines,
  type PairAndArrays,
} from './files.ts';
import { mayBeForeign } from '../foreign/known.ts';
import { ForeignPairs } from './foreign.ts';
import { readTracedPair, type TracedPair, type TrainedPair } from '../../core/run-data/trace.ts';
import { RecordError, type RecordSource } from '../../core/record.ts';
import { ifMissing } from '../files/disk-error.ts';
import { byNumber } from '../files/folders.ts';
import { stepsIn } from '../runs/step-names.ts';

/** The traces of a run, then its evaluations by name. For a folder that is an evaluation without a run, only that. */
export async function listSources(run: string): Promise<TraceSourceInfo[]> {
  if (await hasRows(run)) return [{ source: '.', label: `Evaluation ${basename(run)}` }];
  const names = await readdir(join(run, 'eval')).catch(ifMissing([]));
  const evaluations: TraceSourceInfo[] = [];
  for (const name of names.sort(byNumber)) {
    if (await hasRows(join(run, 'eval', name)))
      evaluations.push({ source: name, label: `Evaluation ${name}` });
  }
  return [{ source: undefined, label: 'Traces' }, ...evaluations];
}

/** Whether a folder is an evaluation, of a run or of a model behind an endpoint. */
export async function hasRows(folder: string): Promise<boolean> {
  const stats = await stat(join(folder, 'rows.jsonl')).catch(ifMissing(null));
  return stats?.isFile() ?? false;
}

/**
 * @throws if the name of an evaluation is invalid
 */
export function openSource({ run, source }: TraceSource): PairSource {
  if (source !== undefined) return new EvaluationFiles(run, source);
  return mayBeForeign(run) ? new ForeignPairs(run) : new TraceFiles(run);
}

/** The pairs that a run traced, a file per step. A run may have traced nothing yet. */
export class TraceFiles implements PairSource {
  private readonly folder: string;

  constructor(run: string) {
    this.folder = join(run, 'traces');
  }

  /** Trace files are put in place as a whole, which changes the folder's time. */
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
        yield { problem: `${file.name}:${place.number}: Pair ${pair.pair} stands here a second time.` };
        continue;
      }
      seen.add(pair.pair);
      yield { pair, summary: summariseTrained(pair), spans: [{ at: place.at, bytes: place.bytes }] };
    }
  }

  open(_file: PairFile, [text]: readonly string[]): PairAndArrays {
    // Validated by `read`, and the file has not changed since.
    return { pair: { kind: 'trained', ...(JSON.parse(text!) as TracedPair) } };
  }
}

function pairOf({ step }: PairFile, value: unknown, source: RecordSource): TrainedPair {
  const pair: TrainedPair = { kind: 'trained', ...readTracedPair(value, source) };
  if (pair.step !== step)
    throw new RecordError(source, `it is a pair of step ${pair.step}, in the file of step ${step}.`);
  return pair;
}
