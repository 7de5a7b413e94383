import type { EvaluationRow } from '../evaluation/evaluation-row.ts';
import type { TracedPair } from './trace.ts';
import type { ImageRef } from '../sample/sample.ts';
import { ORIGINAL, partnerAmong, type ViewId } from '../view-list.ts';

/** What a model answered to a row in one view. */
interface WatchedAnswer {
  text: string;
  right: boolean;
  /** Of a group of completions: how many are right, of how many. */
  group?: { right: number; n: number };
}

/** How a pair went through training: both views right at every step, at none, or now and now not. */
type Course = 'right' | 'changes' | 'wrong';

/** A pair of an evaluation set, with its answers at each of the steps. */
interface WatchedPair {
  id: string;
  /** Null for a pair of training. */
  set: string | null;
  /** Name of the newest evaluation, null in training. */
  evaluation: string | null;
  course: Course;
  /** The original, then its partner: the mirror or, if there is none, another view that was asked. */
  views: (SeenView & { view: ViewId; question: string; answer: string; said: WatchedAnswer[] })[];
}

/** What a view shows. */
interface SeenView {
  /** Its picture, the frames of its clip, or none. */
  images: readonly ImageRef[];
  /** When each frame is seen, in seconds, if that is known. */
  times?: readonly number[];
}

/** The pairs that show how a model's answers change while it learns. */
export interface Watched {
  /** Steps of the evaluations, ascending. */
  steps: number[];
  pairs: WatchedPair[];
  /** From how many pairs they were chosen. */
  candidates: number;
  /** Whether they are pairs of training, which are others at every step. */
  training?: true;
}

/** An evaluation of a run; of its rows, as many as one wants to choose from. */
interface WatchedEvaluation {
  name: string;
  step: number;
  rows: readonly WatchedRow[];
}

/** What is kept of a row. `text` is what was answered. */
export type WatchedRow = Pick<EvaluationRow, 'id' | 'set' | 'view' | 'question' | 'answer' | 'right'> &
  SeenView & { text: string };

/** The part of an evaluation's row that is shown; null for a further completion. */
export function watchedRow(row: EvaluationRow): WatchedRow | null {
  if ((row.completion_index ?? 0) > 0) return null;
  const { id, set, view, question, answer, right, score, segments } = row;
  const text = score.answer_text || (segments.at(-1)?.text ?? '').trim();
  return { id, set, view, question, answer, right, ...seenIn(row), text };
}

/** Of several pictures that are no clip, the first. */
const seenIn = ({ images, clip }: Pick<EvaluationRow, 'images' | 'clip'>): SeenView => ({
  images: clip ? images : images.slice(0, 1),
  ...(clip?.times_s && { times: clip.times_s }),
});

/**
 * Chooses pairs of the set that comes first: a third each of those that change, are always right and are never right;
 * where one kind has fewer, the others have more, beginning with those that change. Of those that change, the ones that
 * change most often come first; else the order of the file decides, so that the choice is the same every time. Only
 * pairs that were judged in both views at all steps are candidates: in the original and in the partner of the newest.
 */
export function chooseWatched(evaluations: readonly WatchedEvaluation[], count: number): Watched {
  const inOrder = [...evaluations].sort((a, b) => a.step - b.step);
  const newest = inOrder.at(-1);
  const set = newest?.rows[0]?.set;
  const partner = partnerAmong(viewsOf((newest?.rows ?? []).filter((row) => row.set === set)));
  const answersByStep = inOrder.map(({ rows }) => {
    const answers = new Map<string, WatchedRow>();
    for (const row of rows)
      if (row.set === set && row.right !== null) answers.set(keyOf(row.view, row.id), row);
    return answers;
  });
  const candidates = (newest?.rows ?? []).flatMap((row): Candidate[] => {
    if (row.set !== set || row.view !== ORIGINAL || partner === undefined) return [];
    const views = [ORIGINAL, partner].map((view) =>
      answersByStep.map((answers) => answers.get(keyOf(view, row.id))),
    );
    if (!views.every((said) => said.every((completion) => completion !== undefined))) return [];
    const rights = inOrder.map((_, i) => views.every((said) => said[i]!.right));
    const changes = rights.filter((right, i) => i > 0 && right !== rights[i - 1]).length;
    const pair: WatchedPair = {
      id: row.id,
      set,
      evaluation: newest!.name,
      course: changes > 0 ? 'changes' : rights[0] ? 'right' : 'wrong',
      views: views.map((said) => {
        const { view, question, answer, images, times } = said.at(-1)!;
        return {
          view,
          question,
          answer,
          images,
          ...(times && { times }),
          said: said.map((completion) => ({ text: completion!.text, right: completion!.right! })),
        };
      }),
    };
    return [{ pair, changes }];
  });
  const pairsOf = (course: Course) =>
    candidates
      .filter(({ pair }) => pair.course === course)
      .sort((a, b) => b.changes - a.changes)
      .map(({ pair }) => pair);
  const kinds = [pairsOf('changes'), pairsOf('right'), pairsOf('wrong')];
  const third = Math.floor(count / kinds.length);
  const chosen = kinds.flatMap((kind) => kind.slice(0, third));
  const more = kinds.flatMap((kind) => kind.slice(third));
  const all = [...chosen, ...more.slice(0, count - chosen.length)];
  const places = new Map<string, number>(COURSES.map((course, i) => [course, i]));
  const pairs = all.sort((a, b) => places.get(a.course)! - places.get(b.course)!);
  return { steps: inOrder.map(({ step }) => step), pairs, candidates: candidates.length };
}

/** The first pair that one model answers rightly in one view only and another in both; its row's id, null if none. */
export function pairApart(rows: readonly WatchedRow[], others: readonly WatchedRow[]): string | null {
  const pair = [ORIGINAL, partnerAmong(viewsOf(rows))];
  const rightViews = (rows: readonly WatchedRow[]) => {
    const views = new Map<string, number>();
    for (const { id, view, right } of rows)
      if (pair.includes(view)) views.set(id, (views.get(id) ?? 0) + Number(right === true));
    return views;
  };
  const [first, second] = [rightViews(rows), rightViews(others)];
  return [...first].find(([id, views]) => views === 1 && second.get(id) === pair.length)?.[0] ?? null;
}

interface Candidate {
  pair: WatchedPair;
  /** How often it changed from one step to the next. */
  changes: number;
}

/** The order in which they are shown. */
const COURSES: readonly Course[] = ['right', 'changes', 'wrong'];

const viewsOf = (rows: readonly WatchedRow[]): ViewId[] => rows.map(({ view }) => view);

const keyOf = (view: ViewId, id: string) => JSON.stringify([view, id]);

/**
 * The first pairs of a training step, until there is an evaluation: of every group the most frequent answer, and how many
 * are right. Pairs without a judged completion in some view are left out.
 */
export function watchedInTraining(step: number, traced: readonly TracedPair[], count: number): Watched {
  const pairs = traced.flatMap(({ sample, views, logged_by: by }): WatchedPair[] => {
    const answers = views.map(({ group }) => groupAnswer(group));
    if (by !== undefined || answers.some((answer) => answer === null)) return [];
    return [
      {
        id: sample,
        set: null,
        evaluation: null,
        course: answers.every((answer) => answer!.right) ? 'right' : 'wrong',
        views: views.map(({ view, question, answer, images, clip }, i) => ({
          view,
          question,
          answer: answer ?? '',
          ...seenIn({ images, clip }),
          said: [answers[i]!],
        })),
      },
    ];
  });
  return { steps: [step], pairs: pairs.slice(0, count), candidates: pairs.length, training: true };
}

function groupAnswer(group: TracedPair['views'][number]['group']): WatchedAnswer | null {
  const judged = group.filter(({ right }) => right !== null);
  const textOf = ({ answer_text: text, segments }: (typeof judged)[number]) =>
    text ?? (segments.at(-1)?.text ?? '').trim();
  const times = new Map<string, number>();
  for (const completion of judged) times.set(textOf(completion), (times.get(textOf(completion)) ?? 0) + 1);
  const [most] = [...times].sort(([, a], [, b]) => b - a);
  if (!most) return null;
  const rights = judged.filter(({ right }) => right).length;
  return {
    text: most[0],
    right: judged.find((completion) => textOf(completion) === most[0])!.right!,
    group: { right: rights, n: judged.length },
  };
}
