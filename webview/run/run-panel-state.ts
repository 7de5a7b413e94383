import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Channel } from '../../src/base/channel.ts';
import type { RunPanelHost, RunPanelMemory, ShownRun } from '../../src/panels/run/run.contract.ts';

type Host = Channel<RunPanelHost>;
export type OpenRun = Extract<ShownRun, { kind: 'run' }>;

/** The user's choices, which survive a reload. */
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

/** Everything that the page shows. */
export interface RunPanelState {
  /** Null until the host has sent it. */
  runs: ShownRun[] | null;
  /** Increases with every update from the host; charts then request their data again. */
  revision: number;
  choices: Choices;
}

type Choose = (change: Partial<Choices>) => void;

/** What all parts of the page read. */
interface Page {
  panel: RunPanelState;
  choose: Choose;
  host: Host;
}
export const PageContext = createContext<Page>(null!);

/** Also the user's choices, and whether several runs are shown. */
export function usePage() {
  const { panel, choose, host } = useContext(PageContext);
  const { choices, revision, runs } = panel;
  return { choices, revision, compared: (runs?.length ?? 0) > 1, choose, host };
}

export const isOpen = (run: ShownRun): run is OpenRun => run.kind === 'run';

/** Adds an entry to a list, or removes it if it is there. */
export const toggled = <T extends string>(list: readonly T[], entry: T): T[] =>
  list.includes(entry) ? list.filter((other) => other !== entry) : [...list, entry];

/**
 * The widths at which the config is shown. Until the user chooses: of several runs what differs, where it is next to the
 * charts.
 */
export const configAt = ({ configAt }: Pick<Choices, 'configAt'>, runs: number): ('wide' | 'narrow')[] =>
  configAt ?? (runs > 1 ? ['wide'] : []);

/** In a narrow window, where the config replaces the charts, it is folded until opened there. */
export const widthOf = (narrow: boolean) => (narrow ? 'narrow' : 'wide');
