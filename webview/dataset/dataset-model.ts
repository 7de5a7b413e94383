import type {
  DataFilter,
  DataHost,
  DataState,
  DataSummary,
  DataCommand,
  StepsDone,
} from '../../src/panels/dataset/dataset.contract.ts';
import { keyOf, type Key } from '../ui/keyboard.ts';
import { SEEN_KEY } from '../ui/seen-family.ts';
import { PageModel } from '../ui/page-model.ts';

export interface DataPanelState {
  /** State from the host; null until the host has sent it. */
  state: DataState | null;
  /** Completed steps of the dataset; null until the host has sent them. */
  done: StepsDone | null;
  filter: DataFilter;
  /** Rows that match the filter; null without a filter. */
  rows: Int32Array | null;
  /** Share of the file that a search has read; null if no search is in progress. */
  searching: number | null;
  problem: string | null;
}

/** Delay between the last key press and a search, in ms. */
const TYPING_MS = 250;

export class DataModel extends PageModel<DataPanelState, DataHost> {
  private typing: ReturnType<typeof setTimeout> | undefined;
  private search = new AbortController();

  show(state: DataState): void {
    const { state: before, filter: last } = this.state;
    const both = before?.kind === 'read' && state.kind === 'read';
    // The update only adds the audit of the same data, so keep the selected rows.
    if (both && before.version === state.version) return this.update({ state });
    const filter = both ? { ...last, chosen: keepChoices(last.chosen, before.summary, state.summary) } : last;
    this.update({ state, filter, ...(state.kind === 'read' && { rows: null }) });
    void this.select();
  }

  filter(change: Partial<DataFilter>): void {
    this.update({ filter: { ...this.state.filter, ...change } });
    clearTimeout(this.typing);
    this.typing = setTimeout(() => void this.select(), 'text' in change ? TYPING_MS : 0);
  }

  /**
   * Requests the rows that match the filter, when the whole file has been read. Until then, the previous rows remain
   * visible.
   */
  private async select(): Promise<void> {
    this.search.abort();
    const { signal } = (this.search = new AbortController());
    const { filter, state } = this.state;
    if (state?.kind !== 'read') return;
    if (filter.text.trim() === '' && Object.keys(filter.chosen).length === 0) {
      return this.update({ rows: null, searching: null, problem: null });
    }
    this.update({ searching: 0, problem: null });
    const onProgress = (searching: number) => this.update({ searching });
    try {
      const rows = await this.host.call('rows', filter, { signal, onProgress });
      this.update({ rows, searching: null });
    } catch (error) {
      if (!signal.aborted) this.update({ searching: null, problem: (error as Error).message });
    }
  }
}

/** Adapts a filter after a new read of the file, because bars can have other codes or be missing. */
function keepChoices(
  chosen: DataFilter['chosen'],
  before: DataSummary,
  now: DataSummary,
): DataFilter['chosen'] {
  return Object.fromEntries(
    Object.entries(chosen).flatMap(([title, code]) => {
      const bars = (summary: DataSummary) =>
        summary.facets.find((facet) => facet.title === title)?.bars ?? [];
      const label = bars(before).find((bar) => bar.code === code)?.label;
      const bar = bars(now).find((other) => other.label === label);
      return bar ? [[title, bar.code]] : [];
    }),
  );
}

/** Keys of the panel, with their commands in the command palette. */
export const DATA_KEYS: (Key & { command?: DataCommand })[] = [
  SEEN_KEY,
  keyOf(['t'], 'tryRow', 'Try Selected Row in Playground', () => document.getElementById('try-row')?.click()),
];
