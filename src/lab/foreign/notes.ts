import { createHash } from 'node:crypto';
import { dirname } from 'node:path/posix';
import * as z from 'zod';
import type { TracedPair } from '../../core/run-data/trace.ts';
import { MIRROR, ORIGINAL, PAIR, type PairView } from '../../rows/view-list.ts';
import { eachJsonLine } from './containers/python-json.ts';
import type { FolderFile } from './foreign-files.ts';
import type { RunFolder } from './foreign-folder.ts';
import type { Group } from './values/cut-groups.ts';
import { bare, verdictOf } from './values/join-index.ts';
import { completionText, questionOf, type LoggedRow } from './values/logged-row.ts';

/** Notes that `chirality.notes` writes next to a trainer's files, in one file per process. */
const NOTES = /(?:^|\/)chirality-notes\/notes-[0-9a-f]{32}\.jsonl$/;
const hash = z.string().regex(/^[0-9a-f]{32}$/);
const noteSchema = z.object({
  /** Number of completed steps when the note was written. Null if the trainer does not provide this number. */
  step: z.number().int().nonnegative().nullable(),
  completion: hash,
  question: hash.nullable(),
  id: z.string().max(1000).nullable(),
  view: z.enum(PAIR).nullable(),
  images: z
    .array(
      z
        .string()
        .regex(/^[0-9a-f]{32}\.[a-z0-9]{1,8}$/)
        .nullable(),
    )
    .max(100),
  right: z.boolean().nullable(),
});
type Note = z.output<typeof noteSchema>;

/** Notes on the completions of one prompt. */
export interface GroupNotes {
  id: string | null;
  view: PairView | null;
  /** Image paths, relative to the run's folder. */
  images: string[];
  /** Correctness of each completion, in the order of the group. */
  right: (boolean | null)[];
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

export class RunNotes {
  private readonly byCompletion = new Map<string, Note[]>();
  /** Whether any note contains correctness. `hasImages`: whether any note contains images. */
  hasRight = false;
  hasImages = false;

  private add(note: Note): void {
    const alike = this.byCompletion.get(note.completion);
    if (alike) alike.push(note);
    else this.byCompletion.set(note.completion, [note]);
    this.hasRight ||= note.right !== null;
    this.hasImages ||= note.images.some((name) => name !== null);
  }

  get isEmpty(): boolean {
    return this.byCompletion.size === 0;
  }

  /** Reads the notes in a run's folder. Reads a file again only if it has changed. */
  static async in(folder: RunFolder): Promise<RunNotes> {
    const notes = new RunNotes();
    for (const file of folder.matching(NOTES))
      for (const note of (await folder.orProblem(notesIn, file)) ?? []) notes.add(note);
    return notes;
  }

  /**
   * Returns the notes on each group of a step. Null without notes, or if the completions do not have exactly one row in
   * common. Of several notes on one text, uses the newest note before the step's end.
   */
  of(step: number, rows: readonly LoggedRow[], groups: readonly Group[]): (GroupNotes | null)[] {
    return groups.map(({ at }) => {
      const noted = at.map((i) => this.about(rows[i]!, step));
      const shared = [...new Set(noted[0]!.map(rowOf))].filter((row) =>
        noted.every((notes) => notes.some((note) => rowOf(note) === row)),
      );
      if (shared.length !== 1) return null;
      const [key] = shared;
      const ofRow = noted.map((notes) => notes.find((note) => rowOf(note) === key)!);
      const { id, view, images } = ofRow[0]!;
      return {
        id,
        view,
        images: images.filter((name) => name !== null),
        right: ofRow.map(({ right }) => right),
      };
    });
  }

  private about({ prompt, completion }: LoggedRow, step: number): Note[] {
    const question = hashOf(bare(questionOf(prompt)));
    const notes = (this.byCompletion.get(hashOf(completionText(completion))) ?? []).filter(
      (note) => (note.question ?? question) === question && (note.step ?? step) <= step,
    );
    const newest = Math.max(...notes.map((note) => note.step ?? step));
    return notes.filter((note) => (note.step ?? newest) === newest);
  }
}

const rowOf = ({ id, view, images }: Note): string => JSON.stringify([id, view, images]);

async function notesIn(file: FolderFile, problems: string[]): Promise<Note[]> {
  const notes: Note[] = [];
  for await (const { value, line } of eachJsonLine(file, problems)) {
    const { success, data } = noteSchema.safeParse(value);
    if (!success) problems.push(`${file.path}:${line} is not a note.`);
    else
      notes.push({
        ...data,
        images: data.images.map((name) => name && `${dirname(file.path)}/images/${name.slice(0, 2)}/${name}`),
      });
  }
  return notes;
}

/** Adds images from notes to pairs, and correctness if unknown. @param notes notes on each pair */
export const withNotes = (
  pairs: readonly TracedPair[],
  notes: readonly (GroupNotes | null)[],
): TracedPair[] =>
  pairs.map((pair, i) => {
    const noted = notes[i];
    const [view] = pair.views;
    if (!noted || !view) return pair;
    const group = view.group.map((completion, g) => ({
      ...completion,
      right: completion.right ?? noted.right[g]!,
    }));
    return {
      ...pair,
      views: [{ ...view, images: view.images.length > 0 ? view.images : noted.images, group }],
    };
  });

/**
 * Names pairs after their rows, and joins the two groups of a row and its mirror into one pair. A mirror without
 * original stays a separate pair, with the image that the model saw.
 */
export function pairedByNotes(
  pairs: readonly TracedPair[],
  notes: readonly (GroupNotes | null)[],
): TracedPair[] {
  const made: TracedPair[] = [];
  /** Indices in `made` of pairs that lack a view. The keys are row, view and logging process. */
  const open = new Map<string, number>();
  pairs.forEach((pair, i) => {
    const { id = null, view = null } = notes[i] ?? {};
    const key = (side: PairView) => JSON.stringify([id, side, pair.logged_by ?? null]);
    const at =
      id === null || view === null ? undefined : open.get(key(view === ORIGINAL ? MIRROR : ORIGINAL));
    if (at !== undefined) {
      const [original, mirror] = view === MIRROR ? [made[at]!, pair] : [pair, made[at]!];
      open.delete(key(view === ORIGINAL ? MIRROR : ORIGINAL));
      const [first, second] = [original.views[0]!, mirror.views[0]!];
      // The trainer's image is already mirrored. A view refers to the original image, which is mirrored for display.
      const views = [first, { ...second, view: MIRROR, images: first.images }];
      made[at] = { ...made[at]!, sample: id!, views, verdict: verdictOf(views) };
      return;
    }
    if (id !== null && view !== null && !open.has(key(view))) open.set(key(view), made.length);
    made.push(id === null ? pair : { ...pair, sample: view === MIRROR ? `${id}/mirror` : id });
  });
  const from = pairs[0]?.pair ?? 0;
  return made.map((pair, i) => ({ ...pair, pair: from + i }));
}
