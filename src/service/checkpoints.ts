import { checkpointFolder, listCheckpoints, readLoopState } from '../lab/runs/checkpoints.ts';
import { readRunConfig } from '../lab/runs/run.ts';

/** What of a run can be evaluated. */
export interface Checkpoints {
  /** Ascending. */
  steps: number[];
  /** The folder of each. */
  folders: string[];
  /** The one that the run keeps as its best; null where it keeps none. */
  best: number | null;
  /** The config's evaluation sets: name → absolute path. */
  sets: Record<string, string>;
}

export async function checkpoints({ dir }: { dir: string }): Promise<Checkpoints> {
  const steps = await listCheckpoints(dir);
  const last = steps.at(-1);
  const best = last === undefined ? null : (await readLoopState(dir, last)).best;
  const { data } = await readRunConfig(dir);
  return {
    steps,
    folders: steps.map((step) => checkpointFolder(dir, step)),
    best: best?.step ?? null,
    sets: data.eval,
  };
}
