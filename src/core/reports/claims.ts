import { signed } from './cells.ts';
import { figureOf, setsOf, type Evaluation, type ReportOptions } from './evaluation.ts';

/** How far a claim can be trusted. */
export type Confidence = 'high' | 'medium' | 'low';

/** A claim of a paper, with what the user's own evaluations say about it. */
interface Claim {
  text: string;
  paper: string;
  published: string;
  confidence: Confidence;
  /** Why the confidence is not higher. */
  why: string;
  /** The user's own figures: one for each evaluation, or pair of evaluations, that concerns the claim. */
  own: (evaluations: readonly Evaluation[], options: ReportOptions) => OwnFigure[];
}

interface OwnFigure {
  text: string;
  /** In points. */
  value: number;
  note: string;
}

const A = 'A';
const B = 'B';

/**
 * For each checkpoint or model that was asked with both strategies on a set: the accuracy with the second minus that
 * with the first, in points.
 */
const between =
  (first: RegExp, second: RegExp): Claim['own'] =>
  (evaluations) => {
    // Asked about the same rows, in the same views, with the same sampling.
    const like = (one: Evaluation) => JSON.stringify([one.subject, one.model, one.step, one.details]);
    return setsOf(evaluations).flatMap((set) =>
      evaluations
        .filter(({ strategy }) => first.test(strategy))
        .flatMap((plain) => {
          const other = evaluations.find((one) => second.test(one.strategy) && like(one) === like(plain));
          const accuracy = (one: Evaluation) => figureOf(one, set, { metric: 'accuracy' })?.value;
          const [before, after] = [accuracy(plain), other && accuracy(other)];
          if (before == null || after == null) return [];
          const value = 100 * (after - before);
          return [
            {
              text: signed(value, 1),
              value,
              note: `${plain.model} on ${set}: ${plain.strategy} ${(100 * before).toFixed(1)}, ${other!.strategy} ${(100 * after).toFixed(1)}.`,
            },
          ];
        }),
    );
  };

/** An evaluation does not say how its model was trained; figures of untold models would not bear on a claim. */
const none: Claim['own'] = () => [];

const DIRECT = /^(?:answer-)?direct$/;

export const CLAIMS: readonly Claim[] = [
  {
    text: 'A simple chain of thought is worse than a direct answer.',
    paper: A,
    published: '−5 to −15 %',
    confidence: 'low',
    why: 'No table shows it, and neither points nor relative is said.',
    own: between(DIRECT, /^(?:answer-)?think$/),
  },
  {
    text: 'A scene-graph chain of thought is better than a direct answer.',
    paper: A,
    published: '+5 to +15 %',
    confidence: 'medium',
    why: 'On CV-Bench +21.90 and +7.54 points for the two large models, but +1.41 for PaliGemma2 and −9.72 after its SFT.',
    own: between(DIRECT, /^scene[- ]graph$/),
  },
  {
    text: 'When “closer” becomes “farther”, GRPO loses less than SFT.',
    paper: A,
    published: '−3.17 against −12.03 points (Distance)',
    confidence: 'medium',
    why: 'One run each. A difference of two accuracies over 600 rows is uncertain by more than five points.',
    own: none,
  },
  {
    text: 'Coupling both views (Spatial-GRPO) is better than the same rewards without mirrors.',
    paper: B,
    published: '52.48 → 58.42 success on Q-Spatial++',
    confidence: 'low',
    why: 'Six of 101 rows, one run each; the table over checkpoints of a run peaks at 50.50 (R45).',
    own: none,
  },
  {
    text: 'The penalty works best with η = 1.',
    paper: B,
    published: '58.42, against 52.32, 51.49 and 47.52 for η = 0, 2, 10',
    confidence: 'low',
    why: 'Differences of six to eleven of 101 rows, one run each; the text on larger η contradicts its table (R18).',
    own: none,
  },
  {
    text: 'SVQA-R1 surpasses its base model.',
    paper: B,
    published: '+36.64 points over the thinking prompt, +9.91 over the other',
    confidence: 'medium',
    why: 'The text has the two swapped and wrong, 47 % and 10 % (R17); most of the first is the prompt itself.',
    own: none,
  },
];
