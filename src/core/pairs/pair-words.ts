import { fixed, signed, UNKNOWN } from '../../base/format.ts';
import { mean } from '../../base/numbers.ts';
import type { Verdict } from '../answers/pair-verdict.ts';
import type { Effect } from '../rewards/advantages.ts';
import type { KeepReason } from '../rewards/dynamic-sampling.ts';
import type { TracedPair } from '../run-data/trace.ts';
import { MIRROR, viewLabel, viewOf, type ViewId } from '../../rows/view-list.ts';

/** Descriptions of an outcome. `single`: the sentence for views with one answer. */
interface VerdictWords {
  sign: string;
  label: string;
  single: string;
}

/**
 * Descriptions of each outcome. In the sign of an outcome, the original is on the left and the other view on the right;
 * a filled circle means that most answers are right.
 */
export const VERDICT_WORDS: Record<Verdict, VerdictWords> = {
  consistent: {
    sign: '●●',
    label: 'both views correct',
    single: 'The answers to both views are correct.',
  },
  only_original: {
    sign: '●○',
    label: 'only the original correct',
    single: 'The answer to the original is correct, but the answer to the mirror is wrong.',
  },
  only_mirror: {
    sign: '○●',
    label: 'only the mirror correct',
    single: 'The answer to the mirror is correct, but the answer to the original is wrong.',
  },
  only_view: {
    sign: '○●',
    label: 'only the other view correct',
    single: 'The answer to the other view is correct, but the answer to the original is wrong.',
  },
  neither: {
    sign: '○○',
    label: 'neither view correct',
    single: 'Neither answer is correct.',
  },
};

/** Describes the meaning of a pair's outcome; for views with several answers, by their shares of correct answers. */
export function verdictMeaning(
  verdict: Verdict,
  views: readonly { view: ViewId; group: readonly { right: boolean | null }[] }[],
): string {
  const other = views[1]?.view === MIRROR ? 'the mirror' : 'the other view';
  if (views.every(({ group }) => group.length === 1))
    return VERDICT_WORDS[verdict].single.replace('the mirror', other);
  const [first, second] = views.map(({ group }) => shareWords(group));
  return first === second
    ? `In both views, ${first}.`
    : `For the original, ${first}. For ${other}, ${second}.`;
}

function shareWords(group: readonly { right: boolean | null }[]): string {
  const [right, all] = [group.filter((answer) => answer.right).length, group.length];
  if (right === 0) return 'no answer is correct';
  if (right === all) return 'all answers are correct';
  if (2 * right === all) return 'half of the answers are correct';
  return `${2 * right > all ? 'most' : 'fewer than half'} of the answers are correct`;
}

/** Effect of the view penalty on the advantages (R3). */
export const EFFECT_WORDS: Record<Effect, string> = {
  none: 'no advantage changed',
  scaled: 'advantages changed in size, but not in order',
  inverted: 'the order of completions was inverted',
  erased: 'all advantages became equal',
};

/** Reasons why a run trains on a pair or drops the pair. */
export const WHY_WORDS: Record<KeepReason, string> = {
  varies: 'rewards vary',
  all_right: 'all answers are correct and earn the same reward',
  all_wrong: 'all answers are wrong and earn the same reward',
  no_spread: 'some answers are correct and some wrong, but all earn the same reward',
};

/** Label of an answer outside an answer block, and the reason why a completion without such a block can be correct. */
export const READ_FROM_TEXT = {
  label: 'read from the whole text',
  why: 'The completion has no closed answer block, so the answer earned no reward. The score uses the whole text, as in evaluations (R19, docs/scoring.md).',
};

/** Describes whether a pair was kept or dropped, with the reason; null if unknown. */
export function keptText({ kept, why }: Pick<TracedPair, 'kept' | 'why'>): string | null {
  if (kept === null || why === null) return null;
  return `${kept ? 'Used for training' : 'Dropped'}: ${WHY_WORDS[why]}.`;
}

/** Returns the name of a view for use within a sentence, such as "the mirror" or "the half turn". */
const viewName = (view: ViewId): string => viewOf(view).label.toLowerCase();

/** Returns the number of completion pairs (one completion of each view) that can earn a joint reward. */
export const pairsOf = ({ views }: Pick<TracedPair, 'views'>): number =>
  Math.max(...views.map(({ group }) => group.length));

/** Describes the coupling of the views in one or two sentences; null for a row without a partner. */
export function couplingText({
  delta,
  penalised,
  effect,
  joint,
  changes,
  behaving,
  bonus,
  views,
  signal = 'semantic',
}: TracedPair): string | null {
  if (behaving !== undefined)
    return `The answer should ${changes ? 'change' : 'stay'} in the counterfactual. ${behaving} of ${views[1]!.group.length} completions respond as expected. Correct originals earn this share as a bonus.`;
  if (delta === null) return null;
  const partners = viewLabel(views[1]?.view ?? MIRROR);
  const part = signal.replace('_', ' ');
  if (joint !== undefined)
    return `${joint} of ${pairsOf({ views })} pairs of completions are correct in both views and agree. Only these pairs keep their ${part} reward.`;
  if (bonus !== undefined)
    return `The share of correct completions with frames in order minus the share with shuffled frames is ${signed(delta)}. Correct completions with frames in order earn ${bonus ? 'a' : 'no'} bonus.`;
  const values = views.map(({ group }) => group.flatMap(({ rewards }) => rewards[signal]?.value ?? []));
  const means = values.flatMap((numbers) => mean(numbers) ?? []).sort((a, b) => b - a);
  const compared = means.length > 1 ? ` (${means.map((value) => fixed(value, 3)).join(' and ')})` : '';
  const [more, less] = delta >= 0 ? ['originals', partners] : [partners, 'originals'];
  const lead =
    Math.abs(delta) < 0.0005
      ? `Originals and ${partners} earned ${delta === 0 ? '' : 'almost '}the same ${part} reward`
      : `On average ${more} earned ${fixed(Math.abs(delta), 3)} more ${part} reward than ${less}${compared}`;
  if (penalised === null) return `${lead}. Neither view was penalised.`;
  return `${lead}. The ${viewName(penalised)} was penalised: ${EFFECT_WORDS[effect ?? 'none'] ?? effect}.`;
}

/** Returns a sign and a word for a right, wrong or unscored answer. */
export const judgedText = (right: boolean | null): { sign: string; word: string } =>
  right === null
    ? { sign: UNKNOWN, word: 'not scored' }
    : right
      ? { sign: '✓', word: 'correct' }
      : { sign: '✗', word: 'wrong' };
