import { join } from 'node:path';
import type { TrainedPair } from '../../core/run-data/trace.ts';
import { summariseTrained } from '../../core/run-data/trace-summary.ts';
import { questionsOf, type SourceEvaluation, type SourceRow } from '../../core/foreign/evaluation.ts';
import { sourcePair } from './evaluations.ts';
import { TraceArrays } from '../runs/trace.ts';
import { foreignRun, pictureFolder } from '../foreign/known.ts';
import type { GroupedBatch } from '../foreign/grouping.ts';
import type { ForeignRun } from '../foreign/run.ts';
import type { PairOrProblem, PairFile, PairSource, PairAndArrays } from './files.ts';

/** The name of an evaluation's rows, which may come from several files. */
const EVALUATION = 'evaluation';

const known = new WeakMap<SourceEvaluation, SourceRow[][][]>();

function evaluatedPairs(evaluation: SourceEvaluation): SourceRow[][][] {
  const found = known.get(evaluation) ?? questionsOf(evaluation.rows);
  known.set(evaluation, found);
  return found;
}

/** The completions that another program logged, as pairs of one view; of an evaluation, one pair for each question. */
export class ForeignPairs implements PairSource {
  constructor(private readonly dir: string) {}

  /** Another one after a person has said something about the run. */
  private get run(): ForeignRun {
    return foreignRun(this.dir);
  }

  /** Only a look at the files tells. */
  changed(): Promise<null> {
    return Promise.resolve(null);
  }

  async files(): Promise<PairFile[]> {
    const { batches, evaluation, origin, seen } = await this.run.read();
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
      const { evaluation } = await this.run.read();
      if (evaluation) {
        const found = evaluatedPairs(evaluation);
        for (const [i, views] of found.entries())
          yield { ...sourcePair(views, evaluation.step ?? 0, i), spans: [] };
        return;
      }
      for (const pair of await this.pairs(file)) yield { pair, summary: summariseTrained(pair), spans: [] };
    } catch (error) {
      yield { problem: (error as Error).message };
    }
  }

  async open(file: PairFile, _texts: readonly string[], number: number): Promise<PairAndArrays> {
    const { evaluation } = await this.run.read();
    if (evaluation) {
      const views = evaluatedPairs(evaluation)[number];
      if (!views) throw new Error(`The evaluation has no question ${number} any more.`);
      return { pair: sourcePair(views, evaluation.step ?? 0, number).pair };
    }
    const arrays = new TraceArrays();
    const pair = (await this.pairs(file, arrays)).find((each) => each.pair === number);
    if (!pair) throw new Error(`${file.name} has no pair ${number} any more.`);
    return { pair, arrays: arrays.bytes() };
  }

  private async pairs({ name }: PairFile, arrays?: TraceArrays): Promise<TrainedPair[]> {
    const batch = await this.batch(name);
    return (await this.run.pairs(batch, arrays)).map((pair) => ({ kind: 'trained', ...pair }));
  }

  private async batch(name: string): Promise<GroupedBatch> {
    const { batches } = await this.run.read();
    const found = batches.find(({ batch }) => batch.name === name);
    if (!found) throw new Error(`${name} is not there any more.`);
    return found;
  }
}
