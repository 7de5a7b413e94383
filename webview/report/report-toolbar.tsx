import { several } from '../../src/base/format.ts';
import type { Channel } from '../../src/base/channel.ts';
import { metricLabel } from '../../src/base/labels.ts';
import type { ReportAnswer, ReportChoices, ReportHost } from '../../src/panels/report/report.contract.ts';
import type { ReportDocument } from '../../src/core/reports/document.ts';
import { PUBLISHED_SETS, type PublishedSet } from '../../src/core/reports/published/table.ts';
import { Button, Checkbox, Dropdown, Menu } from '../ui/controls.tsx';
import { exportReport, FORMATS } from './report-export.ts';

/** Actions that the components of the page can call. */
export interface Actions {
  host: Channel<ReportHost>;
  choose: (change: Partial<ReportChoices>) => void;
  judge: () => void;
}

/** Default number of answers that a person rates in one sample. */
export const ANSWERS = 40;

/** Returns the whole report, in which the comparison follows the finding. */
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
  ['last', 'last'],
  ['best', 'best'],
  ['all', 'all'],
] as const;
const PUBLISHED = [
  ['', 'not a published set'] as const,
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
  const metric = choices.metric ?? (metrics.includes('consistent') ? 'consistent' : 'accuracy');
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
            title="Checkpoints of each run shown in the tables"
            value={choices.checkpoints}
            options={CHECKPOINTS}
            set={(checkpoints) => choose({ checkpoints })}
          />
          <Dropdown
            label="Metric"
            title="Metric for comparing checkpoints"
            value={metric}
            options={[...new Set([...metrics, metric])].map((name) => [name, metricLabel(name)])}
            set={(metric) => choose({ metric })}
          />
        </>
      )}
      {subjects.length > 1 && (
        <Dropdown
          label="Base model"
          title="Base model for relative changes on opposite questions (OOD)"
          value={choices.base ?? ''}
          options={[['', 'none'], ...subjects]}
          set={(base) => choose({ base: base === '' ? null : base })}
        />
      )}
      {evaluations.length > 1 && (
        <span class="compare">
          {[
            { label: 'Compare A', value: first, set: (key: string) => choose({ compare: [key, second] }) },
            { label: 'with B', value: second, set: (key: string) => choose({ compare: [first, key] }) },
          ].map((side) => (
            <Dropdown
              key={side.label}
              title="Evaluations that the report compares row by row"
              options={evaluationsOf(evaluations)}
              {...side}
            />
          ))}
        </span>
      )}
      {evaluations.length > 0 && (
        <Button
          title={`Rate a random sample of up to ${ANSWERS} answers, to correct the metrics for scoring errors`}
          onClick={judge}
        >
          Rate Answers…
        </Button>
      )}
      <ExportTools document={documentOf(answer)} host={host} />
    </header>
  );
}

/** Controls that save the whole report. */
export const ExportTools = ({ document, host }: { document: ReportDocument; host: Actions['host'] }) => (
  <span class="tools" role="group" aria-label="Export">
    <Menu label="Export">
      <div class="items">
        {Object.keys(FORMATS).map((format) => (
          <Button
            key={format}
            title={`Save report as ${format}`}
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
  ['', 'select…'],
  ...evaluations.map(({ key, name }): [string, string] => [key, name]),
];

/** Form in which the user maps evaluation sets to published sets. */
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
      <legend>Your evaluation sets</legend>
      {sets.map((set) => (
        <Dropdown
          key={set}
          label={set}
          title="Select the published set with exactly the same rows. Subsets and other splits are not comparable."
          value={map[set] ?? ''}
          set={(published) => choose({ map: { ...map, [set]: published } })}
          options={PUBLISHED}
        />
      ))}
      <Checkbox checked={choices.published} set={(published) => choose({ published })}>
        Show all published tables and claims
      </Checkbox>
    </fieldset>
  );
}
