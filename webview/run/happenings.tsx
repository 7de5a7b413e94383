import { Cited } from '../ui/cited.tsx';
import { quickChecks } from './checks.ts';
import { Sample } from './legend.tsx';
import { signOf } from './marks.ts';
import type { OpenRun } from './panel-state.ts';

const KINDS: Readonly<Record<string, string>> = {
  alarm: 'Alarm',
  resume: 'Resumed',
  rewards: 'Rewards',
  rescoring: 'Rescoring',
  failed: 'Failed',
};

/** What an alarm asks a person to do, beyond what it says itself. */
const ADVICE: Readonly<Record<string, string>> = {
  'reward-collapse': 'Charts: Groups without spread, Spread within groups.',
  'kl-dominated': 'Charts: Pull of the reference, KL to the reference. Try half of loss.beta.',
  'flat-reward':
    'Charts: Reward, Reward spread, Entropy. Raise sampling.temperature, lower the learning rate, or see what the completions agree on.',
  'all-right': 'Charts: Groups without spread. Harder rows, or a higher temperature.',
  'all-wrong':
    'Charts: Groups without spread. Compare pass@k with what guessing reaches: where it is no better, the model cannot do it yet.',
  'falling-length': 'Charts: Length. Open the traces of a step before and after the fall.',
  'format-only': 'Charts: Reward parts, Accuracy. Raise the weight of the answer’s reward.',
  'answer-collapse': 'Charts: Most frequent answer. Look whether the rows ask mostly for one answer.',
  shortcut: 'Charts: Accuracy, Verdicts. Compare with a run that trains on both views.',
};

/** In words: the quick checks, and what the run wrote down; of several runs in a line each, to be opened. */
export function Happenings({ run, index, compared }: { run: OpenRun; index: number; compared: boolean }) {
  const checks = quickChecks(run.news);
  const { events, leftOut, firstLeftOut } = run.news;
  if (checks.length === 0 && events.length === 0 && leftOut === 0) return null;
  const watched = checks.filter(({ verdict }) => verdict === 'watch');
  const name = compared && (
    <>
      <Sample curve={{ run: index, line: 0 }} compared sign /> {run.name}:{' '}
    </>
  );
  return (
    <section
      class="happenings"
      aria-label={compared ? `Checks and events of ${run.name}` : 'Checks and events'}
    >
      {checks.length > 0 && (
        <details open={watched.length > 0 && !compared}>
          <summary>
            {name}Quick checks
            <span class="quiet">
              {watched.length === 0
                ? ` all ${checks.length} good`
                : ` ${watched.length} of ${checks.length} to watch`}
              {compared && watched.map(({ title }) => ` · ${title}`)}
            </span>
          </summary>
          <ul>
            {checks.map(({ id, title, verdict, message }) => (
              <li key={id} class={verdict}>
                <span aria-hidden="true">{verdict === 'good' ? '✓' : '!'}</span>
                <p>
                  <span class="unseen">{verdict}: </span>
                  <strong>{title}</strong> <Cited text={message} />
                </p>
              </li>
            ))}
          </ul>
        </details>
      )}
      {(events.length > 0 || leftOut > 0) && (
        <details>
          <summary>
            {name}Events<span class="quiet"> {events.length.toLocaleString('en')}</span>
          </summary>
          <ul>
            {events.map(({ kind, alarm, message, place, time }) => (
              <li key={`${time} ${message}`} class={kind === 'alarm' || kind === 'failed' ? 'watch' : ''}>
                <span aria-hidden="true">{signOf(kind)}</span>
                <p>
                  <strong>{KINDS[kind] ?? kind}</strong>
                  <span class="quiet">
                    {' '}
                    step {place.step.toLocaleString('en')}
                    {time && `, ${new Date(time).toLocaleString()}`}
                  </span>
                  <br />
                  <Cited text={message} /> {ADVICE[alarm ?? '']}
                </p>
              </li>
            ))}
            {leftOut > 0 && (
              <li class="watch">
                <span aria-hidden="true">!</span>
                <p>
                  {leftOut.toLocaleString('en')} lines of the run’s files cannot be read and are left out,
                  wholly or in part. The first: {firstLeftOut}
                </p>
              </li>
            )}
          </ul>
        </details>
      )}
    </section>
  );
}
