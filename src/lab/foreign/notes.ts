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

/** The notes that `chirality.notes` keeps next to a trainer's files, a file for each process. */
const NOTES = /(?:^|\/)chirality-notes\/notes-[0-9a-f]{32}\.jsonl$/;
const hash = z.string().regex(/^[0-9a-f]{32}$/);
const noteSchema = z.object({
  /** Steps that were done when it was written; null if the trainer does not hand it on. */
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

/** What the notes say of the completions of one prompt. */
export interface GroupNotes {
  id: string | null;
  view: PairView | null;
  /** Relative to the folder of the run. */
  images: string[];
  /** Of each completion, in the order of the group. */
  right: (boolean | null)[];
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

/** The notes next to a run, by the hash of the completion that they are about. */
export class RunNotes {
  private readonly byCompletion = new Map<string, Note[]>();
  /** Whether any says which completions are right, and whether any has an image. */
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

  /** The notes of a run's folder; each file is read again only when it has changed. */
  static async in(folder: RunFolder): Promise<RunNotes> {
    const notes = new RunNotes();
    for (const file of folder.matching(NOTES))
      for (const note of (await folder.orProblem(notesIn, file)) ?? []) notes.add(note);
    return notes;
  }

  /**
   * What is noted of each group of a step; null where nothing is, or where the notes of its completions do not belong
   * to one row alone. Of notes about the same text, the newest before the step's end are taken.
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

/** What a note is about, but for its completion. */
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

/** Pairs with the images that are noted, and who is right unless that is known. @param notes of each pair */
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
 * Names pairs after their rows, and makes one pair of the two groups that answer a row and its mirror. A mirror alone
 * stays a pair of its own, with the image that the model saw.
 * @param notes of each pair
 */
export function pairedByNotes(
  pairs: readonly TracedPair[],
  notes: readonly (GroupNotes | null)[],
): TracedPair[] {
  const made: TracedPair[] = [];
  /** Places in `made` of those that lack a view, by row, view and what they were logged by. */
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
      // The trainer was shown a mirrored image, which viewers would mirror again: a view names the row's own.
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
