import { endsText, percent, points } from '../../../base/format.ts';
import { endsOf } from '../../metrics/metric.ts';
import { left, NONE } from '../cells.ts';
import { section, tableOf, words, type Section } from '../document.ts';
import { showsPublished, type Evaluation, type ReportOptions, figureOf, setsOf } from '../evaluation.ts';

/**
 * Returns the section with the papers' claims, the confidence in each claim, and own results on each claim [A-50,
 * A-64]. By default, contains only claims with own results; null without such claims.
 */
export function claimSection(evaluations: readonly Evaluation[], options: ReportOptions): Section | null {
  const all = CLAIMS.map((claim) => ({ claim, figures: ownFigures(claim, evaluations) }));
  const isAll = showsPublished(evaluations, options);
  const shown = all.filter(({ figures }) => isAll || figures.length > 0);
  if (shown.length === 0) return null;
  return section(
    'claims',
    'Claims',
    ['Confidence rates the published evidence only. To compare two of your runs, compare their rows.'],
    [
      tableOf('claims-table', 'Published claims and own results', shown, [
        words('claim', ({ claim }) => claim.text),
        words('paper', ({ claim }) => claim.paper),
        words('published', ({ claim }) => claim.published),
        [
          left('confidence', 'Confidence is high, medium or low, with the reason in the note.'),
          ({ claim: { confidence, why } }) => ({ text: confidence, note: why }),
        ],
        [
          left('own result, points', 'Accuracy difference on originals between otherwise equal evaluations.'),
          ({ figures }) =>
            figures.length === 0
              ? NONE
              : {
                  text: figures.map(({ text }) => text).join('; '),
                  note: figures.map(({ note }) => note).join(' '),
                },
        ],
      ]),
    ],
  );
}

/**
 * Returns the section with limits of these results and, beside published values, of those of the papers [A-63, B-62],
 * and with related systems.
 */
export const limitSection = (evaluations: readonly Evaluation[], options: ReportOptions): Section =>
  section(
    'limits',
    'Limitations',
    [
      'Views that transform images or change the order of images are exact. Views that move the camera are exact only in synthetic scenes.',
      'Opposite questions change only the wording, not images, objects or domains.',
      ...(showsPublished(evaluations, options)
        ? [
            'SAT, the training data of arXiv 2507.13362, is synthetic, and so are the demo scenes.',
            'arXiv 2507.13362 does not validate dynamic sampling separately. Its published values come from single runs.',
          ]
        : []),
      'Intervals cover other images of the same kind, not other training seeds.',
    ],
    [
      tableOf('related', 'Related systems', RELATED, [
        [left('system'), ([text, paper]) => ({ text, href: `https://arxiv.org/abs/${paper}` })],
        words('about', ([, , about]) => about),
      ]),
    ],
  );

const RELATED = [
  ['MedGround-R1', '2507.02994', 'Grounding in medical images with a spatial and a semantic reward.'],
  ['Reason-RFT', '2503.20752', 'SFT on chains of thought, then GRPO, for visual reasoning.'],
  ['AutoDrive-R²', '2509.01944', 'Driving: chains of thought with self-reflection, then GRPO.'],
] as const;

/** Confidence in a claim of a paper. */
export type Confidence = 'high' | 'medium' | 'low';

interface Claim {
  text: string;
  paper: 'A' | 'B';
  published: string;
  confidence: Confidence;
  /** Reason why the confidence in the claim is not higher. */
  why: string;
  /**
   * Strategies that the claim compares with a direct answer. Absent for claims about training, because an evaluation
   * does not record how its model was trained.
   */
  strategy?: RegExp;
}

const DIRECT = /^(?:answer-)?direct$/;

/**
 * Returns own results on a claim: accuracy with the strategy minus accuracy of direct answers, in points. There is one
 * result for each checkpoint or model with both evaluations on a set.
 */
const ownFigures = (
  { strategy: second }: Claim,
  evaluations: readonly Evaluation[],
): { text: string; note: string }[] => {
  // Key that is equal for evaluations with the same rows, views and sampling.
  const like = (evaluation: Evaluation) =>
    JSON.stringify([evaluation.subject, evaluation.model, evaluation.step, evaluation.details]);
  const direct = evaluations.filter(({ strategy }) => DIRECT.test(strategy));
  return setsOf(evaluations).flatMap((set) =>
    direct.flatMap((plain) => {
      const other = evaluations.find(
        (evaluation) => second?.test(evaluation.strategy) && like(evaluation) === like(plain),
      );
      const accuracy = (evaluation: Evaluation | undefined) => {
        const figure = evaluation && figureOf(evaluation, set, { metric: 'accuracy' });
        return figure ? endsOf(figure) : null;
      };
      const [before, after] = [accuracy(plain), accuracy(other)];
      if (!before || !after) return [];
      return [
        {
          // If answers are not scored, the text is the range from the lowest to the highest possible difference.
          text: endsText([after[0] - before[1], after[1] - before[0]], points),
          note: `${plain.model} on ${set}: ${plain.strategy} ${endsText(before, percent)}, ${other!.strategy} ${endsText(after, percent)}.`,
        },
      ];
    }),
  );
};

const CLAIMS: readonly Claim[] = [
  {
    text: 'A simple chain of thought is worse than a direct answer.',
    paper: 'A',
    published: '−5 to −15%',
    confidence: 'low',
    why: 'No table contains the change, and the paper does not state its unit (points or relative).',
    strategy: /^(?:answer-)?think$/,
  },
  {
    text: 'A scene-graph chain of thought is better than a direct answer.',
    paper: 'A',
    published: '+5 to +15%',
    confidence: 'medium',
    why: 'On CV-Bench +21.90 and +7.54 points for the two large models, but +1.41 for PaliGemma2 and −9.72 after its SFT.',
    strategy: /^scene[- ]graph$/,
  },
  {
    text: 'When “closer” becomes “farther”, GRPO loses less than SFT.',
    paper: 'A',
    published: '−3.17 against −12.03 points (Distance)',
    confidence: 'medium',
    why: 'One run each. A difference of two accuracies over 600 rows is uncertain by more than five points.',
  },
  {
    text: 'Coupling both views (Spatial-GRPO) is better than the same rewards without mirrors.',
    paper: 'B',
    published: '52.48 → 58.42 success on Q-Spatial++',
    confidence: 'low',
    why: 'Six of 101 rows, one run each. The table over checkpoints of a run peaks at 50.50 (R45).',
  },
  {
    text: 'The view penalty works best with η = 1.',
    paper: 'B',
    published: '58.42, against 52.32, 51.49 and 47.52 for η = 0, 2, 10',
    confidence: 'low',
    why: 'Differences of six to eleven of 101 rows, one run each. The paper’s text on larger η contradicts the table (R18).',
  },
  {
    text: 'SVQA-R1 surpasses its base model.',
    paper: 'B',
    published: '+36.64 points over the thinking prompt, +9.91 over the other prompt',
    confidence: 'medium',
    why: 'The paper’s text states 47% and 10%, which are swapped and wrong (R17). Most of the first difference comes from the prompt.',
  },
];
