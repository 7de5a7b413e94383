import { isMajorityRight, pairVerdict } from '../../../core/answers/pair-verdict.ts';
import type { ImageRef, Sample } from '../../../rows/sample/sample.ts';
import { inView } from '../../../rows/views/view.ts';
import type { TracedPair } from '../../../core/run-data/trace.ts';
import { MIRROR, ORIGINAL, type PairView } from '../../../rows/view-list.ts';

/** A view of a row of a dataset, to which a logged question may belong. */
interface JoinRow {
  sample: string;
  view: PairView;
  answer: string;
  images: ImageRef[];
}

/** What a run logged about a question. */
export interface JoinKey {
  /** The program's own id of the row; null if it logs none. */
  id: string | null;
  /** The view, if the program logs it; null if only the text can tell. */
  view: PairView | null;
  question: string;
  reference: string | null;
}

export interface JoinCounts {
  pairs: number;
  joined: number;
  /** Pairs whose question occurs in several rows, so that none of these is taken. */
  ambiguous: number;
}

/** Images have different names in texts of different programs, and say nothing about which image they are. */
const PICTURE = /\[picture\]|<image>/g;
export const bare = (text: string): string => text.replace(PICTURE, '').trim();

/**
 * The rows of a dataset by id and by question. A question belongs to a row only if it is the same text, with or
 * without its options, inside the text that all prompts of the run begin and end with. Similar texts never count.
 */
export class JoinIndex {
  private readonly ids = new Map<string, JoinRow[]>();
  private readonly questions = new Map<string, JoinRow[]>();
  /** How many characters before and after the question all prompts have in common. */
  private frame: { before: number; after: number } = { before: 0, after: 0 };

  /** @param textsOf the ways in which a question may have been asked: alone, or with its options */
  constructor(private readonly textsOf: (sample: Sample) => readonly string[]) {}

  add(sample: Sample): void {
    const { images } = sample;
    const pairId = sample.meta?.pair;
    const pair = typeof pairId === 'string' ? pairId : sample.id;
    // A dataset written for a trainer has the views as rows of their own, the mirror with its mirrored images, which
    // viewers would mirror again.
    const isAlone = sample.meta?.view === MIRROR;
    const [view, own] = isAlone ? [MIRROR, this.originalImages(pair)] : [ORIGINAL, images];
    this.put(sample, { sample: pair, view, answer: sample.answer, images: own });
    const mirror = pairId === undefined ? inView(sample, MIRROR) : null;
    if (mirror)
      this.put(mirror, { sample: pair, view: MIRROR, answer: mirror.answer, images: mirror.images });
  }

  /** The images of a pair's original, which was added before its mirror; none if it was not. */
  private originalImages(pair: string): JoinRow['images'] {
    return this.ids.get(pair)?.find(({ view }) => view === ORIGINAL)?.images ?? [];
  }

  private put(seen: Sample, row: JoinRow): void {
    push(this.ids, row.sample, row);
    for (const text of new Set(this.textsOf(seen).map(bare))) push(this.questions, text, row);
  }

  /**
   * Learns which text all prompts of a run have around the question.
   * @param prompts different questions as the run logged them
   */
  learn(prompts: readonly string[]): void {
    const texts = [...new Set(prompts.map(bare))];
    const before = commonLength(texts, (text, i) => text[i]);
    const after = commonLength(texts, (text, i) => text[text.length - 1 - i]);
    // Questions themselves may begin or end alike, so the frame may be shorter than what all texts share.
    this.frame = { before: 0, after: 0 };
    let best = 0;
    for (const first of texts.slice(0, TRIED))
      for (let a = 0; a <= Math.min(before, MAX_FRAME) && best === 0; a++)
        for (let b = 0; b <= Math.min(after, MAX_FRAME) && a + b < first.length; b++) {
          if (!this.questions.has(within(first, a, b))) continue;
          const fits = texts.filter((text) => this.questions.has(within(text, a, b))).length;
          if (fits <= best) continue;
          best = fits;
          this.frame = { before: a, after: b };
        }
  }

  /** The view of the only row that a question can belong to; null if there is none, `several` if there are more. */
  find({ id, view, question, reference }: JoinKey): JoinRow | 'several' | null {
    const { before, after } = this.frame;
    const fits = (rows: readonly JoinRow[] = []) =>
      rows.filter(
        (row) =>
          (reference === null || row.answer.trim() === reference.trim()) &&
          (view === null || row.view === view),
      );
    const byQuestion = fits(this.questions.get(within(bare(question), before, after)));
    const named = id === null ? [] : fits(this.ids.get(id));
    // Both views of a row have one id: the text says which view was asked.
    const byText = named.filter((row) => byQuestion.includes(row));
    const taken = named.length === 0 ? byQuestion : byText.length > 0 ? byText : named;
    const [first] = taken;
    if (first === undefined) return null;
    if (taken.some(({ sample }) => sample !== first.sample)) return 'several';
    // A question that its mirror repeats was asked as it stands.
    return taken.find((row) => row.view === ORIGINAL) ?? first;
  }
}

/** Longest text before and after the question that is looked for, in characters, and how many prompts are tried. */
const MAX_FRAME = 1000;
const TRIED = 3;

const within = (text: string, before: number, after: number): string =>
  text.slice(before, text.length - after).trim();

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function commonLength(
  texts: readonly string[],
  letterAt: (text: string, i: number) => string | undefined,
): number {
  const [first, ...others] = texts;
  if (first === undefined) return 0;
  let n = 0;
  while (n < first.length && others.every((text) => letterAt(text, n) === letterAt(first, n))) n++;
  return n;
}

/**
 * Gives the pairs of a step the images, references and ids of the rows they belong to. The two groups that belong to
 * a row and to its mirror become one pair with two views, and a verdict where it is known what is right.
 * @param keys of each pair, in their order
 */
export function joinPairs(
  pairs: readonly TracedPair[],
  keys: readonly JoinKey[],
  index: JoinIndex,
): { pairs: TracedPair[]; counts: JoinCounts } {
  const counts: JoinCounts = { pairs: pairs.length, joined: 0, ambiguous: 0 };
  const joined: TracedPair[] = [];
  /** Indices in `joined` of the pairs that still lack a view, by row, view and what the group was logged by. */
  const open = new Map<string, number>();
  pairs.forEach((pair, i) => {
    const row = index.find(keys[i]!);
    if (row === 'several') counts.ambiguous += 1;
    if (row === null || row === 'several') {
      joined.push(pair);
      return;
    }
    counts.joined += 1;
    const view: TracedPair['views'][number] = {
      ...pair.views[0]!,
      view: row.view,
      answer: row.answer,
      // What the program itself kept is what the model saw.
      images: pair.views[0]!.images.length > 0 ? pair.views[0]!.images : row.images,
    };
    const key = (wanted: PairView) => JSON.stringify([row.sample, wanted, pair.logged_by ?? null]);
    const other = key(row.view === ORIGINAL ? MIRROR : ORIGINAL);
    const at = open.get(other);
    if (at === undefined) {
      if (!open.has(key(row.view))) open.set(key(row.view), joined.length);
      joined.push({ ...pair, sample: row.sample, joined: true, views: [view] });
      return;
    }
    open.delete(other);
    const views = [...joined[at]!.views, view].sort((a) => (a.view === ORIGINAL ? -1 : 1));
    joined[at] = { ...joined[at]!, views, verdict: verdictOf(views) };
  });
  const from = pairs[0]?.pair ?? 0;
  return { pairs: joined.map((pair, i) => ({ ...pair, pair: from + i })), counts };
}

/** Whether both views are mostly right; null if it is not known of every completion. */
export function verdictOf(views: TracedPair['views']): TracedPair['verdict'] {
  const right = views.map(({ group }) => group.map((completion) => completion.right));
  if (right.some((group) => group.some((each) => each === null))) return null;
  const [original, mirror] = right.map((group) => isMajorityRight(group as boolean[]));
  return pairVerdict(original!, mirror!);
}
