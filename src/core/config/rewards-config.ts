import * as z from 'zod';
import { REWARDS, type Reward, type RewardName } from '../rewards/rewards.ts';
import { CLAMPS, COUPLING_MODES, PENALISED_SIDES, SIGNALS } from '../rewards/coupling.ts';
import { amount, share, field, PROGRAM, section } from './config-fields.ts';

const about = (name: RewardName): Reward => REWARDS[name];

const weight = (name: RewardName) => {
  const { paper } = about(name);
  return field(z.number(), 'Weight in the sum.', paper === undefined ? {} : { paper }).default(0);
};

/** The section of a reward that every resolved config contains. */
const part = <T extends z.core.$ZodLooseShape>(name: RewardName, more: T) =>
  section({ weight: weight(name), ...more }, about(name).about);

/** The section of a reward that only resolved configs which use it contain. */
const optionalPart = <T extends z.core.$ZodLooseShape>(name: RewardName, more: T) =>
  z
    .strictObject({ weight: weight(name), ...more })
    .optional()
    .meta({ description: about(name).about });

/** A reward of the user's own, under a name of the user's choice. */
const OwnReward = z.strictObject({
  weight: field(z.number(), 'Weight in the sum.'),
  ...PROGRAM,
});

export const RewardsConfig = z
  .strictObject({
    format: part('format', {}),
    semantic: part('semantic', {
      encoder: field(z.enum(['lexical', 'minilm']), 'What measures how alike two answers are.', {
        paper: 'SVQA-R1: all-MiniLM-L6-v2, as `minilm`.',
        tradeoff: '`lexical` needs no download and knows no synonyms.',
      }).default('lexical'),
      encoder_path: field(
        z.string(),
        'Folder with the encoder, relative to this config; by default, the encoder is downloaded from the hub.',
      ).optional(),
    }),
    accuracy: part('accuracy', {}),
    exact_match: part('exact_match', {}),
    numeric: part('numeric', {}),
    iou: part('iou', {}),
    agreement: optionalPart('agreement', {
      rows: field(
        z.enum(['all', 'changing']),
        'Which rows earn it. `changing`: only rows in which repeating a plain answer (yes, an option, a number) in every view in use does not count as agreement.',
      ).default('all'),
    }),
  } satisfies Record<RewardName, z.ZodType>)
  .catchall(OwnReward)
  .prefault({} as never)
  .meta({
    description:
      'The reward is the weighted sum of these parts [B-16]. A weight of 0 leaves a part out. A part of another name is a program of your own: `brevity: { command: [python, rewards.py], weight: 0.2 }` (docs/own-rewards.md).',
  });

export const CouplingConfig = section(
  {
    mode: field(
      z.enum(COUPLING_MODES),
      '`penalty`: equations 2–4. `joint`: a completion keeps its reward of `signal` only if it and the completion of the same number in the other view are both right and agree. `relation`: the question stays while the images turn, and completions earn for changing their answer where it should change (R56). `order`: right completions earn more if shuffled frames do no better (R57). With all but `penalty`, only `signal` counts of the settings of the penalty. By default `penalty`.',
      {
        paper:
          'SVQA-R1: penalty. ConsistRoll (arXiv 2606.29812): joint, with advantages.scope: pair. CRPO (2605.21988): relation. T-GRPO (2503.21776): order.',
        tradeoff: 'The joint reward is rare while one view is mostly wrong.',
      },
    ).optional(),
    signal: field(
      z.enum(SIGNALS),
      'The reward part by which the views are compared (Δ) and from which the penalty is taken; by default `semantic`.',
      { paper: 'SVQA-R1: semantic.' },
    ).optional(),
    labels: field(
      z.string().min(1),
      'With `mode: relation`: a file of lines `{"id": "row-1", "changes": true}` that says whose answer should change in the counterfactual, relative to this config; by default, our rules say it. Rows without a label have no counterfactual.',
      { paper: 'CRPO: a language model, right for 94% of the questions.' },
    ).optional(),
    wrong_labels: field(
      share(),
      'With `mode: relation`: the share of rows, drawn by the seed, for which the opposite of what rules or labels say is believed: what do wrong labels cost?',
      { paper: 'CRPO: 0.06, by its language model.' },
    ).optional(),
    eta: field(amount(), 'η: the better view loses η|Δ|. 0: both views, no coupling.', {
      paper: 'SVQA-R1: 1; table with 0, 1, 2, 10.',
      tradeoff: 'A larger η inverts orders sooner: watch the effect shares (R3).',
    }).default(1),
    threshold: field(z.number(), 'δ: only completions strictly above it are penalised.', {
      paper: 'SVQA-R1: 0.5.',
    }).default(0.5),
    dead_band: field(amount(), 'If |Δ| is at most this, both views count as equal.', {
      paper: 'Not in paper.',
    }).default(0),
    side: field(z.enum(PENALISED_SIDES), 'Which view loses reward: the better one, or the other (R2).', {
      paper: 'SVQA-R1: better.',
    }).default('better'),
    clamp: field(z.enum(CLAMPS), 'Lowest value that a penalised reward may reach (R5).', {
      paper: 'Not in paper.',
    }).default('none'),
  },
  'The coupling of the two views, equations 2–4.',
);
