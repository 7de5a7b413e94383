import { render } from 'preact';
import {
  FIRST_CHOICES,
  type ReportChoices,
  type ReportHost,
  type ReportMemory,
  type ReportPage,
  type ReportState,
} from '../../src/core/protocol/report-panel.ts';
import { connect, memory } from '../ui/host.ts';
import '../ui/base.css';
import { App } from './app.tsx';
import './report.css';

/** After this long without a word from the host, the page says so instead of staying empty. */
const SILENCE_MS = 20_000;

let state: ReportState | null = null;

function show(next: ReportState): void {
  state = next;
  memory.set<ReportMemory>({ runs: next.runs, choices: next.choices, sweep: next.sweep });
  render(<App state={next} actions={{ host, choose }} />, document.getElementById('app')!);
}

/** What is shown stays until the host has computed anew. */
function choose(change: Partial<ReportChoices>): void {
  if (!state) return;
  const choices = { ...state.choices, ...change };
  show({ ...state, choices });
  host.notify('choose', choices);
}

const page: ReportPage = { show };
const host = connect<ReportHost>({ ...page });

host.notify('ready', null);
setTimeout(() => {
  const why = 'The extension does not answer. Close this panel and open it again.';
  const known = memory.get<ReportMemory>() ?? { runs: null, choices: FIRST_CHOICES, sweep: null };
  if (!state) show({ kind: 'failed', why, ...known });
}, SILENCE_MS);
