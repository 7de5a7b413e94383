import * as z from 'zod';
import { REWARDS, type Reward, type RewardName } from '../rewards/rewards.ts';
import { CLAMPS, COUPLING_MODES, PENALISED_SIDES, SIGNALS } from '../rewards/coupling.ts';
import { amount, share, field, PROGRAM, section } from './config-fields.ts';

const about = (name: RewardName): Reward => REWARDS[name];

const weight = (name: RewardName) => {
  const { paper } = about(name);
  return field(z.number(), 'Weight of the reward.', paper === undefined ? {} : { paper }).default(0);
};

const part = <T extends z.core.$ZodLooseShape>(name: RewardName, more: T) =>
  section({ weight: weight(name), ...more }, about(name).about);

/** Returns the schema section of a reward that a resolved config contains only if the config uses the reward. */
const optionalPart = <T extends z.core.$ZodLooseShape>(name: RewardName, more: T) =>
  z
    .strictObject({ weight: weight(name), ...more })
    .optional()
    .meta({ description: about(name).about });

/** A custom reward in a config. It can have any name. */
const OwnReward = z.strictObject({ weight: field(z.number(), 'Weight of the reward.'), ...PROGRAM });

export const RewardsConfig = z
  .strictObject({
    format: part('format', {}),
    semantic: part('semantic', {
      encoder: field(z.enum(['lexical', 'minilm']), 'Encoder that measures the similarity of two answers.', {
        paper: 'SVQA-R1: all-MiniLM-L6-v2, as `minilm`.',
        tradeoff: '`lexical` needs no download but ignores synonyms.',
      }).default('lexical'),
      encoder_path: field(
        z.string(),
        'Folder with the encoder, relative to this config. By default, the encoder is downloaded from the Hugging Face Hub.',
      ).optional(),
    }),
    accuracy: part('accuracy', {}),
    exact_match: part('exact_match', {}),
    numeric: part('numeric', {}),
    iou: part('iou', {}),
    agreement: optionalPart('agreement', {
      rows: field(
        z.enum(['all', 'changing']),
        'Rows that can earn the reward. With `changing`, only rows whose answer changes between the views, because a model can repeat a fixed answer without the image.',
      ).default('all'),
    }),
  } satisfies Record<RewardName, z.ZodType>)
  .catchall(OwnReward)
  .prefault({} as never)
  .meta({
    description:
      'The reward is the weighted sum of these parts. A weight of 0 disables a part. Any other name defines a custom reward: `brevity: { command: [python, rewards.py], weight: 0.2 }` (docs/training.md).',
  });

export const CouplingConfig = section(
  {
    mode: field(
      z.enum(COUPLING_MODES),
      'Coupling of the views. The default is `penalty` (equations 2–4). With `joint`, a completion keeps its `signal` reward only if the completion and its counterpart in the other view are correct and agree. With `relation`, only the images change, and completions earn a reward for expected answer changes (R56). With `order`, correct completions earn a bonus if accuracy is not higher on shuffled frames (R57). Modes other than `penalty` use only `signal` of the penalty settings.',
      {
        paper:
          'SVQA-R1: penalty. ConsistRoll (arXiv 2606.29812): joint, with advantages.scope: pair. CRPO (2605.21988): relation. T-GRPO (2503.21776): order.',
        tradeoff: 'Few completions earn the joint reward while answers to one view are mostly wrong.',
      },
    ).optional(),
    signal: field(
      z.enum(SIGNALS),
      'Reward that is compared between the views (Δ) and reduced by the penalty. The default is `semantic`.',
      { paper: 'SVQA-R1: semantic.' },
    ).optional(),
    labels: field(
      z.string().min(1),
      'File with expected answer changes in counterfactuals, for `mode: relation`. Each line is like `{"id": "row-1", "changes": true}`, and the path is relative to this config. Rows that are not in the file have no counterfactual. Without a file, rules determine the expected changes.',
      { paper: 'CRPO: labels by a language model with an accuracy of 94%.' },
    ).optional(),
    wrong_labels: field(
      share(),
      'Share of rows with inverted labels, for `mode: relation`, to measure the effect of wrong labels. The seed selects the rows.',
      { paper: 'CRPO: 0.06, the error rate of its language model.' },
    ).optional(),
    eta: field(
      amount(),
      'Strength η of the view penalty. The better view loses η|Δ|. With 0, both views are trained without coupling.',
      {
        paper: 'SVQA-R1: 1. One table compares 0, 1, 2 and 10.',
        tradeoff: 'A larger η inverts the order of more completions. Check the effect of the penalty (R3).',
      },
    ).default(1),
    threshold: field(z.number(), 'Threshold δ: only rewards strictly above δ are penalised.', {
      paper: 'SVQA-R1: 0.5.',
    }).default(0.5),
    dead_band: field(amount(), 'Maximum |Δ| at which both views count as equal.', {
      paper: 'Not in paper.',
    }).default(0),
    side: field(z.enum(PENALISED_SIDES), 'View that loses reward: the better or the worse view (R2).', {
      paper: 'SVQA-R1: better.',
    }).default('better'),
    clamp: field(z.enum(CLAMPS), 'Minimum of a penalised reward (R5).', { paper: 'Not in paper.' }).default(
      'none',
    ),
  },
  'Coupling of the two views, equations 2–4.',
);
