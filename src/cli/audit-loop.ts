import { printable } from '../base/printable.ts';
import { lettered } from '../base/item-names.ts';
import { ORIGINAL, viewOf } from '../rows/view-list.ts';
import type { AuditSession, AuditTurn } from '../lab/evaluation/audit-session.ts';
import type { ImageRef } from '../rows/sample/sample.ts';
import type { Style, Terminal } from './terminal.ts';
import type { Said } from '../core/evaluation/said-verdict.ts';

const HELP = 'r right · w wrong · c cannot tell · a whole completion · p image · u undo · s skip · q quit';
const LABEL = 11;
/** Maximum number of characters of a completion that a screen shows. */
const LONGEST = 4000;
const KEYS: Readonly<Record<string, Said>> = { r: 'right', w: 'wrong', c: 'cannot_tell' };

/**
 * Records ratings from single key presses until the sample is done or the reviewer quits. Hides verdicts of rules and
 * judge from the reviewer. @param picture writes the image of a turn as the model saw it, and returns its file
 */
export async function auditLoop(
  session: AuditSession,
  terminal: Terminal,
  picture: (turn: AuditTurn) => Promise<string>,
  now: () => string,
): Promise<void> {
  let place = session.nextFrom(0);
  let note = '';
  let all = false;
  while (place !== null) {
    const turn = session.turns[place]!;
    const progress = `${session.judged + 1} of ${session.turns.length}`;
    terminal.show(
      `${terminal.style.dim(progress)}\n\n${turnText(turn, terminal.style, all)}\n\n${note ? `${note}\n` : ''}${terminal.style.dim(HELP)}\n`,
    );
    note = '';
    const key = await terminal.key();
    if (key === null || key === 'q') return;
    const word = KEYS[key];
    try {
      if (word !== undefined) {
        await session.judge(turn, word, now());
        place = session.nextFrom(place + 1);
        all = false;
      } else if (key === 's' || key === 'space') {
        place = session.nextFrom(place + 1);
        all = false;
      } else if (key === 'u') {
        const undone = await session.undo(now());
        if (undone === null) note = 'Nothing to undo.';
        else place = undone;
        all = false;
      } else if (key === 'a') all = !all;
      else if (key === 'p') note = `The image as the model saw it: ${await picture(turn)}`;
    } catch (error) {
      note = printable((error as Error).message, 500);
    }
  }
}

/** Returns the text of an answer that a person rates, without any verdict. */
export function turnText({ shown }: AuditTurn, style: Style, all: boolean): string {
  const { question, choices, images, reference, answer, completion, view } = shown;
  const line = (name: string, text: string) => `${style.dim(name.padEnd(LABEL))}${printable(text, LONGEST)}`;
  const named = imageFiles(images).join(', ') || 'none';
  return [
    line(
      'image',
      view === ORIGINAL
        ? named
        : `${named} (${viewOf(view).label.toLowerCase()}; press p to write it as the model saw it)`,
    ),
    line('question', question),
    ...(choices?.length ? [line('choices', lettered(choices).join(' | '))] : []),
    line('reference', reference),
    '',
    `${style.dim('answer'.padEnd(LABEL))}${style.bold(printable(answer || '(no answer found; press a to see the whole completion)', LONGEST))}`,
    ...(all
      ? [
          '',
          style.dim('written'),
          ...completion
            .slice(0, LONGEST)
            .split('\n')
            .map((text) => printable(text, LONGEST)),
        ]
      : []),
  ].join('\n');
}

/** Returns the files of images: their paths, or the tables or videos that contain them. */
const imageFiles = (images: readonly ImageRef[]): string[] =>
  images.flatMap((image) =>
    typeof image === 'string' ? image : (image.video ?? image.path ?? image.parquet ?? []),
  );
