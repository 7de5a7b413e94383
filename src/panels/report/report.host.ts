import { basename, dirname, resolve } from 'node:path';
import * as vscode from 'vscode';
import type { ComparedRow } from '../../core/metrics/outcomes.ts';
import {
  reportCalls,
  reportMemory,
  type AuditSheet,
  type ReportAnswer,
  type ReportChoices,
  type ReportHost,
  type ReportMemory,
  type ReportPage,
  type ReportSource,
  type ReportState,
} from './report.contract.ts';
import { DEFAULT_CHOICES } from '../../core/reports/report-choices.ts';
import { copyText, saveFile, Poller } from '../page.host.ts';
import { HostedPanel, PanelSet, type PanelContext, type KeyedPanel, type Seat } from '../panel-set.host.ts';
import { withDistinctNames } from '../../core/run-data/run-name.ts';
import { reviewerName } from '../host/data-files.host.ts';
import { besideRuns, type RunList, namedRun } from '../host/run-list.host.ts';
import type { AuditPlace } from './report-audits.reads.ts';
import type { DataRoots } from '../host/consent.host.ts';
import type { Service } from '../service.host.ts';
import { PAIR } from '../../rows/view-list.ts';
import { DIFFERING, type TracePanels } from '../trace/trace.host.ts';
import type { EvaluationPlace } from '../trace/trace.contract.ts';

/** Delay between checks for new or changed evaluations, in ms. Watchers can miss the folders of evaluations. */
const POLL_MS = 3000;

type Subject = Pick<ReportMemory, 'runs' | 'sweep'>;
interface Tools {
  service: Service;
  list: RunList;
  /** Lets the user pick runs of the workspace. @returns an empty list if cancelled */
  pickRuns: (title: string, picked: readonly string[]) => Promise<string[]>;
  traces: TracePanels;
  roots: DataRoots;
}

/** Returns the only Report panel. Opening another report replaces its content. */
export const reportPanels = (context: PanelContext, tools: Tools) =>
  new PanelSet<ReportPanel, Subject, ReportMemory>(context, {
    viewType: 'chirality.report',
    memory: reportMemory,
    make: (seat, subject) => new ReportPanel(seat, tools, subject),
    blank: { runs: null, sweep: null },
  });

export type ReportPanels = ReturnType<typeof reportPanels>;

/** Report panel. Shows evaluations of runs and endpoints next to each other and to published results of the papers. */
export class ReportPanel extends HostedPanel<ReportPage> implements KeyedPanel<Subject> {
  private subject: Subject;
  private choices: ReportChoices;
  private state: ReportState;
  /** Version of the displayed data. Only a change of the version recomputes the data; null forces recomputing. */
  private version: string | null = null;
  /** Whether the user has made a choice that the host has not applied yet. */
  private choicePending = true;
  private readonly poller: Poller;
  private judging: ReportMemory['judging'];
  /** Sample to rate as soon as a visible page shows the report: the sample in progress, or a new sample. */
  private toJudge: 'begun' | 'other' | null = null;
  /** Whether the page has started. VS Code ends the pages of hidden panels. */
  private hasPage = false;

  constructor(
    seat: Seat<ReportMemory>,
    private readonly tools: Tools,
    subject: Subject,
  ) {
    super(seat, 'report', reportCalls);
    this.subject = foldersOf(subject);
    this.choices = seat.store.memory?.choices ?? DEFAULT_CHOICES;
    this.judging = seat.store.memory?.judging ?? null;
    this.state = { kind: 'reading', ...this.memory };
    this.title();
    this.poller = new Poller(
      this.panel,
      () => this.look(),
      () => (this.choicePending ? 0 : POLL_MS),
    );
    const seen = this.panel.onDidChangeViewState(() => (this.hasPage &&= this.panel.visible));
    this.owned.push(this.poller, seen);
  }

  /** Shows the report on other runs (null for all runs of the workspace), or the report on a sweep. */
  show(subject: Subject): void {
    this.subject = foldersOf(subject);
    this.title();
    this.lookAnew();
  }

  private get memory(): ReportMemory {
    return { ...this.subject, choices: this.choices, judging: this.judging };
  }

  /** Keys of the evaluations to compare: the user's choice, or else the report's choice. */
  private get compare(): readonly [string, string] | null {
    return this.choices.compare ?? (this.state.kind === 'report' ? this.state.answer.compare : null);
  }

  private title(): void {
    const { runs, sweep } = this.subject;
    const named = (sweep === null ? runs : [sweep])?.map(namedRun) ?? [];
    const names = withDistinctNames(named).map(({ name }) => name);
    this.panel.title = names.length > 0 ? `Report: ${names.join(', ')}` : 'Report';
  }

  private tell(state: ReportState): void {
    this.state = state;
    this.page.notify('show', state);
  }

  protected readonly host: ReportHost = {
    ready: () => {
      this.hasPage = true;
      this.page.notify('show', this.state);
      // The page restarted after a reload of the window, or after the panel was hidden.
      if (this.judging) this.toJudge ??= 'begun';
      this.beginToJudge();
    },
    choose: (choices) => {
      this.choices = choices;
      this.lookAnew();
    },
    chooseRuns: async () => {
      const runs = await this.tools.pickRuns('Select Runs for the Report', this.subject.runs ?? []);
      if (runs.length > 0) this.show({ runs, sweep: null });
    },
    evaluate: () => void vscode.commands.executeCommand('chirality.evaluateRun'),
    showTraces: () => {
      const { runs } = this.subject;
      const only = runs?.length === 1 ? [{ dir: runs[0] }] : [];
      void vscode.commands.executeCommand('chirality.openTraces', ...only);
    },
    ask: () => void vscode.commands.executeCommand('chirality.openPlayground'),
    rows: (args) => {
      const { compare } = this;
      if (!compare) throw new Error('Select two evaluations to compare.');
      return this.tools.service.call('reportRows', { compare, ...args });
    },
    viewRows: (args) => {
      const { key, set } = args.cell;
      const cell = { ...args.cell, set: this.ownSet(key, set) };
      return this.tools.service.call('reportViewRows', { ...args, cell });
    },
    showWall: async () => {
      const { compare } = this;
      if (!compare) throw new Error('Select two evaluations to compare.');
      for (const key of compare) this.requireShown(key);
      const [first, against] = compare.map(placeOf);
      await this.tools.traces.open({ ...first!, against, id: null, wall: true, filter: DIFFERING });
    },
    open: ({ key, row }) => this.open(key, row),
    auditBegin: async ({ answers }) => {
      const chosen = await this.chooseToJudge();
      if (!chosen) return null;
      return this.draw({ keys: chosen.map(({ key }) => key), answers });
    },
    auditGoOn: async ({ more }) => this.draw(this.requireJudging(), more),
    auditEnd: () => this.setJudging(null),
    auditSay: (args) => this.tools.service.call('auditSay', { ...this.requireJudging(), ...args }),
    auditImage: async (args) => {
      const place = this.requireJudging();
      const { roots, service } = this.tools;
      for (const key of place.keys) {
        const folders = await service.call('foldersToAllow', {
          run: key,
          source: '.',
          allowed: roots.allowed,
        });
        await roots.allow(folders, basename(key));
      }
      return service.call('auditImage', { ...place, ...args, allowed: roots.allowed });
    },
    save: (file) => saveFile(file),
    copy: copyText,
  };

  /** Starts rating a sample of answers on the page. */
  judge(): void {
    this.toJudge = 'other';
    this.beginToJudge();
  }

  /** Draws a sample of answers for the page. @param more number of answers to add if the person has rated all */
  private async draw({ keys, answers }: NonNullable<ReportMemory['judging']>, more = 0): Promise<AuditSheet> {
    this.setJudging(null);
    for (const key of keys) this.requireShown(key);
    const sheet = await this.tools.service.call('auditBegin', {
      keys,
      person: reviewerName(),
      answers,
      more,
    });
    if (sheet.turns.length === 0) throw new Error('This evaluation has no answers to rate.');
    this.setJudging({ keys, answers: sheet.answers });
    const { evaluations } = this.answer;
    return {
      ...sheet,
      names: keys.map((key) => evaluations.find((evaluation) => evaluation.key === key)!.name),
    };
  }

  private setJudging(judging: ReportMemory['judging']): void {
    if (judging === this.judging) return;
    this.judging = judging;
    this.tell({ ...this.state, judging });
  }

  /** Starts the rating on the page as soon as the page is visible, because messages without a page are lost. */
  private beginToJudge(): void {
    const isShown = this.hasPage && this.panel.visible;
    if (!this.toJudge || !isShown || this.version === null || this.state.kind !== 'report') return;
    this.page.notify('judge', { begun: this.toJudge === 'begun' });
    this.toJudge = null;
  }

  private requireJudging(): AuditPlace {
    if (!this.judging) throw new Error('The sample of answers is no longer available. Start rating again.');
    return { ...this.judging, person: reviewerName() };
  }

  /** Returns the evaluations whose answers the user wants to rate; undefined if cancelled. */
  private async chooseToJudge(): Promise<readonly { key: string; name: string }[] | undefined> {
    if (!vscode.workspace.isTrusted) throw new Error('Cannot save ratings in Restricted Mode.');
    const { evaluations } = this.answer;
    if (evaluations.length === 0) throw new Error('No answers to rate. Evaluate a checkpoint first.');
    const { compare } = this;
    const pair = compare?.map((key) => evaluations.find((evaluation) => evaluation.key === key));
    const both = pair?.every((chosen) => chosen !== undefined)
      ? [
          {
            label: 'Difference between both evaluations',
            detail: pair.map(({ name }) => name).join(' and '),
            chosen: pair,
          },
        ]
      : [];
    const items = [
      ...evaluations.map((evaluation) => ({
        label: evaluation.name,
        detail: evaluation.key,
        chosen: [evaluation],
      })),
      ...both,
    ];
    if (items.length < 2) return items[0]?.chosen;
    const options = { title: 'Rate Answers', placeHolder: 'Select an evaluation' };
    return (await vscode.window.showQuickPick(items, options))?.chosen;
  }

  /** @throws if the report does not exist yet */
  private get answer(): ReportAnswer {
    if (this.state.kind !== 'report') throw new Error('The report is not ready yet. Try again.');
    return this.state.answer;
  }

  private lookAnew(): void {
    this.version = null;
    this.choicePending = true;
    this.poller.now();
  }

  private async look(): Promise<void> {
    const { choices } = this;
    const { sweep } = this.subject;
    this.choicePending = false;
    try {
      if (sweep !== null) return await this.lookAtSweep(sweep);
      const source = await this.source();
      const version = await this.tools.service.call('reportVersion', source);
      if (version === this.version) return;
      const answer = await this.tools.service.call('report', { ...source, choices });
      if (this.closed || this.choicePending) return;
      this.version = version;
      this.tell({ kind: 'report', ...this.memory, answer });
      this.beginToJudge();
    } catch (error) {
      const why = (error as Error).message;
      if (!this.closed && !(this.state.kind === 'failed' && this.state.why === why))
        this.tell({ kind: 'failed', ...this.memory, why });
    }
  }

  private async lookAtSweep(sweep: string): Promise<void> {
    const version = await this.tools.service.call('sweepVersion', { sweep });
    if (version === this.version) return;
    const document = await this.tools.service.call('sweepReport', { sweep });
    if (this.closed || this.choicePending) return;
    this.version = version;
    this.tell({ kind: 'sweep', ...this.memory, document });
  }

  /** Returns the source of a report: the selected or all runs, and evaluations of endpoints next to the runs. */
  private async source(): Promise<ReportSource> {
    const { runs } = this.subject;
    if (runs) return { runs, roots: [...new Set(runs.map((dir) => dirname(dir)))] };
    const { list } = this.tools;
    const listed = list.isRead ? list.runs() : await list.refresh();
    return besideRuns(listed);
  }

  /** @throws if the report does not contain this evaluation */
  private requireShown(key: string): ReportAnswer['evaluations'][number] {
    const { evaluations } = this.state.kind === 'report' ? this.state.answer : { evaluations: [] };
    const shown = evaluations.find((evaluation) => evaluation.key === key);
    if (!shown) throw new Error('This evaluation is not part of the report. Select another evaluation.');
    return shown;
  }

  /** Returns the name of a set in the files of an evaluation. */
  private ownSet(key: string, set: string): string {
    return new Map(this.requireShown(key).ownSets).get(set) ?? set;
  }

  private async open(key: string, row?: Pick<ComparedRow, 'set' | 'view' | 'id'>): Promise<void> {
    this.requireShown(key);
    const place = placeOf(key);
    const samples = row
      ? await this.tools.service.call('traceSample', {
          ...place,
          sample: row.id,
          set: this.ownSet(key, row.set),
        })
      : [];
    const pair = samples.find(
      (sample) =>
        sample.views === row?.view || (sample.views === 'pair' && PAIR.some((view) => view === row?.view)),
    );
    await this.tools.traces.open({ ...place, id: pair ? { step: pair.step, pair: pair.pair } : null });
  }
}

/** Returns the location of an evaluation. For an endpoint, which has no run, returns the evaluation's own folder. */
const placeOf = (key: string): EvaluationPlace =>
  basename(dirname(key)) === 'eval'
    ? { run: dirname(dirname(key)), source: basename(key) }
    : { run: key, source: '.' };

const foldersOf = ({ runs, sweep }: Subject): Subject => ({
  runs: runs?.map((dir) => resolve(dir)) ?? null,
  sweep: sweep === null ? null : resolve(sweep),
});
