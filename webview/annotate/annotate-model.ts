import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { FieldChange } from '../../src/core/annotation/edit-json.ts';
import { confirmed, type Decision, doubted, type Reviewer } from '../../src/core/annotation/review.ts';
import { addBox, decisionChanges } from './sample-changes.ts';
import type {
  AnnotateHost,
  AnnotateMemory,
  AnnotateState,
  OpenRow,
} from '../../src/panels/annotate/annotate.contract.ts';
import type { Channel } from '../../src/base/channel.ts';
import { readLabel } from '../../src/rows/sample/label-review.ts';
import type { Xyxy } from '../../src/rows/sample/boxes.ts';
import { MIRROR, VARIANT_NAMES } from '../../src/rows/view-list.ts';
import { FRAMES_AHEAD } from '../ui/frames.tsx';
import { isNarrow } from '../ui/hooks.ts';
import { PageModel } from '../ui/page-model.ts';
import { fetchPicture } from '../ui/pictures.ts';
import {
  isAcceptedBy,
  isFinished,
  nameOf,
  objectsOf,
  placeOf,
  usableOf,
  type AnnotatePanelState,
  type Drawn,
  type Usable,
} from './annotate-panel-state.ts';

export class AnnotateModel extends PageModel<AnnotatePanelState, AnnotateHost> {
  /** Number of the host's last filter request that the page completed. */
  private carriedOut: number | null;
  /** Counter of changes to the row, excluding typing. After such a change, the fields are read from the file again. */
  private epoch = 0;
  /** Settles when the current row is loaded. */
  private loading = Promise.resolve();
  private outdated = false;
  /** Settles when the last change that was sent is made or rejected. */
  private changing = Promise.resolve();
  /** Rows next to the current row, as of the last change of the file. */
  private readonly neighbours = new Map<number, Promise<OpenRow>>();
  private search = new AbortController();
  private looking = new AbortController();
  /** Timer that counts the review states again after a pause between decisions. */
  private recount: ReturnType<typeof setTimeout> | undefined;

  constructor(
    host: Channel<AnnotateHost>,
    remembered: AnnotateMemory | null,
    changed: (state: AnnotatePanelState) => void,
  ) {
    super(
      host,
      {
        state: null,
        isFrozen: false,
        row: remembered?.row ?? 0,
        open: null,
        variant: remembered?.variant ?? MIRROR,
        filter: remembered?.filter ?? '',
        queue: null,
        searching: null,
        filterProblem: null,
        usable: null,
        editingVariant: false,
        boxes: remembered?.boxes ?? true,
        graph: remembered?.graph ?? true,
        selected: null,
        drawing: false,
        placing: null,
        relating: null,
        flipped: false,
        naming: null,
        explaining: false,
        listed: false,
        showKeys: false,
        news: '',
        refusal: null,
      },
      changed,
    );
    this.carriedOut = remembered?.asked ?? null;
  }

  get memory(): AnnotateMemory {
    const { row, variant, boxes, graph, filter } = this.state;
    return { row, variant, boxes, graph, filter, asked: this.carriedOut };
  }

  /** Key that changes when the page shows another row, or when the row changes by anything but typing. */
  get version(): string {
    return `${this.state.open?.index} ${this.epoch}`;
  }

  /** Current row, if it is usable and no other row was requested later; otherwise null. */
  get usable(): Usable | null {
    return this.state.open?.index === this.state.row ? usableOf(this.state) : null;
  }

  /**
   * Performs work when the requested row is loaded and its changes are made, so that quick key presses apply to the row
   * that they lead to.
   */
  whenLoaded(work: () => void): void {
    this.loading = this.loading.then(async () => {
      await this.changing;
      await this.readOutdated();
      work();
    });
  }

  show(state: AnnotateState): void {
    if (!state.typing) this.epoch += 1;
    const before = this.state.state;
    if (before) this.refresh(before.rows !== state.rows, state.typing);
    const wanted = state.filter?.asked === this.carriedOut ? null : state.filter;
    this.carriedOut = state.filter?.asked ?? null;
    this.neighbours.clear();
    // A change, such as an undo, can remove the cause of the last refusal.
    this.update({ state, row: within(state.goTo ?? this.state.row, state.rows), refusal: null });
    // Request the row first, because the service answers in order, and a search would read the whole file.
    this.load();
    if (!before || wanted) this.filter(wanted?.text ?? this.state.filter);
    if (!before) this.lookAtRows();
  }

  /** Shows the card instead of the list, if a narrow window shows the list. Returns whether the list was shown. */
  showCard(): boolean {
    const listed = this.state.listed && isNarrow();
    if (listed) this.update({ listed: false });
    return listed;
  }

  goTo(wanted: number): void {
    const row = within(wanted, this.state.state?.rows ?? 0);
    if (row === this.state.row) return;
    this.update({
      row,
      news: '',
      refusal: null,
      selected: null,
      drawing: false,
      relating: null,
      naming: null,
      explaining: false,
      editingVariant: false,
    });
    showPictures();
    this.load();
  }

  /** Moves the current row by a number of places in the list. */
  step(by: number): void {
    const row = this.rowBeside(by);
    if (row !== undefined) this.goTo(row);
  }

  filter(filter: string): void {
    this.search.abort();
    const { signal } = (this.search = new AbortController());
    this.update({ filter, searching: filter.trim() === '' ? null : 0 });
    const { variant } = this.state;
    const onProgress = (share: number) => this.state.searching !== null && this.update({ searching: share });
    this.host.call('queue', { filter, variant }, { signal, onProgress }).then(
      (queue) => {
        this.update({ queue, searching: null, filterProblem: null });
        if (queue.rows && !queue.rows.includes(this.state.row)) this.step(1);
      },
      (error: unknown) => {
        if (signal.aborted) return;
        this.update({ searching: null, filterProblem: (error as Error).message });
      },
    );
  }

  /** Returns the reviewer and the current time, for a decision. */
  who(): Reviewer {
    return { by: this.state.state!.reviewer, at: new Date().toISOString() };
  }

  /** Switches to the other variant under review. */
  switchVariant(): void {
    const at = VARIANT_NAMES.indexOf(this.state.variant);
    const variant = VARIANT_NAMES[(at + 1) % VARIANT_NAMES.length]!;
    this.update({ variant, queue: null, editingVariant: false, explaining: false });
    this.filter('');
  }

  /** Starts or cancels adding a relation. Without an argument, proposes two objects. */
  relate(between?: AnnotatePanelState['relating']): void {
    const ids = objectsOf(this.state.open?.row.sample ?? null).map(({ id }) => id);
    if (ids.length < 2) return;
    const { selected, relating } = this.state;
    if (!between && relating) return this.update({ relating: null });
    const subject = (selected?.from === 'graph' && ids[selected.index]) || ids[0]!;
    const object = ids.find((id) => id !== subject)!;
    this.update({ relating: between ?? { subject, object }, drawing: false, graph: true, listed: false });
    showPictures();
  }

  /** Starts or cancels drawing a box. */
  toggleDrawing(): void {
    const drawing = !this.state.drawing;
    const news = drawing
      ? 'Drawing a box: arrow keys move, Shift+arrow keys resize, Enter places the box.'
      : '';
    this.update({ drawing, placing: null, relating: null, boxes: true, listed: false, news });
    showPictures();
  }

  /** Adds a drawn box, and asks for its label. @param box corners in pixels of the original */
  addBox({ sample, side, size }: Drawn, box: Xyxy): void {
    this.change(addBox(sample, box, size), 'Draw box');
    const index = sample.boxes?.length ?? 0;
    this.update({
      drawing: false,
      placing: null,
      selected: { from: 'boxes', index },
      naming: { index, side },
    });
  }

  /** Changes fields of the current row. */
  change(changes: FieldChange[], label: string, typing = false): void {
    this.send({ changes, label, typing });
  }

  /** Changes the current row by a decision about the text that the reviewer saw, unless that text has changed. */
  private judge(changes: FieldChange[], label: string): void {
    this.send({ changes, label, typing: false, seen: this.state.open?.text });
  }

  private send(change: {
    changes: FieldChange[];
    label: string;
    typing: boolean;
    seen?: string | undefined;
  }): void {
    const { open, state } = this.state;
    const { changes, label, typing } = change;
    if (changes.length === 0 || !open?.row.sample || state?.readOnly) return;
    const sent = this.host.call('change', { row: open.index, id: open.row.sample.id, ...change });
    this.changing = sent.then(
      () => this.update({ refusal: null, ...(!typing && { news: `${label}.` }) }),
      (error: unknown) => this.update({ refusal: (error as Error).message }),
    );
  }

  /**
   * Records a reviewer's decision on the variant under review. Then moves to the next row, unless the host rejects the
   * decision.
   */
  decide(usable: Usable, decision: Decision): void {
    const { kind } = decision;
    // A row without texts has no rewrite that a reviewer could decide on.
    if (!isFinished(usable))
      return this.update({ refusal: 'Cannot decide on a row without a question and an answer.' });
    const label = `${kind[0]!.toUpperCase()}${kind.slice(1)} ${nameOf(usable.view)}`;
    try {
      this.judge(decisionChanges(usable, decision, this.who()), label);
    } catch (error) {
      return this.update({ refusal: (error as Error).message });
    }
    this.step(1);
  }

  /** Accepts the variant under review, unless the reviewer has already done so. Then moves to the next row. */
  accept(usable: Usable, although: readonly string[] = []): void {
    if (isAcceptedBy(this.state.state!.reviewer, usable)) this.step(1);
    else this.decide(usable, { kind: 'accept', although });
  }

  /** Starts a review of a row's label, with the row's entry in the list of likely label errors. */
  doubtLabel({ sample }: Usable): void {
    if (readLabel(sample).state === 'suspect')
      return this.update({ refusal: 'The label is already in review.' });
    const review = doubted(sample, this.state.open?.doubt ?? {});
    this.judge([{ path: ['label_review'], value: review }], 'Send label to review');
  }

  /** Records the right answer: the current one, or a correction. Keeps the row's original label and all decisions. */
  confirmLabel({ sample }: Usable, answer = sample.answer): void {
    const corrected = {
      ...sample,
      label_review: readLabel(sample).review ?? doubted(sample, this.state.open?.doubt ?? {}),
      answer,
    };
    this.judge(
      [
        ...(answer === sample.answer ? [] : [{ path: ['answer'], value: answer }]),
        { path: ['label_review'], value: confirmed(corrected, this.who()) },
      ],
      answer === sample.answer ? 'Confirm label' : 'Correct label',
    );
  }

  /**
   * Updates the counts after a change. The list is unchanged until the filter runs again, which happens when the number
   * of rows changes.
   */
  private refresh(others: boolean, typing: boolean): void {
    clearTimeout(this.recount);
    this.recount = setTimeout(() => {
      // Checking all images after every pause in typing would take too long.
      if (!typing) this.lookAtRows();
      if (others) return this.filter(this.state.filter);
      const { variant } = this.state;
      void this.host.call('queue', { filter: '', variant }).then(
        (queue) =>
          variant === this.state.variant &&
          this.update({ queue: { ...queue, rows: this.state.queue?.rows ?? null } }),
        () => undefined, // the page is closing
      );
    }, 500);
  }

  /** Checks all rows and images. An edit of the file cancels this check. */
  private lookAtRows(): void {
    this.looking.abort();
    const { signal } = (this.looking = new AbortController());
    this.host.call('usable', null, { signal }).then(
      (usable) => this.update({ usable }),
      () => undefined, // cancelled, or the page is closing
    );
  }

  /**
   * Loads the current row. The previous row remains visible until then. Several changes of the row during a load cause
   * only one read.
   */
  private load(): void {
    this.outdated = true;
    this.loading = this.loading.then(async () => {
      await this.readOutdated();
      this.fetchNeighbours();
    });
  }

  private async readOutdated(): Promise<void> {
    while (this.outdated) {
      this.outdated = false;
      await this.read();
    }
  }

  private async read(): Promise<void> {
    const { row, state } = this.state;
    if (!state || state.rows === 0) return this.update({ open: null });
    try {
      const open = await (this.neighbours.get(row) ?? this.host.call('row', { row }));
      if (this.state.row === row) this.update({ open: { ...open, index: row } });
    } catch (error) {
      // A change during the read, such as an undo, can have removed the row, and is read next.
      if (!this.outdated) this.update({ open: null, refusal: (error as Error).message });
    }
  }

  /** Fetches the rows next to the current row, with their images, so that the page can show these rows immediately. */
  private fetchNeighbours(): void {
    const { neighbours, host } = this;
    const wanted = [this.rowBeside(1), this.rowBeside(-1)].flatMap((row) => row ?? []);
    for (const row of neighbours.keys()) if (!wanted.includes(row)) neighbours.delete(row);
    for (const row of wanted) {
      if (neighbours.has(row) || row === this.state.row) continue;
      const reply = host.call('row', { row });
      neighbours.set(row, reply);
      reply.then(
        ({ row: { images } }) => {
          // Further frames are fetched only while the clip plays.
          for (const image of images.slice(0, FRAMES_AHEAD))
            if ('key' in image && image.key !== null)
              void fetchPicture(image.key, () => host.call('image', { ref: image.ref }));
        },
        () => neighbours.get(row) === reply && neighbours.delete(row),
      );
    }
  }

  /** Returns the row at this distance from the current row in the list; undefined if the list is empty. */
  rowBeside(by: number): number | undefined {
    const { queue, row, state } = this.state;
    const rows = queue?.rows ?? null;
    const place = placeOf(rows, row);
    if (!rows) return within(place + by, state?.rows ?? 0);
    // If the list does not contain the current row, `place` is already the position of the next row.
    const on = rows[place] === row || by < 0 ? by : by - 1;
    return rows[Math.max(0, Math.min(place + on, rows.length - 1))];
  }
}

const within = (row: number, rows: number) => Math.max(0, Math.min(row, rows - 1));

export const showPictures = () =>
  document.querySelectorAll('main, .pictures, .fields').forEach((part) => part.scrollTo({ top: 0 }));

/** Values that all components of the page share. */
interface Page {
  panel: AnnotatePanelState;
  /** Key that changes when the page shows another row, or when the row changes by anything but typing. */
  version: string;
  readOnly: boolean;
  actions: AnnotateModel;
}
export const PageContext = createContext<Page>(null!);
export const usePage = (): Page => useContext(PageContext);
