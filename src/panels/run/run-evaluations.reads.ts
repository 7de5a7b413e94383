import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UntilChanged, versionIn } from '../../lab/files/version.ts';
import { noEntries } from '../../lab/files/disk-error.ts';
import { recordsIn } from '../../lab/files/record-lines.ts';
import { stepsIn } from '../../lab/runs/run-folder.ts';
import type { ImageBytes } from '../pair/pair.contract.ts';
import type { Watched, WatchedImage } from './run.contract.ts';
import { readTracedPair, type TracedPair } from '../../core/run-data/trace.ts';
import { chooseWatched, pairApart, watchedInTraining } from './watched.reads.ts';
import { firstAnswers, type FirstAnswer } from '../../lab/evaluation/first-answers.ts';
import { newestEvaluation, quickChecks } from '../../lab/evaluation/evaluation-folders.ts';
import { rowsIn } from '../../lab/traces/data-rows.ts';
import { pairImage } from '../../lab/traces/pair-image.ts';
import { bothRight, likeForLikeTexts } from '../../core/metrics/view-gaps.ts';
import { runName } from '../../core/run-data/run-name.ts';
import { imageBytes } from '../data-rows.reads.ts';

/** Difference between the newest evaluations of two runs. */
export interface Apart {
  finding: string | null;
  line: number | null;
}

/** Number of pairs to show, and number of lines of an evaluation or step from which the pairs are chosen. */
const SHOWN = 6;
const LINES = 1000;

const answersByFolder = new UntilChanged<FirstAnswer[]>();

/** Calls that read pairs for the Run panel, with their answers during training. */
export const watchedService = {
  async watched({ dir }: { dir: string }): Promise<Watched> {
    const evaluations = [];
    for (const { name, step, dir: folder } of await quickChecks(dir)) {
      const rows = await answersIn(folder);
      if (rows.length > 0) evaluations.push({ name, step, rows });
    }
    const watched = chooseWatched(evaluations, SHOWN);
    return watched.pairs.length > 0 ? watched : ((await inTraining(dir)) ?? watched);
  },

  /**
   * Compares the newest evaluations of two runs. Returns a sentence, and the line of a row with the difference: the
   * first run answers this row correctly in only one view, the second run in both views. Null without such a row.
   * @param args.path data file of the first set, which contains the row
   */
  async apart({ dirs, path }: { dirs: readonly [string, string]; path: string }): Promise<Apart> {
    const newest = await Promise.all(dirs.map((dir) => newestEvaluation(dir)));
    const [one, another] = newest;
    const set = one && bothRight(one.results)?.set;
    if (!one || !another || set == null) return { finding: null, line: null };
    const texts = likeForLikeTexts([one.results, another.results], set);
    const finding = texts && `${texts.map((text, i) => `${runName(dirs[i]!)} ${text}`).join('; ')}.`;
    const [first = [], second = []] = await Promise.all(
      newest.map(async (evaluation, i) => {
        const rows = await answersIn(join(dirs[i]!, 'eval', evaluation!.id));
        return rows.filter((row) => row.set === set);
      }),
    );
    const wanted = pairApart(first, second);
    if (wanted === null) return { finding, line: null };
    for await (const { id, line } of rowsIn(path)) if (id === wanted) return { finding, line };
    return { finding, line: null };
  },

  async watchedImage({
    dir,
    evaluation,
    set,
    ref,
    allowed,
  }: WatchedImage & { allowed: readonly string[] }): Promise<ImageBytes> {
    const source = { run: dir, ...(evaluation !== null && { source: evaluation }) };
    return imageBytes(await pairImage(source, set, ref, allowed));
  },
};

/** Returns pairs of the newest step that has traces; null if no step has traces. */
async function inTraining(dir: string): Promise<Watched | null> {
  const folder = join(dir, 'traces');
  const newest = stepsIn(await readdir(folder).catch(noEntries), '.jsonl').at(-1);
  if (!newest) return null;
  const traced: TracedPair[] = [];
  const stored = recordsIn(join(folder, newest.name), readTracedPair, undefined, LINES);
  for await (const pair of stored) traced.push(pair);
  return watchedInTraining(newest.step, traced, SHOWN);
}

/** Returns the first answers of an evaluation; empty if the evaluation is not finished. Skips invalid lines. */
async function answersIn(folder: string): Promise<FirstAnswer[]> {
  const version = await stat(join(folder, 'results.json')).then(versionIn, () => null);
  return version === null ? [] : answersByFolder.of(folder, version, () => firstAnswers(folder, LINES));
}
