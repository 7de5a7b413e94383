import { oneLine } from '../escape.ts';
import { fixed, percent } from '../format.ts';
import { sum } from '../numbers.ts';
import { MIRROR, ORIGINAL, partnerAmong, viewOf, type ViewId } from '../view-list.ts';
import type { ShownProbe } from './insight-files.ts';
import type { PatchFigure } from './patch.ts';
import type { CountVerdict } from './set-names.ts';

/* What was found inside a model, in a sentence or two each. docs/insight.md says what the words mean. */

/** A model looks at an object whose box gets at least so many times the attention of chance. */
const LOOKS_AT = 1.5;

const NOTHING = 'none of the named things';

/** The answer to a row in one view, and where the model looked for it. */
export interface AnsweredView {
  view: ViewId;
  answer: string;
  /** Null if unknown. */
  verdict: CountVerdict | null;
  /** The answer's attention on the objects that the question names, times chance; empty if no box is known. */
  lifts: readonly { label: string; lift: number }[];
}

/**
 * A pair: "It looks at the cube in both views, and says “left” in both. Only the original is right." Also of one view
 * alone; of more than two, the first two.
 */
export function pairSentence(all: readonly AnsweredView[]): string {
  const [first, second] = all;
  if (!first) return '';
  const views = second ? [first, second] : [first];
  const gaze = views.some(({ lifts }) => lifts.length > 0)
    ? inViews(
        views,
        'looks ',
        (view) => `at ${lookedAt(view)}`,
        lookedAt(first) === NOTHING ? 'in either view' : 'in both views',
      )
    : '';
  const place = gaze.endsWith('in both views') ? 'in both' : 'in both views';
  const answers = inViews(views, 'says ', saidIn, place);
  return `It ${gaze ? `${gaze}, and ` : ''}${answers}.${verdictOf(views)}`;
}

/** A verb with what differs by view: "says “left” in the original and “right” in the mirror". */
function inViews(
  views: readonly AnsweredView[],
  verb: string,
  textOf: (view: AnsweredView) => string,
  both: string,
): string {
  const [first, second] = views.map(textOf);
  if (second === undefined) return `${verb}${first!}`;
  if (first === second) return `${verb}${first} ${both}`;
  return verb + views.map((view) => `${textOf(view)} in ${nameOf(view)}`).join(' and ');
}

/** The object with the most attention for its size, if that is clearly more than chance. */
function lookedAt({ lifts }: AnsweredView): string {
  const most = [...lifts].sort((a, b) => b.lift - a.lift)[0];
  return most && most.lift >= LOOKS_AT ? `the ${oneLine(most.label, 40)}` : NOTHING;
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
  if (views.length === 1) return right.length === 1 ? ' That is right.' : ' That is wrong.';
  return [' Neither is right.', ` Only ${nameOf(right[0] ?? views[0]!)} is right.`, ' Both are right.'][
    right.length
  ]!;
}

/** After an answer the sign alone: “left right” would read as two answers. '' if it is not known. */
export const verdictText = ({
  verdict,
  reference,
}: {
  verdict: CountVerdict | null;
  reference: string;
}): string =>
  verdict === null ? '' : verdict === 'right' ? '✓' : `✗ ${verdict}, answer: ${oneLine(reference, 100)}`;

/** All pairs of a set: "Of 12 pairs: 9 right in both views, 3 only in the original." '' if none was judged. */
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
  const told = parts.filter(([n]) => n > 0).map(([n, where], i) => `${n} ${i > 0 ? '' : 'right '}${where}`);
  return pairs.length === 0
    ? ''
    : `Of ${pairs.length} ${pairs.length === 1 ? 'pair' : 'pairs'}: ${told.join(', ')}.`;
}

/** A fact: how well it is read where it is read best, against the model's own answers. */
export function probeSentence(result: ShownProbe): string {
  const { target, best, labels } = result;
  const figures: readonly ShownProbe['figures'][number][] = result.figures;
  const read = figures.find(
    ({ position, layer, train, test, control }) =>
      position === best.position &&
      layer === best.layer &&
      train === 'all views' &&
      test === 'all views' &&
      control === null,
  );
  if (read?.value == null) return '';
  if (!labels)
    return `Its hidden states give the ${target} with an R² of ${fixed(read.value, 2)}; 1 is exact.`;
  const [low, high] = read.interval ?? [read.value, read.value];
  const told = `${labels.join(' or ')} is read off its hidden states in ${percent(read.value)} % of rows`;
  const n = sum(result.said.map((figure) => figure.n));
  const right = n === 0 ? null : sum(result.said.map((figure) => figure.n * (figure.value ?? 0))) / n;
  const answers = right === null ? '' : `, and its answers are right in ${percent(right)} %`;
  const chance = 'chance' in read ? read.chance : 0.5;
  if (low <= chance)
    return `Nothing shows that it knows: ${told}, by chance in ${percent(chance)} %${answers}.`;
  if (right === null) return `It knows: ${told}.`;
  const finding =
    right < low
      ? 'It knows more than it says'
      : right > high
        ? 'It says more than is read'
        : 'It says what it knows';
  return `${finding}: ${told}${answers}.`;
}

/** A group of tokens holds the side at a layer if its states move the answer at least so far towards the mirror's. */
const HOLDS = 0.5;

/** Where the side is held: "The side is held by the picture after layer 0, and by the names after layer 1." */
export function patchSentence(figures: readonly PatchFigure[]): string {
  const layers = [...new Set(figures.flatMap(({ layer }) => layer ?? []))].sort((a, b) => a - b);
  const held = layers.map((layer) => {
    // All tokens together give the mirror's answer by construction.
    const ofLayer = figures.filter(
      (figure) => figure.layer === layer && figure.group !== null && figure.group !== 'all',
    );
    const most = ofLayer.sort((a, b) => (b.moved ?? 0) - (a.moved ?? 0))[0];
    return { from: layer, to: layer, group: most && (most.moved ?? 0) >= HOLDS ? most.group! : null };
  });
  if (held.every(({ group }) => group === null))
    return layers.length === 0 ? '' : 'No group of tokens holds the side alone, at any layer.';
  const spans: typeof held = [];
  for (const span of held) {
    const last = spans.at(-1);
    if (last?.group === span.group) last.to = span.to;
    else spans.push({ ...span });
  }
  const told = spans.map(
    ({ from, to, group }) =>
      `by ${group === null ? 'no group alone' : `the ${group}`} after ${from === to ? `layer ${from}` : `layers ${from} to ${to}`}`,
  );
  return `The side is held ${told.join(', then ')}.`;
}
