import { availableParallelism } from 'node:os';
import { yamlText } from '../core/config/config-source.ts';
import { stepName } from '../lab/runs/run-folder.ts';
import { MIRROR, ORIGINAL, REVERSE, type ViewId } from '../rows/view-list.ts';

export interface PlannedRun {
  name: string;
  about: string;
  config: object;
}

/** Dataset of a demo: its name, and the options of `chirality worlds` for drawing it. */
export interface PlannedSet {
  name: string;
  count: number;
  options: string[];
  /** View to add to the rows once for all runs. Otherwise the start of each run would take twice as long. */
  view?: ViewId;
}

export interface DemoPlan {
  sets: PlannedSet[];
  /** SFT runs in sequence: first training on clean rows, then on skewed rows. */
  sft: PlannedRun[];
  /** Runs that all start from the last `sft` run. The demo compares the first two. */
  arms: PlannedRun[];
}

/** Changes of a condition to the common config. */
interface ArmOfDemo {
  about: string;
  config: object;
  /** Training set; undefined for the skewed set. */
  set?: string;
}

/** Demo: rows whose answers follow a response bias, and runs that either learn the bias or learn to see. */
export interface Demo {
  /** View that the demo uses in addition to the original. */
  view: ViewId;
  /** Kinds of questions. Only answers to the first kind change in the view, so response bias affects only this kind. */
  kinds: readonly [string, string];
  /** Description of the values in the demo's table. */
  about: string[];
  /** Options of `chirality worlds` for all sets, for balanced sets and for skewed sets. */
  drawn: { all: string[]; balanced: string[]; skewed: string[] };
  rows: { clean: number; skewed: number; val: number };
  steps: { see: number; skewed: number; grpo: number };
  /** Settings of the runs in addition to their presets. */
  config: { all?: { engine: object }; sft?: object; grpo?: object };
  /** Conditions `given` and `spatial`, which the demo compares, then controls. */
  arms: Record<string, ArmOfDemo>;
  /** Controls that the demo trains only on request. */
  onDemand: readonly string[];
}

/** One view of twice as many rows, so that each condition samples the same number of views per step. */
const ONE_VIEW = { views: { mirror: false }, batch: { rows: 32 } };

/** Optimizer settings of SFT, with a learning rate that changes the model without erasing what it has learnt. */
const CAREFULLY = { learning_rate: 5e-4, warmup_steps: 5 };

/** Condition with SFT instead of GRPO, on the same number of views per step. */
const SFT_CONTROL = { preset: 'demo-sft', batch: { samples: 16 }, optimizer: CAREFULLY };

/** Demo whose first-named object is always on the left, so that "left" is right without the image. */
export const MIRROR_DEMO: Demo = {
  view: MIRROR,
  kinds: ['side', 'nearer'],
  about: [
    'The object named first is always on the left, as in the skewed training rows. In the mirrors, it is on the right.',
    'A model with a response bias is correct only on the originals.',
  ],
  drawn: {
    all: ['--style', 'compact', '--families', 'side.where,nearer'],
    balanced: ['--bias', 'pole=1'],
    skewed: ['--bias', 'side=1,pole=1'],
  },
  rows: { clean: 4000, skewed: 1600, val: 256 },
  steps: { see: 400, skewed: 40, grpo: 50 },
  config: {},
  arms: {
    given: { about: 'originals only', config: ONE_VIEW },
    spatial: { about: 'both, with view coupling', config: {} },
    mirrored: { about: 'originals and mirrors', config: { coupling: { eta: 0 } } },
    'sft-mirrored': {
      about: 'SFT on originals and mirrors',
      config: { ...SFT_CONTROL, views: { mirror: true } },
    },
    pair: { about: 'advantages over both views', config: { advantages: { scope: 'pair' } } },
    joint: {
      about: 'joint reward of ConsistRoll',
      config: { coupling: { mode: 'joint' }, advantages: { scope: 'pair' } },
    },
    unbiased: { about: 'GRPO on balanced rows', config: ONE_VIEW, set: 'clean' },
  },
  onDemand: ['pair', 'joint', 'unbiased'],
};

/** Template without reasoning, because the reasoning of a world describes a single frame. */
const WITHOUT_THOUGHT = '<think> </think> <answer> {answer} </answer>';

/** Demo with clips whose moving object goes left, so that "left" is right without the image. */
export const MOTION_DEMO: Demo = {
  view: REVERSE,
  kinds: ['moves', 'still'],
  about: [
    'Objects move to the left, as in the skewed training clips. In reversed clips, they move to the right.',
    'A model with a response bias is correct only on the originals.',
  ],
  drawn: {
    all: ['--motion', '--style', 'compact', '--objects', '1', '--families', 'moves.where-side,still.half'],
    balanced: ['--bias', 'pole=1'],
    skewed: ['--bias', 'moves=1,pole=1'],
  },
  rows: { clean: 1500, skewed: 800, val: 256 },
  steps: { see: 300, skewed: 40, grpo: 50 },
  config: {
    all: { engine: { kind: 'embedded', image_size: 48 } },
    sft: { target: WITHOUT_THOUGHT },
    grpo: { views: { use: [REVERSE] } },
  },
  arms: {
    given: { about: 'original clips', config: ONE_VIEW },
    spatial: { about: 'both orders, with view coupling', config: {} },
    reversed: { about: 'both orders', config: { coupling: { eta: 0 } } },
    'sft-reversed': {
      about: 'SFT on both orders',
      config: { ...SFT_CONTROL, target: WITHOUT_THOUGHT },
    },
    both: {
      about: 'mirror, reverse and both, with view coupling',
      config: { views: { use: [MIRROR, REVERSE, `${MIRROR}+${REVERSE}`], partner: 'uniform' } },
    },
    relation: {
      about: 'CRPO',
      config: { coupling: { mode: 'relation' }, advantages: { scope: 'pair' } },
    },
    order: {
      about: 'T-GRPO',
      config: {
        views: { use: [1, 2, 3].map((k) => `shuffle:${k}`), partner: 'uniform' },
        coupling: { mode: 'order' },
        advantages: { convention: 'dr-grpo' },
      },
    },
  },
  onDemand: ['both', 'relation', 'order'],
};

/** Four conditions at once leave no core idle on most machines, where a second thread takes 20% more processor time. */
const THREADS = availableParallelism() < 8 ? 1 : 2;

/**
 * Returns the sets and runs of a demo.
 * @param options.all whether to include the optional controls
 * @param options.fast whether each phase has only a few steps
 */
export function planDemo(
  demo: Demo,
  { seed, all, fast }: { seed: number; all: boolean; fast: boolean },
): DemoPlan {
  const { drawn, config } = demo;
  const steps = fast ? { see: 40, skewed: 10, grpo: 6 } : demo.steps;
  const rows = fast ? { clean: 400, skewed: 200, val: 48 } : demo.rows;
  const set = (name: keyof typeof rows, options: string[]): PlannedSet => ({
    name,
    count: rows[name],
    options: [...drawn.all, ...options, '--seed', `${seed}-${name}`],
  });
  const base = (train: string) => ({
    seed,
    data: { train: `${train}/data.qa.jsonl`, eval: { val: 'val/data.qa.jsonl' } },
    ...config.all,
  });
  const last = (run: string, step: number) => `runs/${run}/checkpoints/${stepName(step)}`;
  // By default, evaluations use originals and mirrors.
  const evaluate = demo.view === MIRROR ? undefined : { views: [ORIGINAL, demo.view] };
  const sft = { preset: 'demo-sft', ...(evaluate && { evaluate }), ...config.sft };
  return {
    sets: [
      set('clean', drawn.balanced),
      { ...set('skewed', drawn.skewed), view: demo.view },
      { ...set('val', drawn.skewed), view: demo.view },
    ],
    sft: [
      { name: 'sft', about: 'SFT on balanced rows', config: { ...sft, steps: steps.see, ...base('clean') } },
      {
        name: 'sft-skewed',
        about: 'SFT on skewed rows',
        config: {
          ...sft,
          steps: steps.skewed,
          init: last('sft', steps.see),
          views: { mirror: false },
          ...base('skewed'),
          optimizer: CAREFULLY,
        },
      },
    ],
    arms: Object.entries(demo.arms)
      .filter(([name]) => all || !demo.onDemand.includes(name))
      .map(([name, { about, config: changes, set: train = 'skewed' }]) => ({
        name,
        about,
        config: {
          preset: 'demo',
          steps: steps.grpo,
          // Evaluate the saved checkpoints and the common start. A separate seed leaves the training unaffected.
          evaluate: { every: 25, at_start: true, seed, ...evaluate },
          init: last('sft-skewed', steps.skewed),
          ...base(train),
          engine: { kind: 'embedded', threads: THREADS, ...config.all?.engine },
          ...config.grpo,
          ...changes,
        },
      })),
  };
}

export const configText = ({ about, config }: PlannedRun): string => `# ${about}\n${yamlText(config)}`;

/** Returns the label of a run in tables and progress: its name and its description. */
export const labelOf = ({ name, about }: Pick<PlannedRun, 'name' | 'about'>): string => `${name} (${about})`;
