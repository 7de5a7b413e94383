import { endsOf } from '../../src/core/metrics/metric.ts';
import { EvaluationHistory } from '../../src/core/metrics/evaluation-alarms.ts';
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { thousands, percentText, percentsText, several, localTime } from '../../src/base/format.ts';
import { stepsText } from '../../src/base/labels.ts';
import { bothRight, kindsWithinBound } from '../../src/core/metrics/view-gaps.ts';
import { viewLabel } from '../../src/rows/view-list.ts';
import type { RunUpdate } from '../../src/panels/run/run.contract.ts';
import { Cited } from '../ui/cited.tsx';
import { Sample } from './legend.tsx';
import { signOf } from './chart-marks.ts';
import { withRelativePaths } from './run-settings.tsx';
import { meterOf } from './meter-view.tsx';
import { usePage, type OpenRun } from './run-panel-state.ts';

interface Check {
  id: string;
  title: string;
  /** Outcome of the check. `watch` needs the user's attention. `undecided`: the data cannot show a fault. */
  verdict: 'good' | 'watch' | 'undecided';
  message: string;
}

/**
 * Returns checks of a run as text, from means over the last ten steps: collapse, β, the coupling's effect, truncation,
 * one view against the other [A-53], originals against opposite questions [A-46]. Omits checks whose metrics have no
 * values. Before ten steps, returns no checks.
 */
function quickChecks(news: RunUpdate): Check[] {
  const { recent, rows } = news;
  if (rows < 10) return [];
  const checks: Check[] = [];
  const check = (id: string, title: string, bad: boolean, watch: string, good: string, undecided?: string) =>
    checks.push({
      id,
      title,
      verdict: bad ? 'watch' : undecided === undefined ? 'good' : 'undecided',
      message: bad ? watch : (undecided ?? good),
    });

  const zero = recent.frac_reward_zero_std;
  if (zero !== undefined) {
    // Groups with equal rewards can differ from groups with only right answers, because a reward can ignore the answer.
    const [right, wrong] = [recent['by_group/frac_all_good'], recent['by_group/frac_all_bad']];
    const ofAll =
      right === undefined || wrong === undefined
        ? ''
        : ` Of all groups, ${percentText(right)} are all correct, ${percentText(wrong)} all wrong and ${percentText(1 - right - wrong)} mixed.`;
    check(
      'collapse',
      'Reward variance',
      zero >= 0.7,
      `In ${percentText(zero)} of groups, all completions earn the same reward, so their advantages are zero.${ofAll} Use harder or easier rows, or turn on the setting dynamic_sampling.`,
      `In ${percentText(1 - zero)} of groups, rewards differ.`,
    );
  }
  const pull = recent.kl_share;
  if (pull !== undefined) {
    check(
      'beta',
      'KL share of the gradient',
      pull >= 0.5,
      `${percentText(pull)} of the gradient comes from the KL term. The policy changes more towards the reference model than towards higher rewards. Lower the setting loss.beta, or check why rewards vanish.`,
      `${percentText(pull)} of the gradient comes from the KL term.`,
    );
  }
  const none = recent['spatial/effect_none'];
  if (none !== undefined) {
    const inverted = (recent['spatial/effect_inverted'] ?? 0) + (recent['spatial/effect_erased'] ?? 0);
    check(
      'coupling',
      'Effect of the view penalty',
      none >= 0.9 || inverted >= 0.2,
      none >= 0.9
        ? `As in SVQA-R1, each group is normalised alone, which cancels the penalty in ${percentText(none)} of pairs (implementation choice R3). The run learns as with GRPO on both views. To keep the penalty, set advantages.scope to pair.`
        : `In ${percentText(inverted)} of pairs, the penalty inverts or erases the order of completions (implementation choice R3). Lower the setting coupling.eta.`,
      `The penalty changes the advantages of ${percentText(1 - none)} of pairs, and inverts or erases their order in ${percentText(inverted)}.`,
    );
  }
  const gainless = news.events.filter(({ kind }) => kind === 'gain').map(({ message }) => message);
  if (gainless.length > 0) check('gain', 'Gain from training', true, gainless.join(' '), '');
  const cut = recent['completions/clipped_ratio'];
  if (cut !== undefined) {
    check(
      'truncated',
      'Truncated completions',
      cut >= 0.1,
      `${percentText(cut)} of completions reach the token limit before their answer. Raise the setting sampling.max_tokens.`,
      `${percentText(cut)} of completions hit the token limit.`,
    );
  }
  // If a run trains only on originals, its evaluations alone show whether the views differ.
  const meter = meterOf(news);
  if (meter) {
    const where =
      meter.evaluation === null ? `training, ${stepsText(meter.steps!)}` : `evaluation at step ${meter.step}`;
    const shares = `Originals ${percentsText(endsOf(meter.original))}, ${viewLabel(meter.view)} ${percentsText(endsOf(meter.other))} (${where})`;
    check(
      'views',
      'View gap',
      meter.diverges,
      `${shares}: the model answers one view better than the other view.`,
      `${shares}.`,
      meter.excluded
        ? undefined
        : `${shares}: ${meter.evaluation === null ? 'training steps are not tested for a gap.' : 'too few pairs to tell whether the views differ by 10 points.'}`,
    );
    const figures = news.evaluations.find(({ id }) => id === meter.evaluation)?.figures ?? [];
    const both = bothRight(figures);
    const ends = both && endsOf(both);
    if (ends && both.floor) {
      const bound = both.floor.words;
      const against = `${percentsText(ends)} of ${several(both.n, 'pair')}, image-free bound of all questions ${percentText(bound)}`;
      const isLow = ends[0] <= bound;
      const isTraining = news.state?.status === 'running';
      const kinds = kindsWithinBound(figures, both.set).within;
      check(
        'bound',
        'Pair accuracy',
        isLow && !isTraining,
        `${against}: a model can answer as many pairs without the image. Train longer or, if the bound is high, evaluate on more images with the same questions.`,
        `${against}.`,
        (both.interval?.[0] ?? 0) <= bound
          ? `${against}: ${isLow ? 'not above the bound yet.' : 'too few pairs to tell whether the model exceeds the bound.'}`
          : kinds
            ? `${against}, but not above the image-free bounds of these kinds of questions: ${kinds}.`
            : undefined,
      );
    }
  }
  const latest = news.evaluations.at(-1);
  if (latest?.figures.some(({ metric }) => metric === 'ood')) {
    // Include the alarms of evaluations that were added after training, in addition to the alarms during training.
    const history = new EvaluationHistory();
    for (const { place, figures } of news.evaluations) history.add(place.step, figures);
    const overfitting = history.alarms().filter(({ kind }) => kind === 'linguistic-overfitting');
    check(
      'wording',
      'Opposite questions',
      overfitting.length > 0,
      overfitting.map(({ message }) => message).join(' '),
      `Accuracy on originals is not clearly higher than accuracy on opposite questions (evaluation at step ${latest.place.step}).`,
    );
  }
  return checks;
}

const KINDS: Readonly<Record<string, string>> = {
  alarm: 'Alarm',
  resume: 'Resumed',
  rewards: 'Rewards',
  rescoring: 'Rescoring',
  gain: 'Gain',
  failed: 'Failed',
};

/** Advice for an alarm, shown after its message. */
const ADVICE: Readonly<Record<string, string>> = {
  'reward-hacking': 'Charts: Reward, Reward parts, Rollout accuracy, KL to the reference model.',
  'linguistic-overfitting': 'Charts: Accuracy. Open the report of the run for results by kind of question.',
  'no-reward': 'Charts: Groups with zero variance. Open the traces of step 1.',
  'reward-collapse': 'Charts: Groups with zero variance, Reward std within groups.',
  'no-spread': 'Charts: Reward std. Use harder or easier rows, or raise sampling.temperature.',
  'all-cut': 'Charts: Length. Open the traces of a step after truncation began.',
  'kl-explodes': 'Charts: KL to the reference model. Compare the traces of steps before and after the rise.',
  'kl-dominated': 'Charts: KL share of the gradient, KL to the reference model. Halve loss.beta.',
  'flat-reward':
    'Charts: Reward, Reward std, Entropy. Raise sampling.temperature, lower the learning rate, or check whether all completions give the same answer.',
  'all-right': 'Charts: Groups with zero variance. Use harder rows, or raise sampling.temperature.',
  'all-wrong':
    'Charts: Groups with zero variance. Compare pass@k with chance. If pass@k is not above chance, the model cannot do the task yet.',
  'falling-length': 'Charts: Length. Compare the traces of steps before and after the fall.',
  'format-only': 'Charts: Reward parts, Rollout accuracy. Raise the weight of the answer reward.',
  'answer-collapse': 'Charts: Most frequent answer. Check whether most rows have the same answer.',
  shortcut: 'Charts: Rollout accuracy, Rollout outcomes. Compare with a run that trains on both views.',
};

/** Checks and events of a run. If the panel shows several runs, each run has an expandable line. */
export function ChecksAndEvents({ run, index }: { run: OpenRun; index: number }) {
  const { compared } = usePage();
  const checks = useMemo(() => quickChecks(run.news), [run.news]);
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
  /** Name of the run, if several runs are shown. */
  name: ComponentChildren;
}

function Checks({ name, checks }: Named & { checks: readonly Check[] }) {
  const { compared } = usePage();
  const watched = checks.filter(({ verdict }) => verdict === 'watch');
  const undecided = checks.filter(({ verdict }) => verdict === 'undecided').length;
  const shown = compared ? [] : watched;
  return (
    <>
      <details>
        <summary>
          {name}Quick checks
          <span class="quiet">
            {watched.length > 0
              ? ` ${watched.length} of ${checks.length} need attention`
              : undecided > 0
                ? ` ${undecided} of ${checks.length} undecided`
                : ` ${checks.length === 1 ? '' : `all ${checks.length} `}good`}
            {compared && watched.map(({ title }) => ` · ${title}`)}
          </span>
        </summary>
        <CheckList checks={checks.filter((check) => !shown.includes(check))} />
      </details>
      {/* Failed checks are always visible; passed checks are collapsed. */}
      {shown.length > 0 && <CheckList checks={shown} />}
    </>
  );
}

const CheckList = ({ checks }: { checks: readonly Check[] }) => (
  <ul>
    {checks.map(({ id, title, verdict, message }) => (
      <li key={id} class={verdict}>
        <span aria-hidden="true">{{ good: '✓', watch: '!', undecided: '?' }[verdict]}</span>
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
                {time && `, ${localTime(time)}`}
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
              {`${thousands(leftOut)} lines of the run’s files are incomplete and excluded. First line: ${firstLeftOut}`}
            </p>
          </li>
        )}
      </ul>
    </details>
  );
}

/** Origin of a run, folded: command, commit, host, hardware, versions, start, seed and data. */
function Overview({ name, run }: { name: ComponentChildren; run: OpenRun }) {
  const { about } = run.news;
  if (about.length === 0) return null;
  return (
    <details class="overview">
      <summary>{name}Run overview</summary>
      <ul class="fields">
        {about.map(([what, value]) => (
          <li key={`${what} ${value}`}>
            <span class="name">{what}</span>
            <span class="what">
              {what === 'started' ? localTime(value) : withRelativePaths(value, run.dir)}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
