import { countsOf } from '../../base/numbers.ts';
import type { TracedPair } from '../../core/run-data/trace.ts';
import { ORIGINAL, partnerAmong, type ViewId } from '../../rows/view-list.ts';
import { seenIn, type FirstAnswer } from '../../lab/evaluation/first-answers.ts';
import type { Course, Watched, WatchedAnswer, WatchedPair } from './run.contract.ts';

/**
 * Chooses pairs of the first evaluation set: a third each of changing, always right and never right pairs. If there are
 * too few pairs of one kind, chooses more of the other kinds, changing pairs first. Changing pairs are sorted by their
 * number of changes; otherwise the order of the file decides, so that the choice is reproducible. Candidates must be
 * scored at all steps in the original and in the partner view of the newest evaluation.
 */
export function chooseWatched(
  evaluations: readonly { name: string; step: number; rows: readonly FirstAnswer[] }[],
  count: number,
): Watched {
  const inOrder = [...evaluations].sort((a, b) => a.step - b.step);
  const newest = inOrder.at(-1);
  const set = newest?.rows[0]?.set;
  const partner = partnerAmong(viewsOf((newest?.rows ?? []).filter((row) => row.set === set)));
  const answersByStep = inOrder.map(({ rows }) => {
    const answers = new Map<string, FirstAnswer>();
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
  const courses = Object.fromEntries(countsOf(candidates.map(({ pair }) => pair.course)));
  return { steps: inOrder.map(({ step }) => step), pairs, candidates: candidates.length, courses };
}

/** Returns the row id of the first pair with one view right in `rows` and both views right in `others`; else null. */
export function pairApart(rows: readonly FirstAnswer[], others: readonly FirstAnswer[]): string | null {
  const pair = [ORIGINAL, partnerAmong(viewsOf(rows))];
  const rightViews = (rows: readonly FirstAnswer[]) => {
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
  /** Number of times that the outcome changes between successive steps. */
  changes: number;
}

/** Courses in the order in which the panel shows them. */
const COURSES: readonly Course[] = ['changes', 'wrong', 'right'];

const viewsOf = (rows: readonly FirstAnswer[]): ViewId[] => rows.map(({ view }) => view);

const keyOf = (view: ViewId, id: string) => JSON.stringify([view, id]);

/**
 * Returns the first pairs of a training step, for runs without an evaluation. Each view has the most frequent answer of
 * its group, and the number of correct completions. Skips pairs with an unscored group.
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
  const [most] = [...countsOf(judged.map(textOf))].sort(([, a], [, b]) => b - a);
  if (!most) return null;
  const rights = judged.filter(({ right }) => right).length;
  return {
    text: most[0],
    right: judged.find((completion) => textOf(completion) === most[0])!.right!,
    group: { right: rights, n: judged.length },
  };
}
