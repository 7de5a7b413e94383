import { Random } from '../../src/base/random.ts';
import type { Look, LookedRow } from '../../src/core/metrics/suspects/looks.ts';
import { fitSuspects, type Suspect } from '../../src/core/metrics/suspects/suspects.ts';

/*
 * Datasets with wrong labels that are known, and models that look, guess, or follow the words. Half of the rows ask for
 * a side, whose wording changes in the mirror; a quarter are yes or no with a mirror of the same wording, a quarter have
 * four options.
 */

export interface SuspectWorld {
  rows: number;
  /** By model: how often it sees the answer where it looks. */
  sees: readonly number[];
  /** Which labels are wrong: 3% at random; exchanged poles of sides; those of one form alone; none. */
  broken: 'random' | 'poles' | 'one form' | 'none';
  /** In how many rows no model looks: all say what the words alone say, in all views, or each guesses by itself. */
  idle: number;
  idleBy: 'words' | 'guess';
  /** Whether rows have a mirror. */
  mirror: boolean;
}

interface TrueRow extends LookedRow {
  truth: number;
}

const FORMS = [
  { form: 'side 2', k: 2, turns: true, share: 0.5 },
  { form: 'yesno 2', k: 2, turns: false, share: 0.25 },
  { form: 'mcq 4', k: 4, turns: false, share: 0.25 },
] as const;

export function suspectWorld(world: SuspectWorld, seed: string): TrueRow[] {
  const random = Random.from(`suspects/${seed}`);
  return Array.from({ length: world.rows }, (_, i): TrueRow => {
    const kind = FORMS[i % 4 < 2 ? 0 : i % 4 === 2 ? 1 : 2];
    const { k } = kind;
    const truth = random.below(k);
    const isBroken =
      world.broken === 'none'
        ? false
        : world.broken === 'random'
          ? random.chance(0.03)
          : kind === FORMS[world.broken === 'poles' ? 0 : 1] &&
            random.chance(world.broken === 'poles' ? 0.06 : 0.12);
    const label = isBroken ? (truth + 1 + random.below(k - 1)) % k : truth;
    // The words lean to the first candidate, as datasets do.
    const words = random.chance(0.6) ? 0 : random.below(k);
    const views = world.mirror ? ['original', 'mirror'] : ['original'];
    const looks = world.sees.map((sees) => {
      // A model's own guess for this row, which it repeats where the wording is the same.
      const repeats = random.chance(0.5);
      const guess = random.chance(sees) ? truth : (truth + 1 + random.below(k - 1)) % k;
      const isIdle = random.fork(`idle/${i}`).chance(world.idle);
      return views.map((view): Look => {
        const turned = view === 'mirror' && kind.turns;
        // What says one side says, read back in the turned image, the other one.
        const said = turned ? 1 - words : words;
        const looked = random.chance(sees) ? truth : (truth + 1 + random.below(k - 1)) % k;
        const idle = world.idleBy === 'words' ? said : random.below(k);
        const answer = isIdle ? idle : repeats && !turned ? guess : looked;
        return { view, said: answer, text: turned ? 'turned' : 'as asked', words: said };
      });
    });
    return {
      id: `row ${i}`,
      set: 'world',
      image: `picture ${i}`,
      question: 'Which?',
      form: kind.form,
      candidates: Array.from({ length: k }, (_, c) => `answer ${c}`),
      label,
      reference: `answer ${label}`,
      looks,
      truth,
    };
  });
}

export interface SuspectFigures {
  broken: number;
  /** Shares of wrong labels among the first 20, 50 and 100. */
  precision: [number, number, number];
  /** Share of the wrong labels among as many rows as there are wrong labels. */
  recall: number;
  /** Rows that three quarters of the answers contradict although their labels are right, of all rows. */
  alarms: number;
}

export function suspectFigures(world: SuspectWorld, seed: string): SuspectFigures {
  const rows = suspectWorld(world, seed);
  const wrong = new Set(rows.filter(({ truth, label }) => truth !== label).map(({ id }) => id));
  const { suspects } = fitSuspects(rows, world.sees.length);
  const hits = (first: readonly Suspect[]) => first.filter(({ id }) => wrong.has(id)).length;
  const listed = suspects.filter(({ answered, contradicting }) => contradicting / answered >= 0.75);
  return {
    broken: wrong.size,
    precision: [20, 50, 100].map((n) => hits(suspects.slice(0, n)) / n) as [number, number, number],
    recall: wrong.size === 0 ? 1 : hits(suspects.slice(0, wrong.size)) / wrong.size,
    alarms: (listed.length - hits(listed)) / rows.length,
  };
}
