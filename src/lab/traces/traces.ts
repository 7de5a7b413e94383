import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainedPair } from '../../core/run-data/trace.ts';
import { readTracedPair } from '../../core/run-data/read.ts';
import { summariseTrained } from '../../core/run-data/summary.ts';
import { readLines, type Found, type PairFile, type PairSource, type PlacedText } from './files.ts';

/** The pairs that a run traced, a file per step. A run that traced nothing yet has none. */
export class TraceFiles implements PairSource {
  private readonly folder: string;

  constructor(run: string) {
    this.folder = join(run, 'traces');
  }

  /** Trace files are put in place as a whole, which their folder's time tells. */
  async changed(): Promise<number | null> {
    return stat(this.folder).then(
      ({ mtimeMs }) => mtimeMs,
      () => null,
    );
  }

  async files(): Promise<PairFile[]> {
    const names = await readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    return names
      .flatMap((name) => {
        const step = /^step-(\d+)\.jsonl$/.exec(name)?.[1];
        if (step === undefined) return [];
        return { path: join(this.folder, name), name: `traces/${name}`, step: Number(step) };
      })
      .sort((a, b) => a.step - b.step);
  }

  async *read(file: PairFile, lines: AsyncIterable<PlacedText>): AsyncGenerator<Found> {
    const seen = new Set<number>();
    for await (const found of readLines(lines, (value) => pairOf(file, value))) {
      if ('message' in found) {
        yield found;
        continue;
      }
      const { value: pair, place } = found;
      if (seen.has(pair.pair)) {
        yield { line: place.number, message: `Pair ${pair.pair} stands here a second time.` };
        continue;
      }
      seen.add(pair.pair);
      yield { pair, summary: summariseTrained(pair), spans: [{ at: place.at, bytes: place.bytes }] };
    }
  }

  open(file: PairFile, [text]: readonly string[]): TrainedPair {
    return pairOf(file, JSON.parse(text!));
  }
}

function pairOf({ step }: PairFile, value: unknown): TrainedPair {
  const pair: TrainedPair = { kind: 'trained', ...readTracedPair(value) };
  if (pair.step !== step)
    throw new Error(`This is a pair of step ${pair.step}, in the file of step ${step}.`);
  return pair;
}
