import type { DataFilter, DataHost, DataMemory, DataPage } from '../../src/core/protocol/data-panel.ts';
import { draw, openPanel } from '../ui/panel.ts';
import '../ui/base.css';
import { listenForKeys, runCommand } from '../ui/keyboard.ts';
import { DataSetView } from './data-set-view.tsx';
import './dataset.css';
import { DATA_KEYS, keepChoices, type DataPanelState } from './panel-state.ts';

const TYPING_MS = 250;

function update(change: Partial<DataPanelState>): void {
  panel = { ...panel, ...change };
  const { state, filter } = panel;
  if (state) remember({ uri: state.uri, filter });
  draw(<DataSetView panel={panel} actions={{ host, filter: refine }} />);
}

let typing: ReturnType<typeof setTimeout> | undefined;
let search = new AbortController();

function refine(change: Partial<DataFilter>): void {
  update({ filter: { ...panel.filter, ...change } });
  clearTimeout(typing);
  typing = setTimeout(() => void select(), 'text' in change ? TYPING_MS : 0);
}

/**
 * Requests the rows that match the filter, once the whole file has been read; until they arrive, the previous ones stay
 * visible.
 */
async function select(): Promise<void> {
  search.abort();
  const { signal } = (search = new AbortController());
  const { filter, state } = panel;
  if (state?.kind !== 'read') return;
  if (filter.text.trim() === '' && Object.keys(filter.chosen).length === 0) {
    return update({ rows: null, searching: null, problem: null });
  }
  update({ searching: 0, problem: null });
  try {
    const rows = await host.call('rows', filter, {
      signal,
      onProgress: (searching) => update({ searching }),
    });
    update({ rows, searching: null });
  } catch (error) {
    if (!signal.aborted) update({ searching: null, problem: (error as Error).message });
  }
}

const page: DataPage = {
  show: (state) => {
    const before = panel.state;
    const { chosen, text } = panel.filter;
    const both = before?.kind === 'read' && state.kind === 'read';
    const filter = both ? { text, chosen: keepChoices(chosen, before.summary, state.summary) } : panel.filter;
    update({ state, filter, ...(state.kind === 'read' && { rows: null }) });
    void select();
  },
  steps: (done) => update({ done }),
  command: (command) => runCommand(DATA_KEYS, command),
};
const { host, memory, remember } = openPanel<DataHost, DataMemory>({ ...page }, (why) =>
  update({ state: { kind: 'failed', uri: memory?.uri ?? '', name: 'The file', why } }),
);
let panel: DataPanelState = {
  state: null,
  done: null,
  filter: memory?.filter ?? { chosen: {}, text: '' },
  rows: null,
  searching: null,
  problem: null,
};

listenForKeys(DATA_KEYS);
