import { endsOf } from '../../src/core/metrics/metric.ts';
import type { ComponentChildren } from 'preact';
import { thousands, percentText, percentsText } from '../../src/base/format.ts';
import { viewLabel } from '../../src/rows/view-list.ts';
import type { RunUpdate } from '../../src/panels/run/run.contract.ts';
import { Cited } from '../ui/cited.tsx';
import { Sample } from './legend.tsx';
import { signOf } from './chart-marks.ts';
import { Overview } from './overview.tsx';
import { meterOf } from './meter-view.tsx';
import { usePage, type OpenRun } from './run-panel-state.ts';

/** A quick check of a run: a question and its answer. */
interface Check {
  id: string;
  title: string;
  /** `watch`: worth looking into. */
  verdict: 'good' | 'watch';
  message: string;
}

/**
 * Quick checks in words, from the means over the last ten steps: collapse, β, the coupling's effect, truncation, one
 * view against the other [A-53]. Only checks for whose figures the run has values; none before ten steps.
 */
function quickChecks(news: RunUpdate): Check[] {
  const { recent, rows } = news;
  if (rows < 10) return [];
  const checks: Check[] = [];
  const check = (id: string, title: string, bad: boolean, watch: string, good: string) =>
    checks.push({ id, title, verdict: bad ? 'watch' : 'good', message: bad ? watch : good });

  const zero = recent.frac_reward_zero_std;
  if (zero !== undefined) {
    // Which groups have equal rewards is another question than which are all right: a reward can miss the answer.
    const [right, wrong] = [recent['by_group/frac_all_good'], recent['by_group/frac_all_bad']];
    const ofAll =
      right === undefined || wrong === undefined
        ? ''
        : ` Of all groups, ${percentText(right)} are all right, ${percentText(wrong)} all wrong and ${percentText(1 - right - wrong)} mixed.`;
    check(
      'collapse',
      'Is there something to learn from?',
      zero >= 0.7,
      `In ${percentText(zero)} of groups, all completions earn the same reward, so that their advantages are zero.${ofAll} Use harder or easier rows, or turn on dynamic_sampling.`,
      `In ${percentText(1 - zero)} of groups, rewards differ.`,
    );
  }
  const pull = recent.kl_share;
  if (pull !== undefined) {
    check(
      'beta',
      'Is β too large?',
      pull >= 0.5,
      `${percentText(pull)} of the pull on the weights comes from the reference: the policy moves back more than it learns. Lower loss.beta, or see why rewards vanish.`,
      `The reference has ${percentText(pull)} of the pull on the weights.`,
    );
  }
  const none = recent['spatial/effect_none'];
  if (none !== undefined) {
    const inverted = (recent['spatial/effect_inverted'] ?? 0) + (recent['spatial/effect_erased'] ?? 0);
    check(
      'coupling',
      'Does the penalty do anything?',
      none >= 0.9 || inverted >= 0.2,
      none >= 0.9
        ? `In ${percentText(none)} of the pairs normalising takes the penalty out again: the run is close to plain GRPO on both views (R3).`
        : `In ${percentText(inverted)} of the pairs the penalty inverts or erases the order: better completions count as worse (R3). Lower coupling.eta.`,
      `It changes the advantages of ${percentText(1 - none)} of the pairs, and inverts or erases ${percentText(inverted)}.`,
    );
  }
  const cut = recent['completions/clipped_ratio'];
  if (cut !== undefined) {
    check(
      'truncated',
      'Are completions truncated?',
      cut >= 0.1,
      `${percentText(cut)} reach the longest length and lose their answer. Raise sampling.max_tokens.`,
      `${percentText(cut)} are.`,
    );
  }
  // A run that trains only on originals is judged by its evaluations.
  const meter = meterOf(news);
  if (meter) {
    const where = meter.evaluation === null ? 'last training steps' : `evaluation at step ${meter.step}`;
    const shares = `Originals ${percentsText(endsOf(meter.original))}, ${viewLabel(meter.view)} ${percentsText(endsOf(meter.other))} (${where})`;
    check(
      'views',
      'Are both views answered equally well?',
      meter.diverges,
      `${shares}: one side is known better than the other.`,
      `${shares}.`,
    );
  }
  return checks;
}

const KINDS: Readonly<Record<string, string>> = {
  alarm: 'Alarm',
  resume: 'Resumed',
  rewards: 'Rewards',
  rescoring: 'Rescoring',
  failed: 'Failed',
};

/** What to do about an alarm, in addition to its message. */
const ADVICE: Readonly<Record<string, string>> = {
  'reward-hacking': 'Charts: Reward, Reward parts, Rollout accuracy, KL to the reference model.',
  'linguistic-overfitting': 'Charts: Accuracy. Open the report of the run for the kinds of questions.',
  'no-reward': 'Charts: Groups with zero variance. Open the traces of step 1.',
  'reward-collapse': 'Charts: Groups with zero variance, Reward std within groups.',
  'no-spread': 'Charts: Reward std. Harder or easier rows, or a higher temperature.',
  'all-cut': 'Charts: Length. Open the traces of a step after it began.',
  'kl-explodes': 'Charts: KL to the reference model. Open the traces of a step before and after it began.',
  'kl-dominated': 'Charts: KL share of the gradient, KL to the reference model. Try half of loss.beta.',
  'flat-reward':
    'Charts: Reward, Reward std, Entropy. Raise sampling.temperature, lower the learning rate, or see what the completions agree on.',
  'all-right': 'Charts: Groups with zero variance. Harder rows, or a higher temperature.',
  'all-wrong':
    'Charts: Groups with zero variance. Compare pass@k with what guessing reaches: where it is no better, the model cannot do it yet.',
  'falling-length': 'Charts: Length. Open the traces of a step before and after the fall.',
  'format-only': 'Charts: Reward parts, Rollout accuracy. Raise the weight of the answer’s reward.',
  'answer-collapse': 'Charts: Most frequent answer. Check whether most rows have the same answer.',
  shortcut: 'Charts: Rollout accuracy, Verdicts. Compare with a run that trains on both views.',
};

/** The quick checks and the run's events, in words; for several runs, a line each that can be opened. */
export function ChecksAndEvents({ run, index }: { run: OpenRun; index: number }) {
  const { compared } = usePage();
  const checks = quickChecks(run.news);
  const { events, leftOut, about } = run.news;
  if (checks.length + events.length + leftOut + about.length === 0) return null;
  const name = compared && (
    <>
      <Sample curve={{ run: index, line: 0 }} compared sign /> {run.name}:{' '}
    </>
  );
  return (
    <section
      class="checks-and-events stack"
      aria-label={compared ? `Checks and events of ${run.name}` : 'Checks and events'}
    >
      {checks.length > 0 && <Checks name={name} checks={checks} />}
      {(events.length > 0 || leftOut > 0) && <Events name={name} news={run.news} />}
      <Overview name={name} run={run} />
    </section>
  );
}

interface Named {
  /** The name of the run, if there are several. */
  name: ComponentChildren;
}

function Checks({ name, checks }: Named & { checks: readonly Check[] }) {
  const { compared } = usePage();
  const watched = checks.filter(({ verdict }) => verdict === 'watch');
  const shown = compared ? [] : watched;
  return (
    <>
      <details>
        <summary>
          {name}Quick checks
          <span class="quiet">
            {watched.length === 0
              ? ` ${checks.length === 1 ? '' : `all ${checks.length} `}good`
              : ` ${watched.length} of ${checks.length} to watch`}
            {compared && watched.map(({ title }) => ` · ${title}`)}
          </span>
        </summary>
        <CheckList checks={checks.filter((check) => !shown.includes(check))} />
      </details>
      {/* In sight, while what is good has to be asked for. */}
      {shown.length > 0 && <CheckList checks={shown} />}
    </>
  );
}

const CheckList = ({ checks }: { checks: readonly Check[] }) => (
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
);

function Events({ name, news: { events, leftOut, firstLeftOut } }: Named & { news: RunUpdate }) {
  return (
    <details>
      <summary>
        {name}Events<span class="quiet"> {thousands(events.length)}</span>
      </summary>
      <ul>
        {events.map(({ kind, alarm, message, place, time }) => (
          <li key={`${time} ${message}`} class={kind === 'alarm' || kind === 'failed' ? 'watch' : ''}>
            <span aria-hidden="true">{signOf(kind)}</span>
            <p>
              <strong>{KINDS[kind] ?? kind}</strong>
              <span class="quiet">
                {' '}
                step {thousands(place.step)}
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
              {thousands(leftOut)} lines of the run’s files cannot be read and are left out, wholly or in
              part. The first: {firstLeftOut}
            </p>
          </li>
        )}
      </ul>
    </details>
  );
}
