import type { AssessmentConfig } from '../config/run-config.ts';
import { ADVANTAGE_SCOPES, CONVENTION_NAMES } from '../rewards/advantages.ts';
import { SAMPLING_MODES, SAMPLING_SIGNALS } from '../rewards/dynamic-sampling.ts';
import { CLAMPS, COUPLING_MODES, PENALISED_SIDES, type CouplingMode } from '../rewards/coupling.ts';

/** Settings of a run that what-if analysis can change. */
export type WhatIfConfig = AssessmentConfig;

export type Changes = Readonly<Record<string, number | string>>;

interface Named {
  /** Name of the setting in panels and on the command line. */
  name: string;
  label: string;
  path: readonly [keyof WhatIfConfig, ...string[]];
}

/** @template V type of the setting's values */
interface OfRun<V> {
  inRun: V;
}

interface NumberKind extends Named {
  kind: 'number';
  /** Lower end of the slider. Any number from `min` up is valid; weights can also be lower. */
  min: number;
  max: number;
  step: number;
  paper: readonly number[];
}

interface ChoiceKind extends Named {
  kind: 'choice';
  choices: readonly string[];
  /** Names of the choices for people, if the config uses abbreviations. */
  names?: Readonly<Record<string, string>>;
  /** Choice that the paper makes; null if the paper makes none. */
  paper: string | null;
  /** Reason why the run supports no other choice of the setting. */
  why?: string;
}

type Kind = NumberKind | ChoiceKind;
export type Setting = (NumberKind & OfRun<number>) | (ChoiceKind & OfRun<string>);

const number = (
  section: keyof WhatIfConfig,
  name: string,
  label: string,
  range: Pick<NumberKind, 'min' | 'max' | 'step' | 'paper'>,
): NumberKind => ({ kind: 'number', name, label, path: [section, name], ...range });

const choice = (
  section: keyof WhatIfConfig,
  name: string,
  label: string,
  choices: readonly string[],
  paper: string | null,
): ChoiceKind => ({ kind: 'choice', name, label, path: [section, name], choices, paper });

const FIXED: readonly Kind[] = [
  number('coupling', 'eta', 'View penalty η', { min: 0, max: 10, step: 0.1, paper: [0, 1, 2, 10] }),
  number('coupling', 'threshold', 'Threshold δ', { min: 0, max: 1, step: 0.01, paper: [0.5] }),
  number('coupling', 'dead_band', 'Dead band of |Δ|', { min: 0, max: 1, step: 0.01, paper: [] }),
  choice('coupling', 'side', 'Penalised view', PENALISED_SIDES, 'better'),
  choice('coupling', 'clamp', 'Minimum penalised value', CLAMPS, null),
  {
    ...choice('coupling', 'mode', 'Coupling mode', COUPLING_MODES, 'penalty'),
    name: 'coupling',
    names: {
      penalty: 'penalty on the better view',
      joint: 'joint reward',
      relation: 'reward for answer changes with the image',
      order: 'bonus for frame order',
    },
  },
  choice('advantages', 'scope', 'Scope of mean and std', ADVANTAGE_SCOPES, 'group'),
  {
    ...choice('advantages', 'convention', 'Advantage normalisation', CONVENTION_NAMES, null),
    names: {
      trl: 'TRL',
      'trl-batch': 'TRL, std of the batch',
      openrlhf: 'OpenRLHF',
      deepseek: 'DeepSeek',
      'dr-grpo': 'Dr. GRPO',
    },
  },
  choice('dynamic_sampling', 'mode', 'Zero-variance groups', SAMPLING_MODES, 'off'),
  choice('dynamic_sampling', 'signal', 'Std signal', SAMPLING_SIGNALS, null),
  number('dynamic_sampling', 'min_std', 'Minimum std', { min: 0, max: 0.5, step: 0.005, paper: [] }),
];

/** Returns the coupling modes that a run's completions support. A run samples partner views for one kind of mode. */
const choicesOf = (mode: CouplingMode): readonly CouplingMode[] =>
  mode === 'relation' || mode === 'order' ? [mode] : ['penalty', 'joint'];

/** Returns the settings for a run with these reward parts: the weights of the parts, then all other settings. */
export function settingsFor(
  config: WhatIfConfig,
  parts: readonly string[] = Object.keys(config.rewards),
): Setting[] {
  const { mode = 'penalty' } = config.coupling;
  const weights = parts.map((part): NumberKind => ({
    kind: 'number',
    name: part,
    label: `Weight of ${part}`,
    path: ['rewards', part, 'weight'],
    min: 0,
    max: 2,
    step: 0.05,
    // The paper uses these values of λ1 and λ2.
    paper: part === 'format' || part === 'semantic' ? [0.5] : [],
  }));
  const fixed = FIXED.map((setting) =>
    setting.name === 'coupling'
      ? { ...setting, choices: choicesOf(mode), why: `the other views of this run were drawn for ${mode}` }
      : setting,
  );
  return [...weights, ...fixed].map(
    (setting) => ({ ...setting, inRun: valueOf(config, setting) }) as Setting,
  );
}

type Tree = Readonly<Record<string, unknown>>;

/** Returns the value of a setting; for a choice that the config lacks, the first choice. */
export const valueOf = (config: WhatIfConfig, setting: Kind): number | string => {
  const value = setting.path.reduce<unknown>((tree, key) => (tree as Tree | undefined)?.[key], config);
  return (value ?? (setting.kind === 'choice' ? setting.choices[0] : value)) as number | string;
};

/**
 * Returns a config with changed values. A new advantage normalisation sets its own ddof and epsilon, and drops the
 * overrides of the run.
 */
export function withChanges(
  config: WhatIfConfig,
  changes: Changes,
  settings: readonly Setting[],
): WhatIfConfig {
  let out: Tree = config as unknown as Tree;
  for (const setting of settings) {
    const value = changes[setting.name];
    if (value === undefined) continue;
    out = setAt(out, setting.path, value);
    if (setting.name === 'convention' && value !== config.advantages.convention)
      out = setAt(setAt(out, ['advantages', 'ddof'], undefined), ['advantages', 'epsilon'], undefined);
  }
  return out as unknown as WhatIfConfig;
}

function setAt(tree: Tree, [key, ...rest]: readonly string[], value: unknown): Tree {
  return { ...tree, [key!]: rest.length === 0 ? value : setAt(tree[key!] as Tree, rest, value) };
}

/** Error in a text of what-if changes such as `eta=2,scope=pair`. */
export class WhatIfError extends Error {}

/** Parses changes such as `eta=2,coupling.mode=joint`, by name or config path. @throws WhatIfError if invalid */
export function parseChanges(text: string, settings: readonly Setting[]): Changes {
  const changes: Record<string, number | string> = {};
  for (const entry of text.split(',')) {
    const [, name = '', value = ''] = /^\s*([^=]*?)\s*(?:=\s*(.*?)\s*)?$/s.exec(entry) ?? [];
    const setting = settings.find((s) => s.name === name || s.path.join('.') === name);
    if (!setting) {
      const names = settings.map((s) => s.name).join(', ');
      throw new WhatIfError(`Cannot change "${name}". Choose from ${names}.`);
    }
    changes[setting.name] =
      setting.kind === 'number' ? readNumber(setting, value) : readChoice(setting, value);
  }
  return changes;
}

function readNumber({ name, path }: NumberKind, text: string): number {
  const value = text === '' ? NaN : Number(text);
  const signed = path[0] === 'rewards' || name === 'threshold';
  if (!Number.isFinite(value) || (!signed && value < 0)) {
    throw new WhatIfError(`"${name}=${text}" must be a number${signed ? '' : ' of at least 0'}.`);
  }
  return value;
}

function readChoice({ name, choices, why }: ChoiceKind, text: string): string {
  if (!choices.includes(text))
    throw new WhatIfError(
      `"${name}=${text}" must be ${choices.length > 1 ? 'one of ' : ''}${choices.join(', ')}${why ? `, because ${why}` : ''}.`,
    );
  return text;
}
