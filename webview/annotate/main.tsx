import type {
  AnnotateHost,
  AnnotateMemory,
  AnnotatePage,
  AnnotateState,
  OpenRow,
} from '../../src/core/protocol/annotate.ts';
import { draw, openPanel } from '../ui/panel.ts';
import { fetchPicture } from '../ui/pictures.ts';
import { listenForKeys, runCommand } from '../ui/keyboard.ts';
import '../ui/base.css';
import '../ui/views.css';
import './annotate.css';
import { AnnotateView } from './annotate-view.tsx';
import { objectsOf } from './graph.tsx';
import { annotateKeys, showPictures } from './keys.ts';
import { placeOf } from './queue.tsx';
import { usableOf, type Actions, type AnnotatePanelState, type Usable } from './panel-state.ts';
import { MIRROR, VARIANT_NAMES } from '../../src/core/view-list.ts';

/** Settles when the row of the card is loaded. */
let loading = Promise.resolve();
let outdated = false;
/** Rows beside that of the card, as they were when the file last changed. */
const neighbours = new Map<number, Promise<OpenRow>>();
/** Aborts the search in progress. */
let search = new AbortController();
/** Waits for a pause between decisions before counting again. */
let recount: ReturnType<typeof setTimeout> | undefined;
/** Increases when the row changes other than by typing; the fields then show the file again. */
let epoch = 0;

function update(change: Partial<AnnotatePanelState>): void {
  panel = { ...panel, ...change };
  const { row, variant, boxes, graph, filter } = panel;
  remember({ row, variant, boxes, graph, filter, asked: carriedOut });
  draw(<AnnotateView panel={panel} version={`${panel.row} ${epoch}`} actions={actions} keys={keys} />);
}

const page: AnnotatePage = {
  show(state: AnnotateState) {
    if (!state.typing) epoch += 1;
    const first = panel.state === null;
    if (!first && !state.typing) refresh(panel.state!.rows !== state.rows);
    const wanted = state.filter?.asked === carriedOut ? null : state.filter;
    carriedOut = state.filter?.asked ?? null;
    neighbours.clear();
    update({ state, row: within(state.goTo ?? panel.row, state.rows) });
    // The service answers in this order, and a search reads the whole file.
    load();
    if (first || wanted) actions.filter(wanted?.text ?? panel.filter);
  },
  command: (command) => runCommand(keys, command),
};
const { host, memory, remember } = openPanel<AnnotateHost, AnnotateMemory>({ ...page });
/** The number of the last request for a filter that was carried out. */
let carriedOut = memory?.asked ?? null;
let panel: AnnotatePanelState = {
  state: null,
  row: memory?.row ?? 0,
  open: null,
  variant: memory?.variant ?? memory?.form ?? MIRROR,
  filter: memory?.filter ?? '',
  queue: null,
  searching: null,
  filterProblem: null,
  editingVariant: false,
  boxes: memory?.boxes ?? true,
  graph: memory?.graph ?? true,
  selected: null,
  drawing: false,
  relating: null,
  flipped: false,
  naming: null,
  explaining: false,
  showKeys: false,
  news: '',
};

const actions: Actions = {
  host,
  update,
  goTo(wanted) {
    const row = within(wanted, panel.state?.rows ?? 0);
    if (row === panel.row) return;
    update({
      row,
      news: '',
      selected: null,
      drawing: false,
      relating: null,
      naming: null,
      explaining: false,
      editingVariant: false,
    });
    showPictures();
    load();
  },
  step(by) {
    const row = rowBeside(by);
    if (row !== undefined) actions.goTo(row);
  },
  filter(filter) {
    search.abort();
    const { signal } = (search = new AbortController());
    update({ filter, searching: filter.trim() === '' ? null : 0 });
    const { variant } = panel;
    host
      .call(
        'queue',
        { filter, variant },
        {
          signal,
          onProgress: (share) => panel.searching !== null && update({ searching: share }),
        },
      )
      .then(
        (queue) => {
          update({ queue, searching: null, filterProblem: null });
          if (queue.rows && !queue.rows.includes(panel.row)) actions.step(1);
        },
        (error: unknown) => {
          if (signal.aborted) return;
          update({ searching: null, filterProblem: (error as Error).message });
        },
      );
  },
  who: () => ({ by: panel.state!.reviewer, at: new Date().toISOString() }),
  switchVariant() {
    const variant = VARIANT_NAMES[(VARIANT_NAMES.indexOf(panel.variant) + 1) % VARIANT_NAMES.length]!;
    update({ variant, queue: null, editingVariant: false, explaining: false });
    actions.filter('');
  },
  relate(between) {
    const sample = panel.open?.row.sample ?? null;
    const ids = objectsOf(sample).map(({ id }) => id);
    if (ids.length < 2) return;
    const { selected, relating } = panel;
    if (!between && relating) return update({ relating: null });
    const subject = (selected?.from === 'graph' && ids[selected.index]) || ids[0]!;
    const object = ids.find((id) => id !== subject)!;
    update({ relating: between ?? { subject, object }, drawing: false, graph: true });
    showPictures();
  },
  change(changes, label, typing = false) {
    const { open } = panel;
    if (changes.length === 0 || !open?.row.sample || panel.state?.readOnly) return;
    host.call('change', { row: open.index, id: open.row.sample.id, changes, label, typing }).then(
      () => typing || update({ news: `${label}.` }),
      (error: unknown) => update({ news: (error as Error).message }),
    );
  },
};

/**
 * Updates the figures after a change. The list stays as it is until the filter runs again, which it does if the number
 * of rows has changed.
 */
function refresh(others: boolean): void {
  clearTimeout(recount);
  recount = setTimeout(() => {
    if (others) return actions.filter(panel.filter);
    const { variant } = panel;
    void host.call('queue', { filter: '', variant }).then(
      (queue) =>
        variant === panel.variant && update({ queue: { ...queue, rows: panel.queue?.rows ?? null } }),
      () => undefined, // the page is closing
    );
  }, 500);
}

const within = (row: number, rows: number) => Math.max(0, Math.min(row, rows - 1));

/**
 * Loads the row of the card; until then, the previous one stays visible. Several changes in the meantime cause a single
 * read.
 */
function load(): void {
  outdated = true;
  loading = loading.then(async () => {
    while (outdated) {
      outdated = false;
      await read();
    }
    fetchNeighbours();
  });
}

async function read(): Promise<void> {
  const { row, state } = panel;
  if (!state || state.rows === 0) return update({ open: null });
  try {
    const open = await (neighbours.get(row) ?? host.call('row', { row }));
    if (panel.row === row) update({ open: { ...open, index: row } });
  } catch (error) {
    update({ open: null, news: (error as Error).message });
  }
}

/** Fetches the rows beside that of the card, with their pictures, so that they appear at once. */
function fetchNeighbours(): void {
  const wanted = [rowBeside(1), rowBeside(-1)].flatMap((row) => row ?? []);
  for (const row of neighbours.keys()) if (!wanted.includes(row)) neighbours.delete(row);
  for (const row of wanted) {
    if (neighbours.has(row) || row === panel.row) continue;
    const reply = host.call('row', { row });
    neighbours.set(row, reply);
    reply.then(
      ({ row: { images } }) => {
        for (const image of images)
          if ('key' in image && image.key !== null)
            void fetchPicture(image.key, () => host.call('image', { ref: image.ref }));
      },
      () => neighbours.get(row) === reply && neighbours.delete(row),
    );
  }
}

/** The row some places further in the list; undefined if the list is empty. */
function rowBeside(by: number): number | undefined {
  const rows = panel.queue?.rows ?? null;
  const place = placeOf(rows, panel.row);
  if (!rows) return within(place + by, panel.state?.rows ?? 0);
  // If the current row is not listed, `place` already is that of the next one.
  const on = rows[place] === panel.row || by < 0 ? by : by - 1;
  return rows[Math.max(0, Math.min(place + on, rows.length - 1))];
}

/** The row of the card, if it is usable and the one requested last. */
const usable = (): Usable | null => (panel.open?.index === panel.row ? usableOf(panel) : null);

const keys = annotateKeys({
  panel: () => panel,
  usable,
  whenLoaded: (work) => (loading = loading.then(work)),
  actions,
});
listenForKeys(keys);
