import type {
  AuditSheet,
  ReportChoices,
  ReportHost,
  ReportMemory,
  ReportPage,
  ReportState,
} from '../../src/panels/report/report.contract.ts';
import { DEFAULT_CHOICES } from '../../src/core/reports/choices.ts';
import { draw, openPanel } from '../ui/panel.ts';
import { Judge } from './judge.tsx';
import { ReportView } from './report-view.tsx';
import { ANSWERS } from './report-toolbar.tsx';

import '../ui/base.css';
import '../ui/views.css';
import './report.css';
import './judge.css';

let state: ReportState | null = null;
/** The sample that is being judged, in place of the report. */
let sheet: AuditSheet | null = null;
let samples = 0;

function show(next: ReportState): void {
  state = next;
  remember({ runs: next.runs, choices: next.choices, sweep: next.sweep });
  redraw();
}

function redraw(problem: string | null = null): void {
  if (sheet) draw(<Judge key={samples} sheet={sheet} host={host} close={close} />);
  else if (state) draw(<ReportView state={state} actions={{ host, choose, judge }} problem={problem} />);
}

/** Asks the host for answers to judge. */
function judge(): void {
  host.call('auditBegin', { answers: ANSWERS }).then(
    (drawn) => {
      if (!drawn) return;
      sheet = drawn;
      samples += 1;
      redraw();
    },
    (error: Error) => redraw(error.message),
  );
}

function close(): void {
  sheet = null;
  redraw();
}

/** Sends a choice to the host; the old report stays until the new one is computed. */
function choose(change: Partial<ReportChoices>): void {
  if (!state) return;
  const choices = { ...state.choices, ...change };
  show({ ...state, choices });
  host.notify('choose', choices);
}

const page: ReportPage = { show, judge };
const { host, memory, remember } = openPanel<ReportHost, ReportMemory>({ ...page }, (why) => {
  const last = memory ?? { runs: null, choices: DEFAULT_CHOICES, sweep: null };
  show({ kind: 'failed', why, ...last });
});
