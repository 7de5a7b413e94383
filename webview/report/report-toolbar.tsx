import { several } from '../../src/base/format.ts';
import type { Channel } from '../../src/base/channel.ts';
import { metricLabel } from '../../src/base/labels.ts';
import type { ReportAnswer, ReportChoices, ReportHost } from '../../src/panels/report/report.contract.ts';
import type { ReportDocument } from '../../src/core/reports/document.ts';
import { PUBLISHED_SETS, type PublishedSet } from '../../src/core/reports/published/table.ts';
import { Button, Checkbox, Dropdown, Menu } from '../ui/controls.tsx';
import { exportReport, FORMATS } from './report-export.ts';

/** The actions available to the parts of the page. */
export interface Actions {
  host: Channel<ReportHost>;
  choose: (change: Partial<ReportChoices>) => void;
  /** Begins to judge answers. */
  judge: () => void;
}

/** How many answers a person is asked to judge. */
export const ANSWERS = 40;

/** The whole report, with the comparison after what was found. */
export const documentOf = ({ document, comparison }: ReportAnswer): ReportDocument => ({
  ...document,
  sections: [
    ...document.sections.filter(({ id }) => id === 'outcome'),
    ...(comparison ? [comparison.section] : []),
    ...(comparison?.judged ? [comparison.judged] : []),
    ...document.sections.filter(({ id }) => id !== 'outcome'),
  ],
});

const CHECKPOINTS = [
  ['last', 'the last'],
  ['best', 'the best'],
  ['all', 'all'],
] as const;
const PUBLISHED = [
  ['', "none of the papers'"] as const,
  ...(Object.entries(PUBLISHED_SETS) as [PublishedSet, string][]),
];

interface ToolbarProps {
  answer: ReportAnswer;
  choices: ReportChoices;
  runs: readonly string[] | null;
  actions: Actions;
}

export function Toolbar({ answer, choices, runs, actions: { host, choose, judge } }: ToolbarProps) {
  const { evaluations, metrics, subjects } = answer;
  const [first, second] = choices.compare ?? answer.compare ?? ['', ''];
  return (
    <header>
      <Button onClick={() => host.notify('chooseRuns', null)}>
        {runs ? several(runs.length, 'run') : 'All runs'}…
      </Button>
      {metrics.length > 0 && (
        <>
          <Dropdown
            label="Checkpoints"
            title="Of each run, those in the tables"
            value={choices.checkpoints}
            options={CHECKPOINTS}
            set={(checkpoints) => choose({ checkpoints })}
          />
          <Dropdown
            label="by"
            title="By which metric checkpoints are compared"
            value={choices.metric}
            options={[...new Set([...metrics, choices.metric])].map((name) => [name, metricLabel(name)])}
            set={(metric) => choose({ metric })}
          />
        </>
      )}
      {subjects.length > 1 && (
        <Dropdown
          label="Base"
          title="The model that relative OOD changes are compared with"
          value={choices.base ?? ''}
          options={[['', 'none'], ...subjects]}
          set={(base) => choose({ base: base === '' ? null : base })}
        />
      )}
      {evaluations.length > 1 && (
        <span class="compare">
          {[
            { label: 'Compare', value: first, set: (key: string) => choose({ compare: [key, second] }) },
            { label: 'with', value: second, set: (key: string) => choose({ compare: [first, key] }) },
          ].map((side) => (
            <Dropdown key={side.label} title="Row by row" options={evaluationsOf(evaluations)} {...side} />
          ))}
        </span>
      )}
      {evaluations.length > 0 && (
        <Button title="A person’s judgement of a random sample makes the figures unbiased" onClick={judge}>
          Judge {ANSWERS} Answers…
        </Button>
      )}
      <ExportTools document={documentOf(answer)} host={host} />
    </header>
  );
}

/** Saves the whole report. */
export const ExportTools = ({ document, host }: { document: ReportDocument; host: Actions['host'] }) => (
  <span class="tools" role="group" aria-label="Export">
    <Menu label="Export">
      <div class="items">
        {Object.keys(FORMATS).map((format) => (
          <Button
            key={format}
            title={`Save the report as ${format}`}
            onClick={() => void exportReport(document, format as keyof typeof FORMATS, host)}
          >
            {format}
          </Button>
        ))}
      </div>
    </Menu>
  </span>
);

const evaluationsOf = (evaluations: ReportAnswer['evaluations']): [string, string][] => [
  ['', 'choose…'],
  ...evaluations.map(({ key, name }): [string, string] => [key, name]),
];

/** Lets the user say which own sets are sets of the papers. */
export function SetMap({
  answer: { sets, map },
  choices,
  actions: { choose },
}: {
  answer: ReportAnswer;
  choices: ReportChoices;
  actions: Actions;
}) {
  if (sets.length === 0) return null;
  return (
    <fieldset class="map">
      <legend>Your sets</legend>
      {sets.map((set) => (
        <Dropdown
          key={set}
          label={`${set} is`}
          title="A subset, or another split, makes figures incomparable"
          value={map[set] ?? ''}
          set={(published) => choose({ map: { ...map, [set]: published } })}
          options={PUBLISHED}
        />
      ))}
      <Checkbox checked={choices.published} set={(published) => choose({ published })}>
        All tables and claims of the papers
      </Checkbox>
    </fieldset>
  );
}
