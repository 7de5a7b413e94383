import { sum } from '../../base/numbers.ts';
import { Random } from '../../base/random.ts';
import { MIRROR, type ViewId } from '../../rows/view-list.ts';
import type { Pair } from './rollout.ts';

/**
 * Order in which a run trains on its rows: position c is row c mod n of epoch ⌊c/n⌋, and the seed determines the
 * shuffled order of each epoch. So a checkpoint needs only the position to continue.
 */
export class DrawOrder {
  private epoch = -1;
  private rows: number[] = [];

  /** @param count number of rows, at least one */
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
 * Rule that selects a row's partner view in a step: the first available view of the list, a random view, or preferably
 * a view whose answers often disagree with the original's answers.
 */
export const PARTNER_RULES = ['first', 'uniform', 'hardest'] as const;
export type PartnerRule = (typeof PARTNER_RULES)[number];

export interface PartnerSettings {
  use?: ViewId[] | undefined;
  mirror: boolean;
}

/** Returns the partner views of a run, in the order in which the partner rule tries them. */
export const partnersOf = ({ use, mirror }: PartnerSettings): readonly ViewId[] =>
  use ?? (mirror ? [MIRROR] : []);

/** Whether the partner views include views other than the mirror. */
export const hasOtherPartners = (partners: readonly ViewId[]): boolean =>
  partners.some((view) => view !== MIRROR);

/** Disagreement between answers in a view's pairs: mean share over the latest pairs, and number of pairs. */
interface Disagreement {
  share: number;
  pairs: number;
}
type Disagreements = Readonly<Record<ViewId, Disagreement>>;

/** Names of the metrics of a step for each partner view: `views/<id>/…`. */
export const VIEW_FIGURES = ['n', 'accuracy', 'delta', 'both_right', 'agree', 'penalised'] as const;

/** Maximum number of a view's pairs in the mean disagreement. */
const MEMORY = 200;
/** Constant added to every share, so that views without disagreement are still selected occasionally. */
const FLOOR = 0.1;

/**
 * Selects the partner view of the row at a position of the run. Equal seeds, positions and shares give the same view.
 * @param allowed available views of the row, in the order of the config; not empty.
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
  // A view without earlier pairs counts as always disagreeing, so that it is selected and its share becomes known.
  const weights = allowed.map((view) => FLOOR + (disagreements[view]?.share ?? 1));
  let left = random.uniform() * sum(weights);
  return allowed[weights.findIndex((weight) => (left -= weight) < 0)] ?? allowed.at(-1)!;
}

/**
 * Updates the disagreement shares after a step: an exponential mean over 200 pairs that starts as a plain mean. Ignores
 * pairs whose answers cannot be compared.
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
