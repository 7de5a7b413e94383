import { resolve } from 'node:path';
import { underDistinctNames, withoutRepeats, type Evaluation } from '../../core/reports/evaluation.ts';
import { evaluationsOfRun, readEvaluation } from '../../lab/evaluation/folders.ts';
import { readInPlace } from '../../lab/foreign/known.ts';
import { LeftOutLines } from '../input.ts';
import { tell } from '../print.ts';

/** Returns the folders of a run's evaluations, or the folder itself if it is an evaluation of another program. */
export const evaluationsIn = async (dir: string): Promise<string[]> =>
  (await readInPlace(dir))?.evaluation ? [dir] : evaluationsOfRun(dir);

/**
 * Reads evaluations one after the other, since each may hold many rows. One that cannot be read is reported and does
 * not hide the others.
 * @throws if it was named
 */
export async function readAll(
  folders: readonly string[],
  named: readonly string[] = [],
): Promise<Evaluation[]> {
  const read: Evaluation[] = [];
  for (const folder of folders) {
    try {
      read.push(await readAndTell(folder));
    } catch (error) {
      if (named.some((name) => folder.startsWith(resolve(name)))) throw error;
      tell((error as Error).message);
    }
  }
  return underDistinctNames(withoutRepeats(read));
}

/** Reads an evaluation, and reports the lines left out. */
export async function readAndTell(folder: string): Promise<Evaluation> {
  const leftOut = new LeftOutLines(folder);
  const evaluation = await readEvaluation(folder, leftOut.add);
  leftOut.end();
  return evaluation;
}
