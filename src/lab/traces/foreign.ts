import { join } from 'node:path';
import { summariseTrained } from '../../core/run-data/trace-summary.ts';
import { byQuestion } from '../../core/metrics/source-evaluation.ts';
import { pairsOf } from './evaluations.ts';
import { TraceArrays } from '../runs/trace.ts';
import { pictureFolder, readForeign } from '../foreign/known.ts';
import type { PairOrProblem, PairFile, PairSource, PairAndArrays } from './files.ts';

/** The name of an evaluation's rows, which may come from several files. */
const EVALUATION = 'evaluation';

/** The completions that another program logged, as pairs of one view; of an evaluation, one pair for each question. */
export class ForeignPairs implements PairSource {
  constructor(private readonly dir: string) {}

  /** Only a look at the files tells. */
  changed(): Promise<null> {
    return Promise.resolve(null);
  }

  async files(): Promise<PairFile[]> {
    const { batches, evaluation, origin, seen } = await readForeign(this.dir);
    if (evaluation) {
      const [file] = origin.files;
      return file
        ? [
            {
              path: join(pictureFolder(this.dir), file.path),
              name: EVALUATION,
              step: evaluation.step ?? 0,
              version: seen,
            },
          ]
        : [];
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
    throw new Error(`${file.name} has no pair ${number} any more.`);
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
    if (!logged) throw new Error(`${name} is not there any more.`);
    for (const traced of await logged.pairs(arrays)) {
      const pair = { kind: 'trained' as const, ...traced };
      yield { pair, summary: summariseTrained(pair), spans: [] };
    }
  }
}
