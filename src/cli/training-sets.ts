import type { RunConfig } from '../core/config/run.ts';
import { shareText } from '../core/format.ts';
import { sharedRows } from '../lab/datasets/shared-rows.ts';
import { note, pathHere } from './print.ts';

/** Says before a run what its evaluation sets can show: nothing without any, and no more than memory of shared rows. */
export async function noteSets({ data }: Pick<RunConfig, 'data'>): Promise<void> {
  const sets = Object.entries(data.eval);
  if (sets.length === 0) {
    const train = pathHere(data.train);
    note(
      `The run evaluates on no set: its report will have curves of its training only. Name sets under data.eval to have answers; chirality convert ${train} -o ${train} --split train=0.9,val=0.1 makes one of these rows.`,
    );
    return;
  }
  const shares = await sharedRows(
    data.train,
    sets.map(([, path]) => path),
  );
  for (const [i, [name, path]] of sets.entries()) {
    const share = shares[i];
    if (path === data.train) note(`${name}: these are the rows that it learns from.`);
    else if (typeof share === 'number' && share > 0)
      note(`${name}: ${shareText(share)} of its rows are also in training.`);
  }
}
