import { ofRows, thousands } from '../../src/core/labels.ts';
import { useMemo } from 'preact/hooks';
import { Chart } from './chart.tsx';
import { evaluationCurves, type EvaluationSpec } from './evaluations.ts';
import { figure } from './format.ts';
import { Heads } from '../ui/heads.tsx';
import { Scrollable } from './numbers.tsx';
import type { Drawing } from './plot.ts';
import { spanOf } from './x-axis.ts';
import { usePage, type OpenRun } from './panel-state.ts';

interface Props {
  spec: EvaluationSpec;
  runs: OpenRun[];
  pick: (x: number) => void;
}

/** The evaluations of the runs: few points, each with its interval, and the level of chance. */
export function EvaluationChart({ spec, runs, pick }: Props) {
  const { choices, revision } = usePage();
  const { x, range } = choices;
  // One evaluation alone has no area.
  const stacked = spec.stacked === true && runs.some(({ news }) => news.evaluations.length > 1);
  const drawing = useMemo((): Drawing => {
    return {
      ...evaluationCurves(spec, runs, x),
      compared: runs.length > 1,
      stacked,
      shares: stacked,
      log: false,
      axis: x,
      // Points at the ends are not to be cut off.
      range: range ?? (stacked ? spanOf(runs, choices) : widened(spanOf(runs, choices))),
      marks: [],
      dots: !stacked,
    };
  }, [revision, x, range, spec.id]);
  const empty = drawing.curves.every(({ x }) => x.length === 0);
  return (
    <div class="cell">
      <Chart
        {...{ id: spec.id, title: spec.title, about: spec.about, drawing, pick }}
        instead={empty ? <p class="instead">No evaluation has a value for this.</p> : undefined}
        table={<Figures spec={spec} runs={runs} />}
      />
    </div>
  );
}

const widened = ([from, to]: [number, number]): [number, number] => {
  const margin = 0.06 * (to - from || 1);
  return [from - margin, to + margin];
};

const HEADS = ['Step', 'Of', 'Value', '95 % interval', 'Chance', 'Rows', 'Unread'];

function Figures({ spec, runs }: { spec: EvaluationSpec; runs: OpenRun[] }) {
  const rows = runs.flatMap(({ name, news }) =>
    news.evaluations.flatMap(({ place, figures }) =>
      figures.flatMap((found) => {
        const label = spec.line(found);
        return label === null ? [] : [{ name, label, step: place.step, ...found }];
      }),
    ),
  );
  // Most evaluations judge every answer.
  const lacking = rows.some(({ not_judged: none }) => none !== undefined);
  const heads = lacking ? [...HEADS, 'Not judged'] : HEADS;
  return (
    <Scrollable label={spec.title}>
      <Heads of={runs.length > 1 ? ['Run', ...heads] : heads} />
      <tbody>
        {rows.map(({ name, label, step, value, interval, chance, chance_n, n, unparsed, not_judged }) => (
          <tr key={`${name} ${step} ${label}`}>
            {runs.length > 1 && <th scope="row">{name}</th>}
            <td>{thousands(step)}</td>
            <td class="word">{label}</td>
            <td>{figure(value)}</td>
            <td>{interval ? `${figure(interval[0])} – ${figure(interval[1])}` : '–'}</td>
            <td>{ofRows(figure(chance), chance_n)}</td>
            <td>{thousands(n)}</td>
            <td>{unparsed ?? '–'}</td>
            {lacking && <td>{not_judged ?? '–'}</td>}
          </tr>
        ))}
      </tbody>
    </Scrollable>
  );
}
