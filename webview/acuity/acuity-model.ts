import type {
  AcuityChoices,
  AcuityHost,
  AcuityState,
  Measuring,
  OwnTrial,
  Trial,
} from '../../src/panels/acuity/acuity.contract.ts';
import type { PointAnswers } from '../../src/core/reports/document.ts';
import { PageModel } from '../ui/page-model.ts';

export interface AcuityPanelState {
  /** State from the host; null until the host has sent it. */
  state: AcuityState | null;
  /** Answers behind a selected point; null while the page reads them. */
  opened: { point: PointAnswers; trials: Trial[] | null } | null;
  /** Stage of the user's own measurement; null without one. */
  myself: Own | null;
  problem: string | null;
  measuring: readonly Measuring[];
}

/** Stage of the user's own measurement: the choice, the questions, or the result. */
export type Own =
  | { kind: 'start' }
  | { kind: 'drawing'; axis: string }
  | { kind: 'asking'; rows: string; trials: OwnTrial[]; answers: string[]; flash: boolean }
  | { kind: 'ended'; rows: string; trials: OwnTrial[]; answers: string[] };

export class AcuityModel extends PageModel<AcuityPanelState, AcuityHost> {
  choose(change: Partial<AcuityChoices>): void {
    const { state } = this.state;
    if (!state) return;
    const choices = { ...state.choices, ...change };
    this.update({ state: { ...state, choices }, ...(change.axis !== undefined && { opened: null }) });
    this.host.notify('choose', choices);
  }

  readonly open = (point: PointAnswers): void => {
    const opened = { point, trials: null };
    this.update({ opened, problem: null });
    this.host.call('trials', point).then((trials) => {
      if (this.state.opened === opened) this.update({ opened: { ...opened, trials } });
    }, this.failed);
  };

  begin(axis: string, flash: boolean): void {
    const myself: Own = { kind: 'drawing', axis };
    this.update({ myself, problem: null });
    // Ignore results that arrive after the user has left the user's own measurement.
    const go = (changes: Partial<AcuityPanelState>) => {
      if (this.state.myself === myself) this.update(changes);
    };
    this.host.call('begin', { axis }).then(
      ({ rows, trials }) => go({ myself: { kind: 'asking', rows, trials, answers: [], flash } }),
      (error: unknown) => go({ myself: { kind: 'start' }, problem: (error as Error).message }),
    );
  }

  keep({ trials, answers }: Extract<Own, { kind: 'ended' }>): void {
    const given = answers.map((answer, i) => ({ id: trials[i]!.id, answer }));
    this.host.call('keep', { answers: given }).then((kept) => {
      if (kept) this.update({ myself: null });
    }, this.failed);
  }

  private readonly failed = (error: unknown) => this.update({ problem: (error as Error).message });
}
