import type {
  ReportChoices,
  ReportHost,
  ReportMemory,
  ReportPage,
  ReportState,
} from '../../src/core/protocol/report-panel.ts';
import { DEFAULT_CHOICES } from '../../src/core/reports/choices.ts';
import { draw, openPanel } from '../ui/panel.ts';
import { ReportView } from './report-view.tsx';

import '../ui/base.css';
import './report.css';

let state: ReportState | null = null;

function show(next: ReportState): void {
  state = next;
  remember({ runs: next.runs, choices: next.choices, sweep: next.sweep });
  draw(<ReportView state={next} actions={{ host, choose }} />);
}

/** Sends a choice to the host; the old report stays until the new one is computed. */
function choose(change: Partial<ReportChoices>): void {
  if (!state) return;
  const choices = { ...state.choices, ...change };
  show({ ...state, choices });
  host.notify('choose', choices);
}

const page: ReportPage = { show };
const { host, memory, remember } = openPanel<ReportHost, ReportMemory>({ ...page }, (why) => {
  const last = memory ?? { runs: null, choices: DEFAULT_CHOICES, sweep: null };
  show({ kind: 'failed', why, ...last });
});
