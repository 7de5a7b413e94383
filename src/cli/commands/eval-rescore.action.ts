import { type Rescored, rescoreEvaluation } from '../../lab/evaluation/rescore.ts';
import { note, pathHere, tell, printJson } from '../print.ts';
import { several } from '../../base/format.ts';
import { SCORING_RULES } from '../../core/answers/score.ts';
import type { CommandUnknownOpts as Command } from 'commander';
import type { Encoder } from '../../lab/encoders/encoder.ts';
import { openJudge, openSbert } from '../evaluation/target.ts';
import type { JudgeFlags } from '../command-options.ts';
import { Progress } from '../progress.ts';

type Measures = NonNullable<Parameters<typeof rescoreEvaluation>[1]>;

/** Opens the judge and the encoder that the options request, and closes them after use. */
export async function withMeasures(
  flags: JudgeFlags,
  use: (measures: Measures) => Promise<void>,
): Promise<void> {
  const judge = openJudge(flags);
  let encoder: Encoder | undefined;
  let progress: Progress | undefined;
  try {
    encoder = await openSbert(flags);
    const onProgress = (done: number, total: number) =>
      (progress ??= new Progress('answer', total, judge?.cost)).update(done);
    await use({ judge, encoder, signal: judge?.signal, onProgress });
    progress?.end();
    if (judge) tell(judge.used());
  } finally {
    progress?.end();
    await encoder?.close();
    await judge?.close();
  }
}

export function tellUnjudged({ unjudged: { count, why } }: Rescored): void {
  if (count > 0)
    tell(
      `The judge did not score ${several(count, 'answer')}${why === undefined ? '' : `: ${why}`}. Run the same command to ask again.`,
    );
}

function tellRescored(folder: string, { from, rows, changed, recorded, controls }: Rescored): void {
  const list = Object.entries(changed).map(([change, n]) => `${n} from ${change}`);
  const verdicts = list.length > 0 ? `scores changed: ${list.join(', ')}` : 'no scores changed';
  note(
    `${pathHere(folder)}: ${several(rows, 'answer')} scored with rules ${SCORING_RULES}${from === SCORING_RULES ? ' again' : ` instead of ${from}`}; ${verdicts}.`,
  );
  if (recorded.length > 0)
    tell(
      `${recorded.join(', ')}: the file does not exist or has changed. Its rows were scored from the texts stored in the evaluation.`,
    );
  if (controls)
    tell('Removed controls.json, which used the old scores. To recreate it, run eval --controls.');
}

export async function rescore(folders: string[], _: unknown, command: Command): Promise<void> {
  const flags = command.optsWithGlobals() as JudgeFlags & { json?: boolean };
  const { json } = flags;
  const all: ({ folder: string } & Rescored)[] = [];
  await withMeasures(flags, async (measures) => {
    for (const folder of folders) {
      const rescored = await rescoreEvaluation(folder, measures);
      all.push({ folder, ...rescored });
      if (!json) tellRescored(folder, rescored);
      tellUnjudged(rescored);
    }
  });
  if (json) printJson(all.map((rescored) => ({ ...rescored, to: SCORING_RULES })));
}
