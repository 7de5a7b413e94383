import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Channel } from '../../src/base/channel.ts';
import type { RunPanelHost, RunPanelMemory, ShownRun } from '../../src/panels/run/run.contract.ts';

type Host = Channel<RunPanelHost>;
export type OpenRun = Extract<ShownRun, { kind: 'run' }>;

/** User's choices, which survive a reload of the window. */
export type Choices = Omit<RunPanelMemory, 'dirs' | 'scroll'>;

export const DEFAULTS: Choices = {
  x: 'step',
  smoothing: 0.6,
  log: false,
  folded: ['reward', 'evaluation of runs', 'distributions', 'policy', 'completions', 'time', 'more'],
  tables: [],
  hidden: [],
  pinned: [],
  large: [],
  find: '',
  configAt: null,
  mean: false,
  range: null,
};

export interface RunPanelState {
  /** Shown runs; null until the host has sent them. */
  runs: ShownRun[] | null;
  /** Counter that increases with every update from the host. After an update, charts request their data again. */
  revision: number;
  choices: Choices;
}

type Choose = (change: Partial<Choices>) => void;

/** Values that all components of the page share. */
interface Page {
  panel: RunPanelState;
  choose: Choose;
  host: Host;
}
export const PageContext = createContext<Page>(null!);

/** Returns the page's state, including the user's choices, and whether the page shows several runs. */
export function usePage() {
  const { panel, choose, host } = useContext(PageContext);
  const { choices, revision, runs } = panel;
  return { choices, revision, compared: (runs?.length ?? 0) > 1, choose, host };
}

export const isOpen = (run: ShownRun): run is OpenRun => run.kind === 'run';

/** Returns a list with an entry added, or removed if the list contains it. */
export const toggled = <T extends string>(list: readonly T[], entry: T): T[] =>
  list.includes(entry) ? list.filter((other) => other !== entry) : [...list, entry];

/**
 * Returns the window widths at which the page shows the config. By default, the page shows the differences of several
 * runs in windows that are wide enough for both config and charts.
 */
export const configAt = ({ configAt }: Pick<Choices, 'configAt'>, runs: number): ('wide' | 'narrow')[] =>
  configAt ?? (runs > 1 ? ['wide'] : []);

/** Returns the width class. In a narrow window, the config would replace the charts, so the config starts collapsed. */
export const widthOf = (narrow: boolean) => (narrow ? 'narrow' : 'wide');
