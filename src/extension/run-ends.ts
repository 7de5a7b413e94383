import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { several } from '../base/format.ts';
import type { RunSummary } from '../panels/runs/runs.contract.ts';
import { offer } from '../panels/host/report-errors.host.ts';
import { SFT_FIRST } from './launch/start-run.ts';
import { bothText } from './run-text.ts';
import { type RunList, isActiveRun, isOfSweep, kindOf } from '../panels/host/run-list.host.ts';
import type { Program } from '../panels/host/cli-program.host.ts';
import { runSweepOf, sweepStanding } from './launch/sweep-standing.ts';

/** Maximum age, in ms, of the end of a newly found run that the extension still reports. */
const FRESH_MS = 60_000;

/** Runs folders of demos, which report the ends of their runs themselves. */
const OF_DEMO = /[\\/]chirality-demo(?:-\d+)?[\\/]runs$/;

function endText({ name, state, meter }: RunSummary): string {
  const { status, step, steps, message, unrewarded, signature } = state!;
  if (unrewarded || (signature && status === 'finished')) return `${name}: ${message}`;
  if (status === 'finished')
    return `${name} finished: ${several(steps, 'step')}${meter ? `, ${bothText(meter)}` : ''}.`;
  return `${name} ${status === 'lost' ? 'was lost' : status} at step ${step} of ${steps}. ${message}`;
}

/** Reports finished and failed runs, with the reason of a failure. Stop Run itself reports stopped runs. */
export function tellEnds(list: RunList, program: Program): vscode.Disposable {
  let before: ReadonlyMap<string, RunSummary> | null = null;
  return list.onDidChange(() => {
    const last = before;
    const runs = list.runs();
    before = new Map(runs.map((run) => [run.dir, run]));
    if (last) for (const run of runs) if (hasJustEnded(run, last.get(run.dir))) void tell(run, program);
  });
}

/** Whether a run failed, also before its first step. */
const hasFailed = ({ origin, state }: RunSummary): boolean =>
  !origin && ['failed', 'lost'].includes(state?.status ?? '');

/** A run that fails at once, as after *Resume Run*, is never seen active, but its heartbeat changes. */
function hasJustEnded(run: RunSummary, before: RunSummary | undefined): boolean {
  if (kindOf(run) !== 'finished' && !hasFailed(run)) return false;
  return before
    ? isActiveRun(before) || before.state?.heartbeat !== run.state!.heartbeat
    : Date.now() - Date.parse(run.state!.heartbeat) < FRESH_MS;
}

async function tell(run: RunSummary, program: Program): Promise<void> {
  const { dir } = run;
  const execute = (command: string, argument: unknown) => () =>
    vscode.commands.executeCommand(command, argument);
  const open = { 'Open Run': execute('chirality.openRun', { dir }) };
  if (hasFailed(run)) {
    const log = vscode.Uri.file(join(dir, 'logs', 'run.log'));
    const buttons = {
      ...(kindOf(run) === 'planned'
        ? runSweepOf(dir)
        : { 'Resume Run': execute('chirality.resumeRun', { dir }) }),
      'Open Log': execute('vscode.open', log),
    };
    await offer(vscode.window.showErrorMessage, endText(run), { ...open, ...buttons });
  } else if (!OF_DEMO.test(dirname(dir))) {
    const ofSweep = isOfSweep(run.root);
    const sweep = ofSweep ? await sweepStanding(program, dirname(run.root)).catch(() => null) : null;
    // A sweep that runs, or ended after the run, includes the run in its own message.
    if (ofSweep && (!sweep || sweep.isActive || sweep.heartbeat >= run.state!.heartbeat)) return;
    const report: Record<string, () => unknown> = run.state!.unrewarded
      ? { [SFT_FIRST.label]: SFT_FIRST.apply }
      : { 'Open Report': execute('chirality.openReport', { dir }) };
    const show =
      run.state!.unrewarded || run.state!.signature
        ? vscode.window.showWarningMessage
        : vscode.window.showInformationMessage;
    await offer(show, endText(run) + (sweep?.rest ?? ''), { ...sweep?.button, ...open, ...report });
  }
}
