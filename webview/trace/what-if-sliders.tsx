import { useMemo, useRef, useState } from 'preact/hooks';
import { partOf, several, thousands, percentText, plain } from '../../src/base/format.ts';
import type { TrainedPair, TracedPair } from '../../src/core/run-data/trace.ts';
import { signChanges, type WhatIfReport, changedShare } from '../../src/core/run-data/what-if.ts';
import {
  type Changes,
  type Setting,
  type WhatIfConfig,
  withChanges,
} from '../../src/core/run-data/what-if-settings.ts';
import { EFFECT_WORDS } from '../../src/core/pairs/pair-words.ts';
import { EFFECTS } from '../../src/core/rewards/advantages.ts';
import { isViewId, viewOf } from '../../src/rows/view-list.ts';
import { Button, Dropdown, Range } from '../ui/controls.tsx';
import type { TraceModel } from './trace-model.ts';
import { Actions } from './what-if-actions.tsx';

/** Number of intervals into which the range of the η slider is divided. */
const PARTS = 40;
const HEIGHT = 56;
const WIDTH = 240;

interface EtaPlotProps {
  step: readonly TracedPair[];
  config: WhatIfConfig;
  changes: Changes;
  settings: readonly Setting[];
}

/** Plot of the share of a step's advantages that change sign, by strength of the view penalty. */
function EtaPlot({ step, config, changes, settings }: EtaPlotProps) {
  const setting = settings.find(({ name }) => name === 'eta');
  const runEta = config.coupling.eta;
  const eta = Number(changes.eta ?? runEta);
  const most = Math.max(setting?.kind === 'number' ? setting.max : 0, eta, runEta);
  const others = JSON.stringify({ ...changes, eta: undefined });
  const shareAt = (tried: number) =>
    changedShare(step, withChanges(config, { ...changes, eta: tried }, settings));
  const curve = useMemo(
    () =>
      Array.from({ length: PARTS + 1 }, (_, i) => (most * i) / PARTS).map(
        (tried) => [tried, shareAt(tried)] as const,
      ),
    [step, config, others, most],
  );
  const top = Math.max(0.05, ...curve.map(([, share]) => share));
  const x = (tried: number) => (WIDTH * tried) / most;
  const y = (share: number) => HEIGHT * (1 - share / top);
  const now = shareAt(eta);
  const name = `Advantages of this step that change sign: ${percentText(now)} at η ${plain(eta, 2)}, at most ${percentText(top)} up to η ${plain(most, 2)}.`;
  return (
    <figure class="eta-plot">
      <figcaption>
        {`Advantages of this step that change sign at η ${plain(eta, 2)}: `}
        <strong>{percentText(now)}</strong>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={name}>
        <line class="own" x1={x(runEta)} x2={x(runEta)} y1={0} y2={HEIGHT} />
        <path d={`M${curve.map(([tried, share]) => `${x(tried)},${y(share)}`).join('L')}`} />
        <line class="now" x1={x(eta)} x2={x(eta)} y1={0} y2={HEIGHT} />
      </svg>
      <span class="top" aria-hidden="true">
        {percentText(top)}
      </span>
      <div class="ends" aria-hidden="true">
        <span>η 0, 0%</span>
        <span>{`dashed line: η of the run (${plain(runEta, 2)})`}</span>
        <span>{plain(most, 2)}</span>
      </div>
    </figure>
  );
}

interface WhatIfProps {
  model: TraceModel;
  config: WhatIfConfig;
  traced: TrainedPair;
}

type WholeRun =
  | { state: 'idle' }
  | { state: 'running'; share: number; stop: AbortController }
  | { state: 'failed'; why: string };

/** Controls for changed settings, which the trainer's own code applies to the stored completions. */
export function WhatIf({ model, config, traced }: WhatIfProps) {
  const { changes, subject, step, whatIfRun } = model.state;
  const { after } = model;
  const [whole, setWhole] = useState<WholeRun>({ state: 'idle' });
  const pane = useRef<HTMLElement>(null);
  const changed = Object.keys(changes).length > 0;
  // Show the report of the whole run instead of the curve of a single step, so that the settings remain visible.
  const reported = whole.state === 'idle' && changed ? whatIfRun : null;
  const set = (name: string, value: number | string, inRun: number | string) => {
    const others = Object.entries(changes).filter(([other]) => other !== name);
    model.update({ changes: Object.fromEntries(value === inRun ? others : [...others, [name, value]]) });
  };
  const ofPenalty = (changes.coupling ?? config.coupling.mode ?? 'penalty') === 'penalty';
  // The view penalty depends on the difference between the views of a pair.
  const isPenalised = ofPenalty && step?.pairs.some(({ views }) => views.length > 1);
  // Additional settings exist only for a view penalty. A run with partners drawn for one mode has no other mode.
  const shown = model.settings.filter(
    (setting) =>
      setting.path[0] !== 'coupling' ||
      (setting.name === 'coupling' ? setting.kind === 'choice' && setting.choices.length > 1 : ofPenalty),
  );
  const ask = async () => {
    const stop = new AbortController();
    // The progress and the result stand at the top, the button at the foot.
    pane.current?.scrollTo({ top: 0 });
    setWhole({ state: 'running', share: 0, stop });
    try {
      const report = await model.host.call(
        'whatIfRun',
        { run: subject!.run, changes },
        {
          signal: stop.signal,
          onProgress: (share) => setWhole({ state: 'running', share, stop }),
        },
      );
      model.update({ whatIfRun: { report, changes } });
      setWhole({ state: 'idle' });
    } catch (error) {
      setWhole(stop.signal.aborted ? { state: 'idle' } : { state: 'failed', why: (error as Error).message });
    }
  };
  return (
    <section class="what-if stack" aria-label="What-if analysis" ref={pane}>
      <div class="what-if-head">
        <h2>What-if analysis</h2>
        <span class="quiet" role="status">
          {changed ? pairText(traced, after) : 'Settings applied to stored completions'}
        </span>
      </div>
      {whole.state === 'running' && (
        <div class="progress">
          <progress aria-label="Steps of the run" value={whole.share} />
          <Button onClick={() => whole.stop.abort()}>Cancel</Button>
        </div>
      )}
      {whole.state === 'failed' && <p role="alert">{whole.why}</p>}
      {reported && (
        <Report
          report={reported.report}
          outdated={JSON.stringify(reported.changes) !== JSON.stringify(changes)}
        />
      )}
      <div class="what-if-body stack">
        {step && isPenalised && !reported && (
          <EtaPlot step={step.pairs} config={config} changes={changes} settings={model.settings} />
        )}
        <div class="settings">
          {shown.map((setting) => {
            const value = changes[setting.name] ?? setting.inRun;
            const give = (to: number | string) => set(setting.name, to, setting.inRun);
            return setting.kind === 'number' ? (
              <Slider setting={setting} value={Number(value)} set={give} />
            ) : (
              <Choice setting={setting} value={String(value)} set={give} />
            );
          })}
        </div>
        {changes.coupling === 'joint' && config.coupling.mode !== 'joint' && (
          <p class="quiet">
            The run did not record the agreement of views, so two correct answers count as agreeing.
          </p>
        )}
        {changes.mode === 'refill' && <p class="quiet">The replacements for dropped pairs are unknown.</p>}
      </div>
      <Actions model={model} busy={whole.state === 'running'} wholeRun={() => void ask()} />
    </section>
  );
}

const EFFECTS_ON_SIGN = [
  ['reversed', 'has a flipped sign', 'have a flipped sign'],
  ['silenced', 'is zeroed', 'are zeroed'],
  ['woken', 'is activated', 'are activated'],
] as const;

/** Returns a text about the effect of the changed settings on the displayed pair. */
function pairText(traced: TrainedPair, after: TrainedPair | null): string {
  if (!after) return 'Reading the step…';
  const signs = signChanges(traced, after).flat();
  const count = (kind: string) => signs.filter((sign) => sign === kind).length;
  const parts = EFFECTS_ON_SIGN.flatMap(([kind, one, many]) =>
    count(kind) > 0 ? [`${count(kind)} ${count(kind) === 1 ? one : many}`] : [],
  );
  if (parts.length === 0) return 'No advantage of this pair changes sign.';
  return `Of the ${several(signs.length, 'advantage')} of this pair, ${parts.join(', ')}.`;
}

interface FieldProps<K extends Setting['kind']> {
  setting: Extract<Setting, { kind: K }>;
  value: Extract<Setting, { kind: K }>['inRun'];
  set: (value: number | string) => void;
}

/** Slider with a field for exact values. Marks on the slider show the run's value and the papers' values. */
function Slider({ setting, value, set }: FieldProps<'number'>) {
  const { name, label, min, max, step, paper, inRun } = setting;
  const placeOn = (mark: number) => (mark - min) / (max - min);
  const marks = [...new Set([...paper, inRun])].filter((mark) => mark >= min && mark <= max);
  const title = (mark: number) =>
    [mark === inRun && 'run', paper.includes(mark) && 'paper'].filter(Boolean).join(' and ');
  return (
    <div class={`setting${value === inRun ? '' : ' changed'}`}>
      <label for={`setting-${name}`}>{label}</label>
      <input
        class="exact"
        type="number"
        aria-label={`${label}, exact value`}
        step="any"
        value={value}
        onChange={({ currentTarget }) => {
          const number = currentTarget.valueAsNumber;
          if (Number.isFinite(number) && number >= 0) set(number);
          else currentTarget.value = String(value);
        }}
      />
      <Range id={`setting-${name}`} {...{ min, max, step, value, set }} />
      <div class="marks">
        {marks.map((mark) => (
          <button
            type="button"
            class={paper.includes(mark) ? 'paper' : ''}
            style={{ '--at': placeOn(mark) }}
            title={`${mark}: ${title(mark)} value`}
            aria-label={`${label}: ${mark}, ${title(mark)} value`}
            onClick={() => set(mark)}
          >
            {mark}
          </button>
        ))}
      </div>
    </div>
  );
}

function Choice({ setting, value, set }: FieldProps<'choice'>) {
  const { name, label, choices, names, paper, inRun } = setting;
  const textOf = (choice: string) => {
    const notes = [choice === inRun && 'run', choice === paper && 'paper'].filter(Boolean).join(', ');
    return `${names?.[choice] ?? choice}${notes && ` (${notes})`}`;
  };
  return (
    <div class={`setting${value === inRun ? '' : ' changed'}`}>
      <Dropdown
        id={`setting-${name}`}
        label={label}
        options={choices.map((choice) => [choice, textOf(choice)])}
        value={value}
        set={set}
      />
    </div>
  );
}

/** Report of the differences in the advantages of a whole run. */
function Report({ report, outdated }: { report: WhatIfReport; outdated: boolean }) {
  const { signs, groups, kept, coupled, effects, penalised, completions, pairs, steps } = report;
  const all = { before: groups, after: groups };
  type Row = [name: string, title: string, count: typeof kept, total: typeof kept];
  const rows: Row[] = [
    ['Groups used for training', '', kept, all],
    ...EFFECTS.map((effect): Row => [`Effect: ${effect}`, EFFECT_WORDS[effect], effects[effect], coupled]),
    ...Object.entries(penalised).map(([view, pairs]): Row => [
      `${isViewId(view) ? viewOf(view).label : view} penalised`,
      '',
      pairs,
      coupled,
    ]),
  ];
  return (
    <div class={`report${outdated ? ' outdated' : ''}`} role="status">
      {outdated && <p class="quiet">These values are outdated, because the settings changed.</p>}
      <p>
        {`Of ${thousands(completions)} advantages (${thousands(pairs)} pairs in ${steps} traced steps), `}
        <strong>{`${share(signs.reversed, completions)} have a flipped sign`}</strong>
        {`, ${share(signs.silenced, completions)} are zeroed, ${share(signs.woken, completions)} are activated.`}
      </p>
      <details>
        <summary>Groups and effects</summary>
        <table>
          <thead>
            <tr>
              <td />
              <th scope="col">Run</th>
              <th scope="col">Recomputed</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, title, count, total]) => (
              <tr>
                <th scope="row" title={title}>
                  {name}
                </th>
                <Bar count={count.before} total={total.before} />
                <Bar count={count.after} total={total.after} />
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  );
}

function Bar({ count, total }: { count: number; total: number }) {
  return (
    <td
      class="share-bar"
      style={{ '--share': total === 0 ? 0 : count / total }}
      title={`${thousands(count)} of ${thousands(total)}`}
    >
      {partOf(count, total)}
    </td>
  );
}

const share = (n: number, total: number) => `${thousands(n)} (${partOf(n, total)})`;
