import { isMajorityRight, pairVerdict } from '../../../core/answers/pair-verdict.ts';
import type { ImageRef, Sample } from '../../../rows/sample/sample.ts';
import { inView } from '../../../rows/views/view.ts';
import type { TracedPair } from '../../../core/run-data/trace.ts';
import { MIRROR, ORIGINAL, type PairView } from '../../../rows/view-list.ts';

/** A view of a dataset's row that can match a logged question. */
interface JoinRow {
  sample: string;
  view: PairView;
  answer: string;
  images: ImageRef[];
}

/** Values that the trainer logged for a question. */
export interface JoinKey {
  /** Id of the row in the other program. Null if the program logs no id. */
  id: string | null;
  /** View of the question if the program logs the view. Null if only the text can decide. */
  view: PairView | null;
  question: string;
  reference: string | null;
}

export interface JoinCounts {
  pairs: number;
  joined: number;
  /** Number of pairs whose question occurs in several rows, so that no single row can be joined. */
  ambiguous: number;
}

/** Matches image placeholders, which differ between programs, and do not identify an image. */
const PICTURE = /\[picture\]|<image>/g;
export const bare = (text: string): string => text.replace(PICTURE, '').trim();

/**
 * The rows of a dataset by id and by question. A question matches a row only if their texts are equal, with or without
 * options, apart from the beginning and end that all prompts share. Similar texts never match.
 */
export class JoinIndex {
  private readonly ids = new Map<string, JoinRow[]>();
  private readonly questions = new Map<string, JoinRow[]>();
  /** Number of characters that all prompts share before and after the question. */
  private frame: { before: number; after: number } = { before: 0, after: 0 };

  /** @param textsOf returns the possible texts of a question: alone, or with its options */
  constructor(private readonly textsOf: (sample: Sample) => readonly string[]) {}

  add(sample: Sample): void {
    const { images } = sample;
    const pairId = sample.meta?.pair;
    const pair = typeof pairId === 'string' ? pairId : sample.id;
    // A dataset for a trainer has the views as separate rows, the mirror with mirrored images. The original images are
    // used, because the display mirrors them for the mirror.
    const isAlone = sample.meta?.view === MIRROR;
    const [view, own] = isAlone ? [MIRROR, this.originalImages(pair)] : [ORIGINAL, images];
    this.put(sample, { sample: pair, view, answer: sample.answer, images: own });
    const mirror = pairId === undefined ? inView(sample, MIRROR) : null;
    if (mirror)
      this.put(mirror, { sample: pair, view: MIRROR, answer: mirror.answer, images: mirror.images });
  }

  /** Returns the images of a pair's original, if the original was added before the mirror. */
  private originalImages(pair: string): JoinRow['images'] {
    return this.ids.get(pair)?.find(({ view }) => view === ORIGINAL)?.images ?? [];
  }

  private put(seen: Sample, row: JoinRow): void {
    push(this.ids, row.sample, row);
    for (const text of new Set(this.textsOf(seen).map(bare))) push(this.questions, text, row);
  }

  /**
   * Finds the text that surrounds the question in all prompts of a run.
   * @param prompts different questions as logged
   */
  learn(prompts: readonly string[]): void {
    const texts = [...new Set(prompts.map(bare))];
    const before = commonLength(texts, (text, i) => text[i]);
    const after = commonLength(texts, (text, i) => text[text.length - 1 - i]);
    // Questions can share their first or last words, so the template can be shorter than the common text.
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

  /** Returns the view of the only row that matches a question. Null without a match, `several` for several matches. */
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
    // Both views of a row have the same id, so the text decides which view is meant.
    const byText = named.filter((row) => byQuestion.includes(row));
    const taken = named.length === 0 ? byQuestion : byText.length > 0 ? byText : named;
    const [first] = taken;
    if (first === undefined) return null;
    if (taken.some(({ sample }) => sample !== first.sample)) return 'several';
    // If original and mirror have the same question, returns the original.
    return taken.find((row) => row.view === ORIGINAL) ?? first;
  }
}

/** Maximum length of the text before and after the question, in characters, and number of prompts to try. */
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
 * Adds images, reference answers and ids of the matching rows to the pairs of a step. The groups of a row and of its
 * mirror become one pair with two views, which has an outcome if correctness is known.
 */
export function joinPairs(
  pairs: readonly TracedPair[],
  keys: readonly JoinKey[],
  index: JoinIndex,
): { pairs: TracedPair[]; counts: JoinCounts } {
  const counts: JoinCounts = { pairs: pairs.length, joined: 0, ambiguous: 0 };
  const joined: TracedPair[] = [];
  /** Indices in `joined` of pairs that lack a view, by row, view and logging process. */
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
      // Prefers the images that the program stored, because the model saw these images.
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

/** Whether most answers to each view are right. Null unless the correctness of every completion is known. */
export function verdictOf(views: TracedPair['views']): TracedPair['verdict'] {
  const right = views.map(({ group }) => group.map((completion) => completion.right));
  if (right.some((group) => group.some((each) => each === null))) return null;
  const [original, mirror] = right.map((group) => isMajorityRight(group as boolean[]));
  return pairVerdict(original!, mirror!);
}
