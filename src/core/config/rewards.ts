import * as z from 'zod';
import { CLAMPS, PENALISED_SIDES, SIGNALS } from '../rewards/coupling.ts';
import { amount, field, section } from './fields.ts';

const weight = (paper?: string) => field(z.number(), 'Weight in the sum.', paper ? { paper } : {}).default(0);

export const RewardsConfig = section(
  {
    format: section(
      { weight: weight('SVQA-R1: λ1 = 0.5.') },
      'Binary: think and answer tags, each once, nothing else [B-14].',
    ),
    semantic: section(
      {
        weight: weight('SVQA-R1: λ2 = 0.5.'),
        encoder: field(z.enum(['lexical', 'minilm']), 'What measures likeness of two answers.', {
          paper: 'SVQA-R1: all-MiniLM-L6-v2, as `minilm`.',
          tradeoff: '`lexical` needs no download and knows no synonyms.',
        }).default('lexical'),
        encoder_path: field(
          z.string(),
          'Folder with the encoder, relative to this config; without it the hub is asked.',
        ).optional(),
      },
      'Cosine between the sentence embeddings of answer and reference [B-15]; negative values stay (R6).',
    ),
    accuracy: section(
      { weight: weight('Paper A: the only reward.') },
      'Binary: the answer is right by the rules of its task [A-21].',
    ),
    exact_match: section(
      { weight: weight('Released code of paper A: the only reward.') },
      '1 for the same text after normalising, 0 for another, −0.2 for an empty one [A-22]. Both sides are normalised (R38).',
    ),
    numeric: section({ weight: weight() }, 'Distances and counts: 1 − relative error, not below 0 [B-18].'),
    iou: section({ weight: weight() }, 'Boxes: intersection over union [B-18].'),
    agreement: z
      .strictObject({
        weight: weight('Not in paper.'),
        rows: field(
          z.enum(['all', 'changing']),
          'Which rows earn it. `changing`: only those in which no plain answer (yes, an option, a number) agrees with itself in every view in use.',
        ).default('all'),
      })
      .optional()
      .meta({
        description:
          "Share of the other view's completions that say the same once mapped by the views, right or wrong: it needs no labels, and cannot tell a right model from an inverted one (docs/training.md).",
      }),
  },
  'The reward is the weighted sum of these parts [B-16]. A weight of 0 leaves a part out.',
);

export const CouplingConfig = section(
  {
    signal: field(
      z.enum(SIGNALS),
      'The reward part that Δ is of and that the penalty is taken from; `semantic` if not given.',
      { paper: 'SVQA-R1: semantic.' },
    ).optional(),
    eta: field(amount(), 'η: the view that does better loses η|Δ|. 0: both views, no coupling.', {
      paper: 'SVQA-R1: 1; table with 0, 1, 2, 10.',
      tradeoff: 'A larger η inverts orders sooner: watch the effect shares (R3).',
    }).default(1),
    threshold: field(z.number(), 'δ: only completions strictly above it are penalised.', {
      paper: 'SVQA-R1: 0.5.',
    }).default(0.5),
    dead_band: field(amount(), '|Δ| up to here counts as equal.', { paper: 'Not in paper.' }).default(0),
    side: field(
      z.enum(PENALISED_SIDES),
      'Which view loses reward: the one that does better, or the other (R2).',
      { paper: 'SVQA-R1: better.' },
    ).default('better'),
    clamp: field(z.enum(CLAMPS), 'Lowest value that a penalised reward may reach (R5).', {
      paper: 'Not in paper.',
    }).default('none'),
  },
  'The coupling of the two views, equations 2–4.',
);
