import { parseCount } from '../../core/answers/read-count.ts';
import type { ProbeRow } from '../../core/insight/probe-row.ts';
import { attribute } from '../../core/metrics/attribution.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { ordersOf } from '../../rows/scene-graph/predicates.ts';
import { graphOf } from '../../rows/scene-graph/read-graph.ts';
import type { AskedView, LookCase } from './cases.ts';
import { isCount, namedInOrder } from './look-at-set.ts';

/** Minimum difference that gets a label, as a share of the image width, or of the larger depth. */
const CLOSE = 0.05;

/** Displayed names for the objects in a question, in the order of the words. */
export const ORDER = ['first named', 'second named'] as const;

type Named = { asked: Pick<LookCase['asked'], 'boxes'> } & Pick<LookCase, 'labels'>;

/** Returns facts about an evaluated row that a probe can learn, and the facts that decide the answer. */
export function factsOf(
  { sample, graph }: Pick<AskedView, 'sample' | 'graph'>,
  look: Named,
): Pick<ProbeRow, 'labels' | 'numbers' | 'asks'> {
  const named = namedPlaces(sample, look);
  return { labels: labelsOf(sample, graph, named), numbers: numbersOf(sample, named), asks: asksOf(sample) };
}

interface NamedPlace {
  id: string;
  /** Coordinates of the centre of the object's box. */
  column: number;
  row: number;
  depth: number | undefined;
}

/** Returns the positions of the objects in the question, in order. */
function namedPlaces(sample: Sample, { asked, labels }: Named): NamedPlace[] {
  const objects = graphOf(sample)?.objects ?? [];
  return namedInOrder(sample.question, { labels }).map((label) => {
    const { name, box } = asked.boxes[labels.indexOf(label)]!;
    const [x1, y1, x2, y2] = box;
    const { depth } = objects.find(({ id }) => id === name) ?? {};
    return { id: name, column: (x1 + x2) / 2, row: (y1 + y2) / 2, depth };
  });
}

/** Returns the labels of a row for probes. Differences below `CLOSE` have no label. */
function labelsOf(sample: Sample, written: string | undefined, [a, b]: NamedPlace[]): ProbeRow['labels'] {
  const answer = sample.answer.trim().toLowerCase();
  const across = a && b ? b.column - a.column : 0;
  const [da = Number.NaN, db = Number.NaN] = [a?.depth, b?.depth];
  const ownSide = a && b && ownSideOf(sample, a, b);
  // Relation of the model's own graph to the right answer.
  const graph = written === undefined ? undefined : attribute(sample, written, 'right')?.graph;
  return {
    ...(answer !== '' && { answer }),
    ...(Math.abs(across) > CLOSE && { side: across > 0 ? 'left' : 'right' }),
    ...(Math.abs(da - db) > CLOSE * Math.max(da, db) && { nearer: da < db ? ORDER[0] : ORDER[1] }),
    ...(ownSide && { 'own side': ownSide }),
    ...((graph === 'right' || graph === 'wrong') && { graph }),
  };
}

/** Returns the own side of `owner` on which `other` is. Undefined if the row's graph lacks this relation. */
function ownSideOf(sample: Sample, owner: NamedPlace, other: NamedPlace): string | undefined {
  const relation = graphOf(sample)?.relations.find(
    ({ subject, object, frame }) => frame === 'object' && subject === other.id && object === owner.id,
  );
  // The words of the question decide, whatever the frame of reference.
  const [order] = relation ? ordersOf({ ...relation, frame: 'viewer' }) : [];
  return order?.direction === 'left_right' ? ['left', 'right'][order.pole] : undefined;
}

function numbersOf(sample: Sample, [first]: NamedPlace[]): ProbeRow['numbers'] {
  const count = isCount(sample) ? parseCount(sample.answer) : null;
  return {
    ...(first && { column: first.column, row: first.row }),
    ...(first?.depth !== undefined && { depth: first.depth }),
    ...(count !== null && { count }),
  };
}

/** Phrases in a question about an object's own sides. */
const OWN = /\b(?:itself|point of view of|perspective of|if you were|own (?:left|right|side))\b/i;

/** Returns the probe targets that decide the answer, derived from the words of question and answer. */
function asksOf({ question, answer, choices = [] }: Sample): ProbeRow['asks'] {
  const text = [question, answer, ...choices].join(' ');
  const side = OWN.test(question) ? ('own side' as const) : ('side' as const);
  return [
    ...(answer === '' ? [] : (['answer'] as const)),
    ...(/\b(?:left|right)\b/i.test(text) ? [side] : []),
    ...(/\b(?:close[rst]*|near(?:er|est)|farther|farthest|in front|behind)\b/i.test(text)
      ? (['nearer'] as const)
      : []),
  ];
}
