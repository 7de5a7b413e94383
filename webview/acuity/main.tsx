import type {
  AcuityChoices,
  AcuityHost,
  AcuityMemory,
  AcuityPage,
  AcuityState,
  OwnTrial,
  Trial,
} from '../../src/core/protocol/acuity-panel.ts';
import type { PointAnswers } from '../../src/core/reports/document.ts';
import { draw, openPanel } from '../ui/panel.ts';
import '../ui/base.css';
import { AcuityView } from './acuity-view.tsx';
import './acuity.css';

/** What the page shows besides the host's state. */
export interface PageState {
  state: AcuityState | null;
  /** The answers behind a point; null while they are read. */
  opened: { point: PointAnswers; trials: Trial[] | null } | null;
  /** The person's own measurement. */
  own: Own | null;
  problem: string | null;
}

/** A person's measurement: what to measure, then the questions, then what to do with the answers. */
export type Own =
  | { kind: 'start' }
  | { kind: 'drawing'; axis: string }
  | { kind: 'asking'; rows: string; trials: OwnTrial[]; answers: string[]; flash: boolean }
  | { kind: 'ended'; rows: string; trials: OwnTrial[]; answers: string[] };

export interface Actions {
  update(change: Partial<PageState>): void;
  choose(change: Partial<AcuityChoices>): void;
  open(point: PointAnswers): void;
  begin(axis: string, flash: boolean): void;
  keep(own: Extract<Own, { kind: 'ended' }>): void;
}

const page: AcuityPage = {
  show: (state) => update({ state }),
  myself: () => update({ own: { kind: 'start' } }),
};
const { host, remember } = openPanel<AcuityHost, AcuityMemory>({ ...page }, (problem) => update({ problem }));

let current: PageState = { state: null, opened: null, own: null, problem: null };

function update(change: Partial<PageState>): void {
  current = { ...current, ...change };
  if (current.state) remember({ choices: current.state.choices });
  draw(<AcuityView page={current} host={host} actions={actions} />);
}

const failed = (error: unknown) => update({ problem: (error as Error).message });

const actions: Actions = {
  update,
  choose: (change) => {
    const { state } = current;
    if (!state) return;
    const choices = { ...state.choices, ...change };
    update({ state: { ...state, choices }, ...(change.axis !== undefined && { opened: null }) });
    host.notify('choose', choices);
  },
  open: (point) => {
    const opened = { point, trials: null };
    update({ opened, problem: null });
    host.call('trials', point).then((trials) => {
      if (current.opened === opened) update({ opened: { ...opened, trials } });
    }, failed);
  },
  begin: (axis, flash) => {
    update({ own: { kind: 'drawing', axis }, problem: null });
    host.call('begin', { axis }).then(
      ({ rows, trials }) => update({ own: { kind: 'asking', rows, trials, answers: [], flash } }),
      (error: unknown) => update({ own: { kind: 'start' }, problem: (error as Error).message }),
    );
  },
  keep: ({ trials, answers }) => {
    const given = answers.map((answer, i) => ({ id: trials[i]!.id, answer }));
    host.call('keep', { answers: given }).then((kept) => {
      if (kept) update({ own: null });
    }, failed);
  },
};
