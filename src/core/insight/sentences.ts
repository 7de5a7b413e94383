import { oneLine } from '../../base/escape.ts';
import { fixed, percentText } from '../../base/format.ts';
import { MIRROR, ORIGINAL, partnerAmong, viewOf, type ViewId } from '../../rows/view-list.ts';
import type { ShownProbe } from './insight-files.ts';
import type { PatchFigure } from './patch.ts';
import { isKnown } from './probe-row.ts';
import type { CountVerdict } from './set-names.ts';

/* Answer in one view, for descriptions of results. docs/interpretability.md explains the terms. */

export interface AnsweredView {
  view: ViewId;
  answer: string;
  /** Whether the answer is right, or the distance of a count from the right count; null if unknown. */
  verdict: CountVerdict | null;
}

/**
 * Describes the answers of a pair: "The model answers “left” in both views. Only the answer to the original is correct." Uses at most
 * two views. Omits attention: one map is no evidence, since maps of untrained models also favour positions.
 */
export function pairSentence(all: readonly AnsweredView[]): string {
  const views = all.slice(0, 2);
  return views.length === 0 ? '' : `The model ${inViews(views, 'answers ', saidIn)}.${verdictOf(views)}`;
}

/** Formats texts that differ by view, such as "answers “left” in the original and “right” in the mirror". */
function inViews(
  views: readonly AnsweredView[],
  verb: string,
  textOf: (view: AnsweredView) => string,
): string {
  const [first, second] = views.map(textOf);
  if (second === undefined) return `${verb}${first!}`;
  if (first === second) return `${verb}${first} in both views`;
  return verb + views.map((view) => `${textOf(view)} in ${nameOf(view)}`).join(' and ');
}

const saidIn = ({ answer }: AnsweredView): string =>
  answer.trim() === '' ? 'nothing' : `“${oneLine(answer, 60)}”`;

const nameOf = ({ view }: Pick<AnsweredView, 'view'>): string =>
  view === ORIGINAL || view === MIRROR
    ? `the ${viewOf(view).label.toLowerCase()}`
    : `the view “${viewOf(view).label}”`;

function verdictOf(views: readonly AnsweredView[]): string {
  if (views.some(({ verdict }) => verdict === null)) return '';
  const right = views.filter(({ verdict }) => verdict === 'right');
  if (views.length === 1) return right.length === 1 ? ' The answer is correct.' : ' The answer is wrong.';
  const only = ` Only the answer to ${nameOf(right[0] ?? views[0]!)} is correct.`;
  return [' Neither answer is correct.', only, ' Both answers are correct.'][right.length]!;
}

/** Formats the outcome of an answer as a sign, because "left right" would look like two answers; '' if unknown. */
export const verdictText = ({
  verdict,
  reference,
}: {
  verdict: CountVerdict | null;
  reference: string;
}): string =>
  !verdict ? '' : verdict === 'right' ? '✓' : `✗ ${verdict}, reference answer: ${oneLine(reference, 100)}`;

/** Describes all pairs: "Of 12 pairs: 9 correct in both views, 3 only in the original." '' if no pair has a score. */
export function pairsSentence(
  rows: readonly { id: string; view: ViewId; verdict: CountVerdict | null }[],
): string {
  const partner = partnerAmong(rows.map(({ view }) => view)) ?? MIRROR;
  const others = new Map(rows.flatMap((row) => (row.view === partner ? [[row.id, row.verdict]] : [])));
  const pairs = rows.flatMap(({ id, view, verdict }) => {
    const other = others.get(id) ?? null;
    return view === ORIGINAL && verdict !== null && other !== null
      ? [{ original: verdict === 'right', other: other === 'right' }]
      : [];
  });
  const count = (original: boolean, other: boolean) =>
    pairs.filter((pair) => pair.original === original && pair.other === other).length;
  const parts: [number, string][] = [
    [count(true, true), 'in both views'],
    [count(true, false), 'only in the original'],
    [count(false, true), `only in ${nameOf({ view: partner })}`],
    [count(false, false), 'in neither view'],
  ];
  const told = parts.filter(([n]) => n > 0).map(([n, where], i) => `${n} ${i > 0 ? '' : 'correct '}${where}`);
  return pairs.length === 0
    ? ''
    : `Of ${pairs.length} ${pairs.length === 1 ? 'pair' : 'pairs'}: ${told.join(', ')}.`;
}

const CONTROLS = { blind: 'without the image', 'row alone': 'from the vertical position alone' };

/**
 * Describes the accuracy of a probe in comparison with chance, the controls and the model's own answers. A result whose
 * interval does not exceed all of these is no finding.
 */
export function probeSentence({ target, labels, where }: ShownProbe): string {
  if (where.value === null) return '';
  const { value, interval, chance, controls, said } = where;
  const textOf = (value: number | null) => (labels ? percentText(value) : fixed(value, 2));
  const range = interval ? ` (${interval.map(textOf).join(' to ')})` : '';
  const others = controls.map((other) => `, ${CONTROLS[other.control]} ${textOf(other.value)}`).join('');
  const isFound = isKnown(where);
  if (!labels)
    return isFound
      ? `A probe reads the ${target} from the hidden states with an R² of ${textOf(value)}${range}${others}. An R² of 1 is exact.`
      : `No evidence that the hidden states contain the ${target}: R² is ${textOf(value)}${range}${others}. An R² of 0 equals a prediction of the mean.`;
  const told = `a probe reads ${labels.join(' or ')} from the hidden states in ${textOf(value)} of rows${range}, by chance in ${textOf(chance)}${others}`;
  const answers = said ? `; the model’s answers are correct in ${textOf(said.value)}` : '';
  if (!isFound) return `No evidence that the hidden states contain the ${target}: ${told}${answers}.`;
  const [low, high] = said?.interval ?? [0, 0];
  const finding =
    low > 0
      ? 'The hidden states contain more information than the answers'
      : high < 0
        ? 'The answers contain more information than the probe finds in the hidden states'
        : `The hidden states contain the ${target}`;
  return `${finding}: ${told}${answers}.`;
}

/** Minimum share of the change to the mirror's answer that is evidence that a group of states stores the side. */
const HOLDS = 0.5;

/**
 * Describes which layers store the side: "The model stores the side in the image after layer 0 (97% of the difference,
 * 91 to 103)." The answer must significantly change with the image, and a group's interval must exclude 0.
 */
export function patchSentence(figures: readonly PatchFigure[]): string {
  const whole = figures.find(({ group }) => group === null);
  const layers = [...new Set(figures.flatMap(({ layer }) => layer ?? []))].sort((a, b) => a - b);
  if (!whole || layers.length === 0) return '';
  if (!whole.interval || whole.interval[1] >= 0)
    return 'No evidence that a group of tokens stores the side: the answer does not reliably change with the image.';
  const held = layers.flatMap((layer) => {
    // Excludes the group of all tokens, which gives the answer about the mirror by construction.
    const ofLayer = figures.filter(({ group, ...one }) => one.layer === layer && group !== 'all');
    const most = ofLayer.sort((a, b) => (b.moved ?? 0) - (a.moved ?? 0))[0]!;
    const [low] = most.moved_interval ?? [0];
    return (most.moved ?? 0) >= HOLDS && low > 0 ? [{ ...most, from: layer, to: layer }] : [];
  });
  if (held.length === 0) return 'No single group of tokens stores the side at any layer.';
  const spans: typeof held = [];
  for (const span of held) {
    const last = spans.at(-1);
    if (last?.group === span.group && layers.indexOf(span.from) === layers.indexOf(last.to) + 1)
      last.to = span.to;
    else spans.push({ ...span });
  }
  const whole100 = (share: number) => fixed(100 * share, 0);
  const told = spans.map(
    ({ from, to, group, moved, moved_interval: interval }) =>
      `in the ${group!.replace('picture', 'image')} after ${from === to ? `layer ${from}` : `layers ${from} to ${to}`} (${whole100(moved!)}% of the difference, ${interval!.map(whole100).join(' to ')}${from === to ? '' : `, after layer ${from}`})`,
  );
  return `The model stores the side ${told.join(', then ')}.`;
}
