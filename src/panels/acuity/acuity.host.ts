import { linesText } from '../../base/json.ts';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import {
  acuityCalls,
  acuityMemory,
  type AcuityHost,
  type AcuityMemory,
  type AcuityPage,
  type AcuityResult,
  type AcuityState,
  type Measuring,
} from './acuity.contract.ts';
import { TWO_ANSWER_AXES, type TwoAnswerAxis } from '../../core/worlds/acuity/acuity-axes.ts';
import { writeAtomically } from '../../lab/files/atomic.ts';
import { makeFolder } from '../../lab/files/folders.ts';
import { freePath, reviewerName } from '../host/data-files.host.ts';
import type { Service } from '../service.host.ts';
import { Poller } from '../page.host.ts';
import { HostedPanel, PanelSet, type KeyedPanel, type PanelContext, type Seat } from '../panel-set.host.ts';

/** Delay between checks for new answers, in ms. During a measurement, curves grow with the answers. */
const POLL_MS = 3000;

interface Tools {
  service: Service;
  measurements: { readonly all: readonly Measuring[]; onChange: vscode.Event<void>; end(id: number): void };
  /** Draws stimuli of an axis. @returns the file of rows */
  drawStimuli: (axis: TwoAnswerAxis) => Promise<string>;
}

/** Content of the panel. `myself`: whether to measure the user. */
export interface Subject {
  myself?: boolean;
}

/** Returns the only Acuity panel, which shows all measurements of the workspace. */
export const acuityPanels = (context: PanelContext, tools: Tools) =>
  new PanelSet<AcuityPanel, Subject, AcuityMemory & Subject>(context, {
    viewType: 'chirality.acuity',
    memory: acuityMemory,
    make: (seat, subject) => new AcuityPanel(seat, tools, subject),
    blank: {},
  });

/** Panel that shows the acuity of models and people: curves, response bias, and the answers at every curve point. */
export class AcuityPanel extends HostedPanel<AcuityPage> implements KeyedPanel<Subject> {
  private state: AcuityState;
  private readonly poller: Poller;
  /** File of the stimuli rendered for the user. */
  private drawn: string | null = null;
  /** Whether to measure the user when the page has started. */
  private myself = false;

  constructor(
    seat: Seat<AcuityMemory>,
    private readonly tools: Tools,
    subject: Subject,
  ) {
    super(seat, 'acuity', acuityCalls);
    const { panel, store } = seat;
    panel.title = 'Acuity';
    const choices = { axis: null, hidden: [], ...store.memory?.choices };
    this.state = { kind: 'reading', choices };
    this.poller = new Poller(
      panel,
      () => this.look(),
      () => POLL_MS,
    );
    const { measurements } = this.tools;
    this.owned.push(
      this.poller,
      measurements.onChange(() => this.page.notify('measuring', measurements.all)),
    );
    this.show(subject);
  }

  show({ myself = false }: Subject): void {
    this.myself = myself;
    if (myself) this.page.notify('myself', null);
  }

  protected readonly host: AcuityHost = {
    ready: () => {
      this.page.notify('show', this.state);
      this.page.notify('measuring', this.tools.measurements.all);
      if (this.myself) this.page.notify('myself', null);
      this.myself = false;
    },
    choose: (choices) => {
      this.state = { ...this.state, choices };
      this.poller.now();
    },
    measure: () => void vscode.commands.executeCommand('chirality.measureAcuity'),
    end: ({ id }) => this.tools.measurements.end(id),
    trials: ({ key, ...point }) =>
      this.tools.service.call('acuityTrials', { key, rows: this.shown(key).rows, ...point }),
    openRow: ({ key, line }) =>
      void vscode.commands.executeCommand('chirality.showPair', vscode.Uri.file(this.shown(key).rows), line),
    image: ({ rows, ref }) => {
      if (rows !== this.drawn && !this.results.some((result) => result.rows === rows))
        throw new Error('Cannot read rows that are not in this panel.');
      return this.tools.service.call('acuityImage', { rows, ref });
    },
    begin: async ({ axis }) => {
      const subject = TWO_ANSWER_AXES.find((known) => known === axis);
      if (!subject) throw new Error(`Cannot measure a person on “${axis}”.`);
      const rows = await this.tools.drawStimuli(subject);
      this.drawn = rows;
      return { rows, trials: await this.tools.service.call('ownTrials', { rows, seed: Date.now() }) };
    },
    keep: async ({ answers }) => {
      const rows = this.drawn;
      if (rows === null) throw new Error('Cannot save answers before a measurement.');
      const name = await vscode.window.showInputBox({
        title: 'Keep Answers',
        prompt: 'Enter a name for your curve in the chart',
        value: reviewerName(),
        validateInput: (text) =>
          /^[\p{L}\p{N}][\p{L}\p{N}._ -]{0,60}$/u.test(text)
            ? null
            : 'Use only letters, digits, spaces, dots, underscores and hyphens.',
      });
      if (name === undefined) return false;
      const people = vscode.Uri.joinPath(vscode.Uri.file(rows), '../../../people').fsPath;
      await makeFolder(people);
      // If the same person is measured again, the file name gets a number.
      const path = freePath((number) => join(people, `${name}${number}-${basename(dirname(rows))}.jsonl`));
      await writeAtomically(path, linesText(answers), { follow: false });
      this.poller.now();
      return true;
    },
  };

  private get results(): AcuityResult[] {
    return this.state.kind === 'shown' ? this.state.view.results : [];
  }

  /** @throws Error for results that the host has not sent to the page */
  private shown(key: string): AcuityResult {
    const result = this.results.find((shown) => shown.key === key);
    if (!result) throw new Error('This result is no longer in the panel. Select another result.');
    return result;
  }

  private async look(): Promise<void> {
    const { choices } = this.state;
    try {
      const view = await this.tools.service.call('acuity', { roots: await acuityFolders(), ...choices });
      // Ignore this view if the choices changed while it was being computed.
      if (this.closed || choices !== this.state.choices) return;
      this.tell({ kind: 'shown', choices, view });
    } catch (error) {
      if (!this.closed) this.tell({ kind: 'failed', choices, why: (error as Error).message });
    }
  }

  /** Sends a state unless the page already shows it. Redrawing would discard typed text and pointer position. */
  private tell(state: AcuityState): void {
    if (JSON.stringify(state) === JSON.stringify(this.state)) return;
    this.state = state;
    this.page.notify('show', state);
  }
}

/** Returns the folders of `chirality acuity` in the workspace: the folders with stimuli in `rows/`. */
async function acuityFolders(): Promise<string[]> {
  const manifests = await vscode.workspace.findFiles('**/rows/*/manifest.json', '**/node_modules/**', 1000);
  return [...new Set(manifests.map(({ fsPath }) => dirname(dirname(dirname(fsPath)))))].sort();
}
