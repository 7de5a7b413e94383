import type { Channel } from '../../src/core/protocol/channel.ts';
import type { RunPanelHost, RunPanelMemory, ShownRun } from '../../src/core/protocol/run-panel.ts';

export type Host = Channel<RunPanelHost>;
export type OpenRun = Extract<ShownRun, { kind: 'run' }>;

/** What a person has chosen; it survives a reload. */
export type Choices = Omit<RunPanelMemory, 'dirs' | 'scroll'>;

export const DEFAULTS: Choices = {
  x: 'step',
  smoothing: 0.6,
  log: false,
  folded: ['more'],
  tables: [],
  hidden: [],
  configAt: ['wide'],
  mean: false,
  range: null,
};

/** All that the page shows. */
export interface PanelState {
  /** Null until the host has spoken. */
  runs: ShownRun[] | null;
  /** Counts what the host has told: charts ask anew when it changes. */
  revision: number;
  choices: Choices;
}

export type Choose = (change: Partial<Choices>) => void;

export const isOpen = (run: ShownRun): run is OpenRun => run.kind === 'run';

/** A list with an entry, if it had none, or without it. */
export const toggled = <T extends string>(list: readonly T[], entry: T): T[] =>
  list.includes(entry) ? list.filter((other) => other !== entry) : [...list, entry];

/** Where the config stands above the charts, it is folded until somebody asks for it there. */
export const widthOf = (narrow: boolean) => (narrow ? 'narrow' : 'wide');
