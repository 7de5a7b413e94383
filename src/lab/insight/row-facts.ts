import { parseCount } from '../../core/answers/read-count.ts';
import type { ProbeRow } from '../../core/insight/probe-row.ts';
import { attribute } from '../../core/metrics/attribution.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { ordersOf } from '../../rows/scene-graph/predicates.ts';
import { graphOf } from '../../rows/scene-graph/read-graph.ts';
import type { AskedView, LookCase } from './cases.ts';
import { isCount, namedInOrder } from './look-at-set.ts';

/** Differences of less than this share of the width, or of the farther depth, are close calls. */
const CLOSE = 0.05;

/** The objects that a question names, in its order. */
export const ORDER = ['first named', 'second named'] as const;

type Named = { asked: Pick<LookCase['asked'], 'boxes'> } & Pick<LookCase, 'labels'>;

/** What is known of a row, as it was asked, that a probe can be trained to read; and which of it decides the answer. */
export function factsOf(
  { sample, graph }: Pick<AskedView, 'sample' | 'graph'>,
  look: Named,
): Pick<ProbeRow, 'labels' | 'numbers' | 'asks'> {
  const named = namedPlaces(sample, look);
  return { labels: labelsOf(sample, graph, named), numbers: numbersOf(sample, named), asks: asksOf(sample) };
}

interface NamedPlace {
  id: string;
  /** The middle of its box. */
  column: number;
  row: number;
  depth: number | undefined;
}

/** Where the objects that the question names stand, in its order. */
function namedPlaces(sample: Sample, { asked, labels }: Named): NamedPlace[] {
  const objects = graphOf(sample)?.objects ?? [];
  return namedInOrder(sample.question, { labels }).map((label) => {
    const { name, box } = asked.boxes[labels.indexOf(label)]!;
    const [x1, y1, x2, y2] = box;
    const { depth } = objects.find(({ id }) => id === name) ?? {};
    return { id: name, column: (x1 + x2) / 2, row: (y1 + y2) / 2, depth };
  });
}

/** Close calls have no label. */
function labelsOf(sample: Sample, written: string | undefined, [a, b]: NamedPlace[]): ProbeRow['labels'] {
  const answer = sample.answer.trim().toLowerCase();
  const across = a && b ? b.column - a.column : 0;
  const [da = Number.NaN, db = Number.NaN] = [a?.depth, b?.depth];
  const ownSide = a && b && ownSideOf(sample, a, b);
  // What the graph that the model wrote says about the right answer.
  const graph = written === undefined ? undefined : attribute(sample, written, 'right')?.graph;
  return {
    ...(answer !== '' && { answer }),
    ...(Math.abs(across) > CLOSE && { side: across > 0 ? 'left' : 'right' }),
    ...(Math.abs(da - db) > CLOSE * Math.max(da, db) && { nearer: da < db ? ORDER[0] : ORDER[1] }),
    ...(ownSide && { 'own side': ownSide }),
    ...((graph === 'right' || graph === 'wrong') && { graph }),
  };
}

/** On which of its own sides the first one has the second; undefined if the row's graph does not say. */
function ownSideOf(sample: Sample, owner: NamedPlace, other: NamedPlace): string | undefined {
  const relation = graphOf(sample)?.relations.find(
    ({ subject, object, frame }) => frame === 'object' && subject === other.id && object === owner.id,
  );
  // By its words alone, whatever their frame.
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

/** Words of a question about an object's own sides. */
const OWN = /\b(?:itself|point of view of|perspective of|if you were|own (?:left|right|side))\b/i;

/** The targets that decide the answer, by the words of question and answer. */
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
