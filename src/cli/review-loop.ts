import type { ReviewedTexts } from '../core/annotation/decisions.ts';
import { variantNow, type Reviewer } from '../core/annotation/review.ts';
import { checkLabel } from '../base/labels.ts';
import { printable } from '../base/printable.ts';
import type { Sample } from '../rows/sample/sample.ts';
import { objectionsTo } from '../rows/sample/variant.ts';
import type { ReviewFile } from '../lab/datasets/review-file.ts';
import { renderScreen, PLAIN, type Style } from './review-screen.ts';
import type { VariantName } from '../rows/view-list.ts';
import { emitKeypressEvents, type Key } from 'node:readline';
import { MARKS, hasMarks, lineEditor, print, showScreen } from './print.ts';

/** Terminal of a reviewer. Tests provide their own implementation. */
export interface ReviewTerminal {
  style: Style;
  /** Replaces the displayed text. */
  show(text: string): void;
  /** Returns the name of the next key, such as `return`, `space` or `x`; null if there are no more keys. */
  key(): Promise<string | null>;
  /** Lets the reviewer edit a text; null if the reviewer cancels. */
  edit(label: string, text: string): Promise<string | null>;
}

/** Opens the terminal of this process. `leave` restores the terminal's mode. */
export function openTerminal(): ReviewTerminal & { leave(): void } {
  const { stdin } = process;
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  stdin.resume();

  return {
    style: hasMarks() ? MARKS : PLAIN,
    show: showScreen,
    key: () =>
      new Promise((resolve) => {
        const end = (name: string | null) => {
          stdin.off('keypress', press).off('end', gone);
          resolve(name);
        };
        const press = (text: string | undefined, key: Key) => {
          const left = key.ctrl === true && (key.name === 'c' || key.name === 'd');
          end(left ? null : (key.name ?? text ?? ''));
        };
        const gone = () => end(null);
        stdin.once('keypress', press).once('end', gone);
      }),
    edit: (label, text) =>
      new Promise((resolve) => {
        const line = lineEditor();
        const end = (written: string | null) => {
          line.close();
          stdin.setRawMode(true);
          stdin.resume();
          resolve(written);
        };
        line.once('SIGINT', () => end(null));
        line.question(`${label}: `, end);
        line.write(text);
      }),
    leave: () => {
      stdin.setRawMode(false);
      stdin.pause();
      print('');
    },
  };
}

const DONE_HELP = 'k back · u undo · q save and quit';
const HELP = `enter accept · y accept despite failed check · e edit · x discard · space next · ${DONE_HELP}`;

/** Records decisions from single key presses, until the queue ends or the reviewer quits. Saves each decision. */
export async function reviewLoop(
  file: ReviewFile,
  variantName: VariantName,
  terminal: ReviewTerminal,
  who: () => Reviewer,
): Promise<void> {
  let place = 0;
  let note = '';
  for (;;) {
    const news = await file.look();
    if (news !== null) {
      note = [note, news].filter(Boolean).join(' ');
      place = 0;
    }
    const { queue } = file;
    if (queue.length === 0) break;
    place = Math.min(Math.max(place, 0), queue.length);
    const done = place === queue.length;
    const row = queue[Math.min(place, queue.length - 1)]!;
    const sample = await file.sample(row);
    const screen = { sample, variantName, place: place + 1, total: queue.length, ...figuresOf(file) };
    const body = done ? 'No more rows to review.' : renderScreen(screen, terminal.style);
    terminal.show(`${body}\n\n${note ? `${note}\n` : ''}${terminal.style.dim(done ? DONE_HELP : HELP)}\n`);
    note = '';
    const key = await terminal.key();
    if (key === null || key === 'q') break;
    try {
      if (key === 'k' || key === 'up') place -= 1;
      else if (key === 'u') {
        const undone = await file.undo();
        if (undone === null) note = 'Nothing to undo.';
        else if (queue.includes(undone)) place = queue.indexOf(undone);
      } else if (done)
        continue; // No row to decide
      else if (key === 'space' || key === 'j' || key === 'down') place += 1;
      else if (key === 'return' || key === 'enter' || key === 'a') {
        await file.decide(row, { kind: 'accept' }, who());
        place += 1;
      } else if (key === 'y') {
        const although = objectionsTo(sample, variantNow(sample, variantName)!);
        await file.decide(row, { kind: 'accept', although }, who());
        place += 1;
      } else if (key === 'x') {
        await file.decide(row, { kind: 'discard' }, who());
        place += 1;
      } else if (key === 'e') {
        const texts = await editTexts(sample, variantName, terminal);
        if (texts) {
          await file.decide(row, { kind: 'edit', texts }, who());
          const edited = await file.sample(row);
          const against = objectionsTo(edited, edited.variants![variantName]!).map(checkLabel);
          if (against.length > 0)
            note = `Saved with failed checks: ${against.join('; ')}. Press y to accept the row anyway.`;
          else place += 1;
        }
      }
    } catch (error) {
      note = (error as Error).message;
    }
  }
  await file.save();
  const last = [note, await file.look()].filter(Boolean).join(' ');
  if (last) terminal.show(`${last}\n`);
}

const figuresOf = ({ figures }: ReviewFile) => ({ counts: figures.counts, precision: figures.precision });

/** Lets the reviewer edit the variant's question, answer and other texts; null if the reviewer cancels. */
async function editTexts(
  sample: Sample,
  variantName: VariantName,
  terminal: ReviewTerminal,
): Promise<ReviewedTexts | null> {
  const variant = sample.variants![variantName]!;
  const texts: ReviewedTexts = {};
  for (const name of ['question', 'answer', 'reasoning'] as const) {
    const text = variant[name];
    if (text === undefined) continue;
    if (printable(text, Infinity) !== text)
      throw new Error(
        `Cannot edit the ${name} here, because it has hidden characters or several lines. Use --edit.`,
      );
    const written = await terminal.edit(name, text);
    if (written === null) return null;
    texts[name] = written;
  }
  for (const [i, choice] of (variant.choices ?? []).entries()) {
    const written = await terminal.edit(`choice ${i + 1}`, printable(choice, Infinity));
    if (written === null) return null;
    texts.choices = [...(texts.choices ?? []), written];
  }
  return texts;
}
