import { several, thousands, localTime, timeLeftText } from '../../src/base/format.ts';
import { phaseLabel } from '../../src/base/labels.ts';
import type { RunAction, ShownRun } from '../../src/panels/run/run.contract.ts';
import type { RunStateSummary } from '../../src/panels/runs/runs.contract.ts';
import { isActiveStatus, isBeforeSteps, statusWord } from '../../src/core/run-data/run-status.ts';
import { Button } from '../ui/controls.tsx';
import { forkText } from './curves.ts';
import { Sample } from './legend.tsx';
import { isOpen, usePage } from './run-panel-state.ts';

/** Sign for each status, shown with the word for the status, so that colour is not the only cue. */
const STATUS: Record<RunStateSummary['status'], { sign: string; look: string } | null> = {
  starting: { sign: '◌', look: 'active' },
  running: { sign: '▸', look: 'active' },
  stopping: { sign: '◼', look: 'active' },
  stopped: { sign: '◼', look: 'quiet' },
  finished: { sign: '✓', look: 'good' },
  failed: { sign: '✕', look: 'bad' },
  lost: { sign: '?', look: 'bad' },
  // Another program controls the run, and its files contain no status.
  unknown: null,
};

/** Sign that replaces the status of a run that has received no reward to learn from. */
const UNREWARDED = { sign: '!', look: 'bad' };

/** Run in one line, with its status, progress, remaining time and actions. */
export function Status({ run, index }: { run: ShownRun; index: number }) {
  const { compared } = usePage();
  const state = isOpen(run) ? run.news.state : null;
  const status = state && (state.unrewarded ? UNREWARDED : STATUS[state.status]);
  return (
    <div class="status flow">
      <h1 title={run.dir}>
        {compared && index >= 0 && <Sample curve={{ run: index, line: 0 }} compared sign />}
        {run.name}
        {isOpen(run) && run.facts.parent && (
          <span class="fork-of" title={forkText(run.facts.parent)}>
            <span aria-hidden="true">↳</span>{' '}
            {`${run.facts.parent.name}, step ${thousands(run.facts.parent.step)}`}
          </span>
        )}
      </h1>
      {status && (
        <span class={`badge ${status.look}`}>
          <span aria-hidden="true">{status.sign}</span> {state.unrewarded ? 'no reward' : statusWord(state)}
        </span>
      )}
      {isOpen(run) && state && state.steps > 0 && (
        <>
          {state.status === 'finished' ? (
            <span class="numbers">{several(state.steps, 'step')}</span>
          ) : (
            <>
              <progress max={state.steps} value={state.step} aria-label={`Steps of ${run.name}`} />
              <span class="numbers">{`step ${thousands(state.step)} of ${thousands(state.steps)}`}</span>
            </>
          )}
          <span class="quiet">{rest(run.news, state)}</span>
        </>
      )}
      {isOpen(run) && run.facts.program !== undefined && state && (
        <>
          <span class="badge quiet">{run.facts.program}</span>
          <span class="numbers">step {thousands(state.step)}</span>
          <span class="quiet" title={state.message}>
            {run.facts.imported === undefined
              ? `last written ${localTime(state.heartbeat)}; status unknown`
              : `imported ${localTime(run.facts.imported)}`}
          </span>
        </>
      )}
      {isOpen(run) && !state && (
        <span class="quiet">{run.news.isQueued ? 'waits for its sweep' : statusWord(null)}</span>
      )}
      <Actions run={run} />
    </div>
  );
}

function rest(
  { secondsPerStep }: { secondsPerStep: number | null },
  { status, phase, step, steps }: { status: string; phase: string; step: number; steps: number },
): string {
  if (status !== 'running') return status === 'starting' || status === 'stopping' ? phaseLabel(phase) : '';
  return [phaseLabel(phase), timeLeftText(secondsPerStep, { step, steps })].filter(Boolean).join(' · ');
}

function Actions({ run }: { run: ShownRun }) {
  const { compared, host } = usePage();
  const act = (action: RunAction) => host.notify('act', { action, dir: run.dir });
  const status = isOpen(run) ? statusWord(run.news.state) : null;
  const active = status !== null && isActiveStatus(status);
  // Chirality cannot resume an external run.
  const isOurs = isOpen(run) && run.facts.program === undefined;
  const ended = isOurs && status !== null && !active;
  // The runs from which it starts might not have finished.
  const isUnstarted = isOpen(run) && isBeforeSteps(run.news.state);
  const isPlanned = isUnstarted && run.isOfSweep;
  return (
    <div class="tools">
      {active && (
        <>
          <Button disabled={status === 'stopping'} onClick={() => act('stop')}>
            Stop Run
          </Button>
          <Button icon="terminal" title="Follow run in terminal" onClick={() => act('attach')} />
        </>
      )}
      {ended && status !== 'finished' && !isPlanned && (
        <Button onClick={() => act('resume')}>Resume Run</Button>
      )}
      {ended && isPlanned && !run.news.isQueued && <Button onClick={() => act('runSweep')}>Run Sweep</Button>}
      {ended && !isUnstarted && <Button onClick={() => act('evaluate')}>Evaluate Checkpoint…</Button>}
      {ended && !isUnstarted && (
        <Button icon="eye" title="Open Interpretability" onClick={() => act('openInside')} />
      )}
      {isOurs && <Button icon="output" title="Open log" onClick={() => act('openLog')} />}
      {!compared && isOpen(run) && run.facts.parent && (
        <Button icon="repo-forked" title="Show next to parent run" onClick={() => act('showParent')} />
      )}
      {!compared && isOpen(run) && (
        <Button icon="git-compare" title="Compare with other runs…" onClick={() => act('compare')} />
      )}
      {compared && (
        <Button icon="close" title={`Remove ${run.name} from this panel`} onClick={() => act('remove')} />
      )}
    </div>
  );
}
