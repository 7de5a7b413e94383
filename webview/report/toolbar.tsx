import type { ComponentChildren } from 'preact';
import { metricLabel } from '../../src/core/labels.ts';
import type { ReportAnswer, ReportChoices } from '../../src/core/protocol/report-panel.ts';
import type { ReportDocument } from '../../src/core/reports/document.ts';
import { PUBLISHED_SETS, type PublishedSet } from '../../src/core/reports/published/table.ts';
import { exportReport, FORMATS } from './export.ts';
import { documentOf, type Actions } from './panel-state.ts';

const ONE_EACH = 'No run has several checkpoints that were evaluated';

interface Props {
  answer: ReportAnswer;
  choices: ReportChoices;
  runs: string[] | null;
  actions: Actions;
}

export function Toolbar({ answer, choices, runs, actions: { host, choose } }: Props) {
  const { evaluations, metrics, subjects } = answer;
  const [first, second] = choices.compare ?? ['', ''];
  const choosable = metrics.length > 0;
  const compare = (a: string, b: string) => choose({ compare: a === '' && b === '' ? null : [a, b] });
  return (
    <header>
      <button type="button" onClick={() => host.notify('chooseRuns', null)}>
        {runs ? `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}` : 'All runs'}…
      </button>
      <Choice
        label="Checkpoints"
        title={choosable ? 'Of each run, those in the tables' : ONE_EACH}
        disabled={!choosable}
        value={choices.checkpoints}
        set={(checkpoints) => choose({ checkpoints: checkpoints as ReportChoices['checkpoints'] })}
      >
        <option value="last">the last</option>
        <option value="best">the best</option>
        <option value="all">all</option>
      </Choice>
      <Choice
        label="by"
        title={choosable ? 'By which metric checkpoints are compared' : ONE_EACH}
        disabled={!choosable}
        value={choices.metric}
        set={(metric) => choose({ metric })}
      >
        {[...new Set([...metrics, choices.metric])].map((name) => (
          <option key={name} value={name}>
            {metricLabel(name)}
          </option>
        ))}
      </Choice>
      <Choice
        label="Base"
        title="The model that relative OOD changes are told of"
        disabled={subjects.length === 0}
        value={choices.base ?? ''}
        set={(base) => choose({ base: base === '' ? null : base })}
      >
        <option value="">none</option>
        {subjects.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </Choice>
      {evaluations.length > 1 && (
        <span class="compare">
          <Choice label="Compare" title="Row by row" value={first} set={(a) => compare(a, second)}>
            <Evaluations of={evaluations} />
          </Choice>
          <Choice label="with" title="Row by row" value={second} set={(b) => compare(first, b)}>
            <Evaluations of={evaluations} />
          </Choice>
        </span>
      )}
      <ExportTools document={documentOf(answer)} host={host} />
    </header>
  );
}

/** Saves the whole report. */
export const ExportTools = ({ document, host }: { document: ReportDocument; host: Actions['host'] }) => (
  <span class="tools" role="group" aria-label="Export">
    {Object.keys(FORMATS).map((format) => (
      <button
        key={format}
        type="button"
        title={`Save the report as ${format}`}
        onClick={() => void exportReport(document, format as keyof typeof FORMATS, host)}
      >
        {format}
      </button>
    ))}
  </span>
);

const Evaluations = ({ of }: { of: ReportAnswer['evaluations'] }) => (
  <>
    <option value="">nothing</option>
    {of.map(({ key, name }) => (
      <option key={key} value={key}>
        {name}
      </option>
    ))}
  </>
);

interface ChoiceProps {
  label: string;
  title: string;
  value: string;
  disabled?: boolean;
  set: (value: string) => void;
  children: ComponentChildren;
}

const Choice = ({ label, title, value, disabled, set, children }: ChoiceProps) => (
  <label title={title}>
    {label}{' '}
    <select
      aria-label={label}
      value={value}
      disabled={disabled}
      onChange={({ currentTarget }) => set(currentTarget.value)}
    >
      {children}
    </select>
  </label>
);

/** Says which own sets are sets of the papers. */
export function SetMap({
  answer: { sets, map },
  actions: { choose },
}: {
  answer: ReportAnswer;
  actions: Actions;
}) {
  if (sets.length === 0) return null;
  return (
    <fieldset class="map">
      <legend>Your sets</legend>
      {sets.map((set) => (
        <Choice
          key={set}
          label={`${set} is`}
          title="A subset, or another split, makes figures incomparable"
          value={map[set] ?? ''}
          set={(published) => {
            const all: Record<string, PublishedSet | ''> = { ...map, [set]: published as PublishedSet | '' };
            choose({ map: all });
          }}
        >
          <option value="">none of the papers'</option>
          {Object.entries(PUBLISHED_SETS).map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Choice>
      ))}
    </fieldset>
  );
}
