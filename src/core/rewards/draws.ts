import { sum } from '../../base/numbers.ts';
import { Random } from '../../base/random.ts';
import { MIRROR, type ViewId } from '../../rows/view-list.ts';
import type { Pair } from './rollout.ts';

/**
 * The order in which a run draws its rows: position c is row c mod n of epoch ⌊c/n⌋, and each epoch is shuffled from
 * the seed. A checkpoint therefore only needs the position to continue.
 */
export class DrawOrder {
  private epoch = -1;
  private rows: number[] = [];

  /** @param count number of rows, at least one. */
  constructor(
    private readonly seed: number,
    readonly count: number,
    private readonly order: 'shuffled' | 'as_given',
  ) {
    if (count < 1) throw new RangeError('Cannot draw from an empty dataset.');
  }

  at(position: number): number {
    const epoch = Math.floor(position / this.count);
    if (this.order === 'as_given') return position % this.count;
    if (epoch !== this.epoch) {
      const all = Array.from({ length: this.count }, (_, i) => i);
      this.rows = Random.from(`rows/${this.seed}/${epoch}`).shuffle(all);
      this.epoch = epoch;
    }
    return this.rows[position % this.count]!;
  }
}

/**
 * Which view a row is paired with in a step: the first of the list that it has, any of them, or preferably one whose
 * answers often disagree with the original's.
 */
export const PARTNER_RULES = ['first', 'uniform', 'hardest'] as const;
export type PartnerRule = (typeof PARTNER_RULES)[number];

/** What a config says of the views that its rows are paired with. */
export interface PartnerSettings {
  use?: ViewId[] | undefined;
  mirror: boolean;
}

/** The views that a run pairs its rows with, in the order in which they are tried. */
export const partnersOf = ({ use, mirror }: PartnerSettings): readonly ViewId[] =>
  use ?? (mirror ? [MIRROR] : []);

/** Whether rows may be paired with views other than the mirror. */
export const hasOtherPartners = (partners: readonly ViewId[]): boolean =>
  partners.some((view) => view !== MIRROR);

/** How often answers disagreed in a view's pairs: a mean over its latest pairs, and the number of pairs it covers. */
interface Disagreement {
  share: number;
  pairs: number;
}
type Disagreements = Readonly<Record<ViewId, Disagreement>>;

/** The metrics of a step for each partner: `views/<id>/…`. */
export const VIEW_FIGURES = ['n', 'accuracy', 'delta', 'both_right', 'agree', 'penalised'] as const;

/** Number of pairs of a view that the mean covers at most. */
const MEMORY = 200;
/** Added to every share, so that a mastered view is still drawn sometimes. */
const FLOOR = 0.1;

/**
 * Draws the partner of the row at a position of the run. The same seed, position and shares give the same view.
 * @param allowed the views that the row has, in the order of the config; not empty.
 */
export function drawPartner(
  rule: PartnerRule,
  seed: number,
  position: number,
  allowed: readonly ViewId[],
  disagreements: Disagreements,
): ViewId {
  const [first] = allowed;
  if (rule === 'first' || allowed.length === 1) return first!;
  const random = Random.from(`partner/${seed}/${position}`);
  if (rule === 'uniform') return random.pick(allowed);
  // A view that was never drawn counts as always disagreeing, so that it is drawn and its share becomes known.
  const weights = allowed.map((view) => FLOOR + (disagreements[view]?.share ?? 1));
  let left = random.uniform() * sum(weights);
  return allowed[weights.findIndex((weight) => (left -= weight) < 0)] ?? allowed.at(-1)!;
}

/**
 * Updates the shares after a step: an exponential mean over 200 pairs that starts as the plain mean. Pairs whose
 * answers cannot be compared change nothing.
 */
export function learnDisagreements(
  before: Disagreements,
  pairs: readonly Pick<Pair, 'views' | 'agreement'>[],
): Disagreements {
  const after: Record<ViewId, Disagreement> = { ...before };
  for (const { views, agreement } of pairs) {
    const partner = views[1]?.view;
    if (partner === undefined || agreement === null) continue;
    const { share, pairs: seen } = after[partner] ?? { share: 0, pairs: 0 };
    const count = Math.min(seen + 1, MEMORY);
    after[partner] = { share: share + (1 - agreement - share) / count, pairs: count };
  }
  return after;
}
