import { thousands } from '../../src/core/labels.ts';
import type { Channel } from '../../src/core/protocol/channel.ts';
import type {
  DataFilter,
  DataHost,
  DataState,
  DataSummary,
  DataCommand,
  StepsDone,
} from '../../src/core/protocol/data-panel.ts';
import { keyOf, type Key } from '../ui/keyboard.ts';

/** Everything that the page shows. */
export interface DataPanelState {
  /** Null until the host has sent it. */
  state: DataState | null;
  /** What was done with the file; null until the host has sent it. */
  done: StepsDone | null;
  filter: DataFilter;
  /** The rows that match the filter; null for all. */
  rows: Int32Array | null;
  /** The share of the file that a search has read; null if there is none in progress. */
  searching: number | null;
  problem: string | null;
}

export interface Actions {
  host: Channel<DataHost>;
  filter: (change: Partial<DataFilter>) => void;
}

/** Carries a filter over to a file that was read again, in which bars have other codes, or are gone. */
export function keepChoices(
  chosen: DataFilter['chosen'],
  before: DataSummary,
  now: DataSummary,
): DataFilter['chosen'] {
  return Object.fromEntries(
    Object.entries(chosen).flatMap(([title, code]) => {
      const bars = (of: DataSummary) => of.facets.find((facet) => facet.title === title)?.bars ?? [];
      const label = bars(before).find((bar) => bar.code === code)?.label;
      const bar = bars(now).find((other) => other.label === label);
      return bar ? [[title, bar.code]] : [];
    }),
  );
}

export const countOf = (n: number, one: string) => `${thousands(n)} ${one}${n === 1 ? '' : 's'}`;

export const percent = (share: number | null) => (share === null ? '–' : `${Math.round(100 * share)}\u00a0%`);

/** The keys of the panel, and the commands of the palette. */
export const DATA_KEYS: (Key & { command: DataCommand })[] = [
  keyOf(['t'], 'tryRow', 'Try Selected Row in Playground', () => document.getElementById('try-row')?.click()),
];
