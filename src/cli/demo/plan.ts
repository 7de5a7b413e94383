import { stringify } from 'yaml';
import type { Topic } from '../../core/worlds/rows.ts';
import type { Bias } from '../../core/worlds/bias.ts';

/** A run of the demo: its config file's name and contents. */
export interface PlannedRun {
  name: string;
  about: string;
  config: object;
}

export interface DemoPlan {
  data: { name: string; count: number; seed: string; bias: Bias; families: Topic[] }[];
  /** Runs that follow each other: learning to see, then the same on skewed rows. */
  sft: PlannedRun[];
  /** Runs that all start from the last of these. */
  arms: PlannedRun[];
}

/** Rows whose first-named solid always stands on the left: who answers "left" unseen is right. */
const SKEWED: Bias = { side: 1, pole: 1 };

/** Where one solid is from another is what a mirror changes; which of two is nearer stays. */
const families: Topic[] = ['side.where', 'nearer'];

const ARMS = {
  given: { about: 'GRPO on the rows as given', config: { views: { mirror: false }, batch: { rows: 32 } } },
  mirrored: { about: 'both views, no coupling (η = 0)', config: { coupling: { eta: 0 } } },
  spatial: { about: 'Spatial-GRPO (η = 1)', config: {} },
  pair: { about: 'Spatial-GRPO, advantages over both views', config: { advantages: { scope: 'pair' } } },
};
export type Arm = keyof typeof ARMS;

/** Every arm draws the same number of completions: 32 groups a step, of 32 rows or of 16 pairs. */
export function planDemo({
  seed,
  fast,
  arms,
}: {
  seed: number;
  fast: boolean;
  arms: readonly Arm[];
}): DemoPlan {
  const steps = fast ? { see: 40, skewed: 10, grpo: 6 } : { see: 400, skewed: 40, grpo: 70 };
  const rows = fast ? { clean: 400, skewed: 200, val: 48 } : { clean: 4000, skewed: 1600, val: 256 };
  const base = { seed, data: { train: '', eval: { val: 'val/data.qa.jsonl' } } };
  const train = (set: string) => ({ ...base, data: { ...base.data, train: `${set}/data.qa.jsonl` } });
  const last = (run: string, step: number) => `runs/${run}/checkpoints/step-${String(step).padStart(6, '0')}`;
  return {
    data: [
      { name: 'clean', count: rows.clean, seed: `${seed}-clean`, bias: { pole: 1 }, families },
      { name: 'skewed', count: rows.skewed, seed: `${seed}-skewed`, bias: SKEWED, families },
      { name: 'val', count: rows.val, seed: `${seed}-val`, bias: SKEWED, families },
    ],
    sft: [
      {
        name: 'sft',
        about: 'SFT on balanced rows',
        config: { preset: 'demo-sft', steps: steps.see, ...train('clean') },
      },
      {
        name: 'sft-skewed',
        about: 'SFT on skewed rows',
        config: {
          preset: 'demo-sft',
          steps: steps.skewed,
          init: last('sft', steps.see),
          ...train('skewed'),
          optimizer: { learning_rate: 5e-4, warmup_steps: 5 },
        },
      },
    ],
    arms: arms.map((arm) => ({
      name: arm,
      about: ARMS[arm].about,
      config: {
        preset: 'demo',
        steps: steps.grpo,
        init: last('sft-skewed', steps.skewed),
        ...train('skewed'),
        ...ARMS[arm].config,
      },
    })),
  };
}

/** The text of a run's config file, with what it is as a comment. */
export const configText = ({ about, config }: PlannedRun): string => `# ${about}\n${stringify(config)}`;

export const ALL_ARMS = Object.keys(ARMS) as Arm[];
