import type {
  AuditSheet,
  ReportChoices,
  ReportHost,
  ReportMemory,
  ReportPage,
  ReportState,
} from '../../src/panels/report/report.contract.ts';
import { DEFAULT_CHOICES } from '../../src/core/reports/report-choices.ts';
import { draw, openPanel } from '../ui/panel.ts';
import { Judge } from './judge-answers.tsx';
import { ReportView } from './report-view.tsx';
import { ANSWERS } from './report-toolbar.tsx';

import '../ui/base.css';
import '../ui/views.css';
import './report.css';
import './judge.css';

let state: ReportState | null = null;
/** Sample that a person is rating, shown instead of the report; null if no rating is in progress. */
let sheet: AuditSheet | null = null;
let samples = 0;

function show(next: ReportState): void {
  state = next;
  remember({ runs: next.runs, choices: next.choices, sweep: next.sweep, judging: next.judging });
  redraw();
}

function redraw(problem: string | null = null): void {
  if (sheet) draw(<Judge key={samples} sheet={sheet} host={host} more={more} close={close} />);
  else if (state)
    draw(<ReportView state={state} actions={{ host, choose, judge: begin }} problem={problem} />);
}

/** Shows a sample of answers to rate, when the host has drawn the sample. */
function judge(drawn: Promise<AuditSheet | null>): void {
  drawn.then(
    (next) => {
      if (!next) return;
      sheet = next;
      samples += 1;
      redraw();
    },
    (error: Error) => {
      sheet = null;
      redraw(error.message);
    },
  );
}

const begin = () => judge(host.call('auditBegin', { answers: ANSWERS }));
const goOn = () => judge(host.call('auditGoOn', { more: 0 }));
const more = () => judge(host.call('auditGoOn', { more: ANSWERS }));

function close(): void {
  sheet = null;
  host.notify('auditEnd', null);
  redraw();
}

/** Sends a choice to the host. The old report remains visible until the new report is computed. */
function choose(change: Partial<ReportChoices>): void {
  if (!state) return;
  const choices = { ...state.choices, ...change };
  show({ ...state, choices });
  host.notify('choose', choices);
}

const page: ReportPage = { show, judge: ({ begun }) => (begun ? goOn() : begin()) };
const { host, memory, remember } = openPanel<ReportHost, ReportMemory>({ ...page }, (why) => {
  const last = memory ?? { runs: null, choices: DEFAULT_CHOICES, sweep: null, judging: null };
  show({ kind: 'failed', why, ...last });
});
