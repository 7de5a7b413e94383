import type { TrainedPair } from '../../core/run-data/trace.ts';
import { summariseTrained } from '../../core/run-data/summary.ts';
import { foreignRun } from '../foreign/known.ts';
import type { GroupedBatch } from '../foreign/grouping.ts';
import type { ForeignRun } from '../foreign/run.ts';
import type { PairOrProblem, PairFile, PairSource } from './files.ts';

/** The completions that another program logged, as pairs of one view. */
export class ForeignPairs implements PairSource {
  private readonly run: ForeignRun;

  constructor(dir: string) {
    this.run = foreignRun(dir);
  }

  /** Only a look at the files tells. */
  changed(): Promise<null> {
    return Promise.resolve(null);
  }

  async files(): Promise<PairFile[]> {
    const { batches } = await this.run.read();
    return batches.map(({ batch: { path, name, step }, version }) => ({ path, name, step, version }));
  }

  async *read(file: PairFile): AsyncGenerator<PairOrProblem> {
    try {
      for (const pair of await this.pairs(file)) yield { pair, summary: summariseTrained(pair), spans: [] };
    } catch (error) {
      yield { problem: (error as Error).message };
    }
  }

  async open(file: PairFile, _texts: readonly string[], number: number): Promise<TrainedPair> {
    const pair = (await this.pairs(file))[number];
    if (!pair) throw new Error(`${file.name} has no pair ${number} any more.`);
    return pair;
  }

  private async pairs({ name }: PairFile): Promise<TrainedPair[]> {
    const batch = await this.batch(name);
    return (await this.run.pairs(batch)).map((pair) => ({ kind: 'trained', ...pair }));
  }

  private async batch(name: string): Promise<GroupedBatch> {
    const { batches } = await this.run.read();
    const found = batches.find(({ batch }) => batch.name === name);
    if (!found) throw new Error(`${name} is not there any more.`);
    return found;
  }
}
