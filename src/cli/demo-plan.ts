import { yamlText } from '../core/config/config-source.ts';
import { stepName } from '../lab/runs/run-folder.ts';
import { MIRROR, ORIGINAL, REVERSE, type ViewId } from '../rows/view-list.ts';

/** A run of a demo: its config file's name and contents. */
export interface PlannedRun {
  name: string;
  about: string;
  config: object;
}

/** A dataset of a demo: its name, and the options of `chirality worlds` that draw it. */
export interface PlannedSet {
  name: string;
  count: number;
  options: string[];
  /** The view that is added to its rows, once for all runs, whose starts would take twice as long without. */
  view?: ViewId;
}

export interface DemoPlan {
  sets: PlannedSet[];
  /** Runs in sequence: learning to see, then continuing on skewed rows. */
  sft: PlannedRun[];
  /** Runs that all start from the last of the `sft` runs; the first two are compared. */
  arms: PlannedRun[];
}

/** What an arm changes in the config that all have in common. */
interface ArmOfDemo {
  about: string;
  config: object;
  /** The set that it trains on: the skewed one, unless it is another. */
  set?: string;
}

/** A demo: rows whose answers follow a habit, and trainings that find it, or see. */
export interface Demo {
  /** The view next to the original. */
  view: ViewId;
  /** Kinds of questions: only the answers to the first change in that view, so only they fall to a habit. */
  kinds: readonly [string, string];
  /** What the figures of its table are. */
  about: string[];
  /** Options of `chirality worlds` for all sets, for balanced ones and for skewed ones. */
  drawn: { all: string[]; balanced: string[]; skewed: string[] };
  rows: { clean: number; skewed: number; val: number };
  steps: { see: number; skewed: number; grpo: number };
  /** What the runs have next to their presets. */
  config: { all?: object; sft?: object; grpo?: object };
  /** `given` and `spatial`, which are compared, then controls. */
  arms: Record<string, ArmOfDemo>;
  /** Controls that are trained only on demand. */
  onDemand: readonly string[];
}

/** One view of twice as many rows: every arm draws as many views a step. */
const ONE_VIEW = { views: { mirror: false }, batch: { rows: 32 } };

/** SFT at a rate that changes what a model does, and not all that it knows. */
const CAREFULLY = { learning_rate: 5e-4, warmup_steps: 5 };

/** SFT in place of GRPO, on as many views a step. */
const SFT_CONTROL = { preset: 'demo-sft', batch: { samples: 16 }, optimizer: CAREFULLY };

/** Rows whose first-named object always stands on the left, so that answering "left" without the image is right. */
export const MIRROR_DEMO: Demo = {
  view: MIRROR,
  kinds: ['side', 'nearer'],
  about: [
    'The object named first is always on the left, as in the skewed training rows. In the mirrors, it is on the right.',
    'A model with a response bias is right only on the originals.',
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

/** Moving worlds have no reasoning: it would be of one frame. */
const WITHOUT_THOUGHT = '<think> </think> <answer> {answer} </answer>';

/** Clips in which what moves goes to the left, so that answering "left" without the image is right. */
export const MOTION_DEMO: Demo = {
  view: REVERSE,
  kinds: ['moves', 'still'],
  about: [
    'Objects move to the left, as in the skewed training clips. In reversed clips, they move to the right.',
    'A model with a response bias is right only on the originals.',
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

/**
 * All that a demo does, from nothing.
 * @param options.all whether controls on demand are trained, too
 * @param options.fast whether only a few steps of each phase are
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
  // Evaluations ask originals and mirrors, unless they are told.
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
          // Often enough for a curve, starting from the same point; its own seed keeps it from affecting the training.
          evaluate: { every: 20, at_start: true, seed, ...evaluate },
          init: last('sft-skewed', steps.skewed),
          ...base(train),
          ...config.grpo,
          ...changes,
        },
      })),
  };
}

/** The text of a run's config file, with its description as a comment. */
export const configText = ({ about, config }: PlannedRun): string => `# ${about}\n${yamlText(config)}`;

/** What tables and progress call a run: the name that lists and charts show, and what it is trained on. */
export const labelOf = ({ name, about }: Pick<PlannedRun, 'name' | 'about'>): string => `${name} (${about})`;
