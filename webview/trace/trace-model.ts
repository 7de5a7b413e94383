import { tellFamily } from '../ui/seen-family.ts';
import type { Channel } from '../../src/base/channel.ts';
import type {
  EvaluationPlace,
  OpenedPair,
  TraceHost,
  TraceMemory,
  TraceOptions,
  TraceRow,
  TraceSubject,
} from '../../src/panels/trace/trace.contract.ts';
import type { PairId, TraceQuery } from '../../src/core/run-data/trace-summary.ts';
import type { RecordedPair, TrainedPair, TracedPair } from '../../src/core/run-data/trace.ts';
import { pairAfter } from '../../src/core/run-data/what-if.ts';
import { withChanges, type WhatIfConfig, settingsFor } from '../../src/core/run-data/what-if-settings.ts';
import { ORIGINAL } from '../../src/rows/view-list.ts';
import { PageModel } from '../ui/page-model.ts';
import type { RowSource } from './list/list-rows.ts';
import { ALL, firstState, type ShownPair, type TracePanelState } from './trace-panel-state.ts';
import { allOrNone } from './wall/selection.ts';

export class TraceModel extends PageModel<TracePanelState, TraceHost> {
  private searching: Promise<void> = Promise.resolve();
  private asking = new AbortController();
  private isRefreshDue = false;
  private moves = Promise.resolve();
  /** Resolves when it is known whether the what-if analysis is available for the run. */
  private knowsConfig: Promise<unknown> = Promise.resolve();
  readonly rows: RowSource = {
    rows: (list, from, count) => this.host.call('traceRows', { ...this.source, list, from, count }),
    place: (list, id) => this.host.call('traceIndex', { ...this.source, list, id }),
  };

  constructor(
    host: Channel<TraceHost>,
    private readonly remembered: TraceMemory | null,
    changed: (state: TracePanelState) => void,
  ) {
    super(host, firstState(remembered), changed);
  }

  private get source() {
    return sourceOf(this.state.subject!);
  }

  choose(options: Partial<TraceOptions>): void {
    // The what-if analysis compares all answers of a pair, so it starts without the details of a single answer.
    const chosen = options.whatIf ? null : this.state.chosen;
    const isOtherOrder = options.wall !== undefined && options.wall !== this.state.options.wall;
    this.update({ options: { ...this.state.options, ...options }, chosen });
    void this.loadStep();
    if (isOtherOrder && this.state.query.sort === null && this.state.list) void this.search(this.state.query);
    else void this.loadWall();
  }

  /** Opens or closes the what-if analysis. If it is impossible, shows a message with the reason. */
  async toggleWhatIf(): Promise<void> {
    await this.knowsConfig;
    const { subject, config, options } = this.state;
    if (config) return this.choose({ whatIf: !options.whatIf });
    if (!subject) return;
    const why =
      subject.source === undefined
        ? await this.host.call('whyNoWhatIf', { run: subject.run })
        : 'Evaluations have no rewards. Select Traces at the top.';
    this.host.notify('refuse', { why });
  }

  /** Settings of the run that the user can change for the opened pair; empty if the run's config is unknown. */
  get settings() {
    const { config, opened } = this.state;
    const traced = opened?.pair.traced;
    return config && traced?.kind === 'trained' ? settingsFor(config, rewardsOf(traced)) : [];
  }

  /** Opened pair and its run's settings, if the what-if analysis is open and applies to the pair; otherwise null. */
  get tried(): { traced: TrainedPair; config: WhatIfConfig } | null {
    const { opened, config, options } = this.state;
    const traced = opened?.pair.traced;
    return options.whatIf && config && traced?.kind === 'trained' ? { traced, config } : null;
  }

  /** Opened pair under the changed settings; null without changes, or if the result cannot be computed. */
  get after(): TrainedPair | null {
    const { opened, config, changes, step, options } = this.state;
    if (!opened || !config || !options.whatIf || Object.keys(changes).length === 0) return null;
    const { traced } = opened.pair;
    if (step?.step !== opened.id.step || traced.kind !== 'trained') return null;
    return pairAfter(traced, step.pairs, withChanges(config, changes, this.settings));
  }

  /** @param pair pair to show, if it is already loaded */
  async show(subject: TraceSubject, pair?: OpenedPair): Promise<void> {
    const old = this.state.subject;
    const same = old !== null && isSame(old, subject);
    this.update({ subject, message: null });
    if (subject.wall) this.choose({ wall: true });
    if (!same) {
      this.update({ wall: null, selection: new Map() });
      this.update({ list: null, opened: null, openError: null, id: null, config: null, step: null });
      // Restore the query and settings after a reload, but not for another source, where they would have another
      // meaning.
      const before = old ?? this.remembered;
      if (before && !isSame(before, subject)) this.update({ changes: {}, whatIfRun: null, query: ALL });
      const { run } = subject;
      const isShown = () => this.state.subject?.run === run && this.state.subject.source === subject.source;
      const unless = () => undefined;
      this.listSources(run);
      if (subject.source === undefined) {
        // If the config is unreadable, the panel omits the what-if analysis.
        this.knowsConfig = this.host
          .call('whatIfConfig', { run })
          .then((config) => isShown() && this.update({ config }), unless)
          .then(() => this.loadStep());
      }
    }
    if (subject.id) void this.open(subject.id, pair);
    // A filter without a pair asks for a list, which a narrow window would hide.
    if (subject.filter !== undefined && !subject.id) this.update({ listed: true });
    if (subject.filter !== undefined)
      await this.search({ ...ALL, filter: subject.filter }, Boolean(subject.id));
    else if (!same || !this.state.list || !isSamePlace(old?.against, subject.against))
      await this.search(this.state.query);
  }

  /**
   * Requests a list, and cancels the previous request. Opens the first pair, if no pair is open, or if a changed filter
   * excludes the open pair. @param keeps whether to show the open pair even then
   */
  search(query: TraceQuery, keeps = false): Promise<void> {
    this.asking.abort();
    this.asking = new AbortController();
    this.searching = this.ask(query, keeps, this.asking.signal);
    return this.searching;
  }

  private async ask(query: TraceQuery, keeps: boolean, signal: AbortSignal): Promise<void> {
    const { subject, query: last } = this.state;
    if (!subject) return;
    const isChanged = query.filter !== last.filter || query.text !== last.text;
    this.update({ query, listError: null });
    try {
      const list = await this.host.call(
        'traces',
        { ...sourceOf(subject), query: { ...query, sort: this.sortOf(query) } },
        {
          signal,
          onProgress: (reading) => this.update({ reading }),
        },
      );
      const before = this.state.list ?? list;
      const isInterpretedAnew = JSON.stringify(before.interpretation) !== JSON.stringify(list.interpretation);
      this.update({ list, reading: null });
      void this.loadWall();
      if (isInterpretedAnew) await this.reopen();
      else if (list.total > 0) {
        const { id } = this.state;
        const isExcluded = id && isChanged && !keeps && (await this.rows.place(list.list, id)) < 0;
        if (!id || isExcluded) await this.openAt(0);
      }
    } catch (error) {
      if (!signal.aborted) this.update({ reading: null, listError: (error as Error).message });
    }
  }

  /**
   * Returns the order of the list. By default, the grid is grouped by outcome. Groups are sorted by label; in
   * descending order, pairs with only one right view come first, and pairs with both views right last.
   */
  sortOf({ sort }: TraceQuery): TraceQuery['sort'] {
    const { options, subject } = this.state;
    if (sort || !options.wall) return sort;
    return { field: subject?.against ? 'outcome' : 'verdict', descending: true };
  }

  /** Shows another evaluation of the same questions. Keeps all other settings. */
  showSource(source: string): void {
    const { subject, query } = this.state;
    void this.show({ ...subject!, source, id: null });
    void this.search(query);
  }

  private async loadWall(): Promise<void> {
    const { subject, list, wall, options } = this.state;
    if (!options.wall || !subject || !list || wall?.list === list) return;
    // Fails if the list is outdated; a newer list follows.
    const pairs = await this.host
      .call('traceWall', { ...sourceOf(subject), list: list.list })
      .catch(() => null);
    if (pairs && this.state.list === list) this.update({ wall: { list, wall: pairs } });
  }

  /** Selects all pairs of the grid. If all pairs are selected, clears the selection. */
  chooseAll(): void {
    const { wall, selection } = this.state;
    if (wall) this.update({ selection: allOrNone(selection, wall.wall) });
  }

  /** Reads new rows of the run, after the current search has ended. */
  async refresh(): Promise<void> {
    if (this.isRefreshDue) return;
    this.isRefreshDue = true;
    for (let last; last !== this.searching;) await (last = this.searching);
    this.isRefreshDue = false;
    if (this.state.subject) this.listSources(this.state.subject.run);
    await this.search(this.state.query);
  }

  /** Loads the list of sources again, because the run might have made another evaluation. */
  private listSources(run: string): void {
    void this.host.call('traceSources', { run }).then(
      (sources) => this.update({ sources }),
      () => undefined,
    );
  }

  /** @param read pair, if it is already loaded */
  async open(id: PairId, read?: OpenedPair): Promise<void> {
    const { subject } = this.state;
    if (!subject) return;
    const source = sourceOf(subject);
    this.update({ id });
    const isWanted = () => this.state.id === id;
    this.host.notify('moved', { source: source.source, id });
    try {
      const pair = read ?? (await this.host.call('tracePair', { ...source, id }));
      if (!isWanted()) return;
      tellFamily(pair.sees ?? null);
      // Keep all parts that do not change with the step, so that the page does not flicker.
      const old = this.state.opened;
      const { sample } = pair.traced;
      const set = setOf(pair);
      const sameSample = old?.pair.traced.sample === sample && setOf(old.pair) === set;
      const views = viewsOf(pair);
      const { row, rowProblem, along } = sameSample ? old : { row: null, rowProblem: null, along: [] };
      this.update({ opened: { id, pair, row, rowProblem, along }, openError: null });
      void this.loadStep();
      if (sameSample && viewsOf(old.pair).join() === views.join()) return;
      const add = (more: Partial<ShownPair>) => {
        const { opened } = this.state;
        if (isWanted() && opened) this.update({ opened: { ...opened, ...more } });
      };
      void this.host.call('traceRow', { ...source, sample, set, views }).then(
        (row) => add(usable(row, pair.traced)),
        (error: unknown) => add({ rowProblem: (error as Error).message }),
      );
      void this.host.call('traceSample', { ...source, sample, set }).then(
        (along) => add({ along }),
        () => undefined,
      );
    } catch (error) {
      if (isWanted()) this.update({ opened: null, openError: (error as Error).message });
    }
  }

  /** Reads the opened pair again. If the pair no longer exists, opens the first pair. */
  private async reopen(): Promise<void> {
    const { list, id } = this.state;
    if (!list) return;
    this.update({ id: null, opened: null, openError: null, step: null });
    const at = id ? await this.rows.place(list.list, id) : -1;
    if (list.total > 0) await this.openAt(Math.max(at, 0));
  }

  /** Moves by `by` rows in the list, after the current move has ended. */
  move(by: number): Promise<void> {
    return (this.moves = this.moves.then(() => this.step(by)).catch(() => undefined));
  }

  private async step(by: number): Promise<void> {
    const { list, id } = this.state;
    if (!list) return;
    const at = id ? await this.rows.place(list.list, id) : -1;
    // A pair that the filter excludes has no position in the list. From this pair, move to the first row.
    const to = at < 0 ? 0 : at + by;
    if (to >= 0 && to < list.total) await this.openAt(to);
  }

  /**
   * Moves to the next or previous step with traces: to the same row if that step contains the row, otherwise to the
   * pair with the same number.
   */
  async moveStep(by: 1 | -1): Promise<void> {
    const { opened, list } = this.state;
    if (!opened || !list) return;
    const { step, pair } = opened.id;
    const next = (steps: readonly number[]) =>
      by > 0 ? steps.find((s) => s > step) : steps.findLast((s) => s < step);
    const again = next(opened.along.map((summary) => summary.step));
    const seen = opened.along.find((summary) => summary.step === again);
    if (seen) return this.open({ step: seen.step, pair: seen.pair });
    const to = next(list.steps);
    if (to !== undefined) await this.open({ step: to, pair });
  }

  private async openAt(place: number): Promise<void> {
    const { list } = this.state;
    const [row] = list ? await this.rows.rows(list.list, place, 1) : [];
    if (row) await this.open({ step: row.step, pair: row.pair });
  }

  private async loadStep(): Promise<void> {
    const { subject, opened, step, config, options } = this.state;
    if (!options.whatIf || !subject || !opened || !config || step?.step === opened.id.step) return;
    const pairs = await this.host
      .call('whatIfStep', { run: subject.run, step: opened.id.step })
      .catch(() => null);
    if (pairs) this.update({ step: { step: opened.id.step, pairs } });
  }
}

const isSame = (a: TraceSubject, b: TraceSubject) => a.run === b.run && a.source === b.source;

const isSamePlace = (a: EvaluationPlace | undefined, b: EvaluationPlace | undefined) =>
  a?.run === b?.run && a?.source === b?.source;

export const sourceOf = ({ run, source }: TraceSubject) => ({ run, source });

/** Returns the evaluation set of a pair, because row ids are unique only within a set. */
const setOf = ({ traced }: OpenedPair) => (traced.kind === 'evaluated' ? traced.set : null);
const viewsOf = ({ traced }: OpenedPair) => traced.views.map(({ view }) => view);

/** Returns the row, or the reason why it is not used: a row edited after the run differs from the run's input. */
function usable(row: TraceRow | null, traced: RecordedPair): Pick<ShownPair, 'row' | 'rowProblem'> {
  const sample = row?.row.sample;
  if (!row || !sample) return { row: null, rowProblem: 'This row is no longer in the data file.' };
  const [first] = traced.views;
  // A joined question is part of the run's own prompt, so it can differ from the row's question.
  const isJoined = traced.kind === 'trained' && traced.joined === true;
  const same = isJoined || first?.view !== ORIGINAL || first.question === sample.question;
  return same
    ? { row, rowProblem: null }
    : { row: null, rowProblem: 'Boxes and scene graph are hidden because the row changed after the run.' };
}

const rewardsOf = ({ views }: TracedPair): string[] => [
  ...new Set(views.flatMap(({ group }) => group.flatMap(({ rewards }) => Object.keys(rewards)))),
];
