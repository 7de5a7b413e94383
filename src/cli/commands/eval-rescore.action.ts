import { type Rescored, rescoreEvaluation } from '../../lab/evaluation/rescore.ts';
import { note, pathHere, tell, printJson } from '../print.ts';
import { several } from '../../core/format.ts';
import { SCORING_RULES } from '../../core/answers/score.ts';
import type { Command } from 'commander';

function tellRescored(folder: string, { from, rows, changed, recorded, controls }: Rescored): void {
  const list = Object.entries(changed).map(([change, n]) => `${n} from ${change}`);
  const verdicts = list.length > 0 ? `verdicts changed: ${list.join(', ')}` : 'no verdict changed';
  note(
    `${pathHere(folder)}: ${several(rows, 'answer')} scored by rules ${SCORING_RULES}${from === SCORING_RULES ? ' again' : ` instead of ${from}`}; ${verdicts}.`,
  );
  if (recorded.length > 0)
    tell(
      `${recorded.join(', ')}: the file is gone or has changed since. Its rows are scored by what the evaluation recorded about them.`,
    );
  if (controls)
    tell('controls.json compared with the old verdicts and was removed: eval --controls recreates it.');
}

export async function rescore(folders: string[], _: unknown, command: Command): Promise<void> {
  const { json } = command.optsWithGlobals<{ json?: boolean }>();
  const all: ({ folder: string } & Rescored)[] = [];
  for (const folder of folders) {
    const rescored = await rescoreEvaluation(folder);
    all.push({ folder, ...rescored });
    if (!json) tellRescored(folder, rescored);
  }
  if (json) printJson(all.map((rescored) => ({ ...rescored, to: SCORING_RULES })));
}
