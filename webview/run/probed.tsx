import { useState } from 'preact/hooks';
import type { ShownProbe } from '../../src/core/insight/insight-files.ts';
import { layerText, placeText } from '../../src/core/insight/probe-row.ts';
import { balanceText, type ProbeDifference } from '../../src/core/insight/probe.ts';
import { fixed, percent, UNKNOWN, withInterval } from '../../src/core/labels.ts';
import { groupBy } from '../../src/core/metrics/scored-row.ts';
import { ORIGINAL, viewOf } from '../../src/core/views/list.ts';
import { Heads } from '../ui/columns.tsx';
import { Dropdown } from '../ui/controls.tsx';
import type { OpenRow } from './panel-state.ts';
import { LayerChart } from './layer-chart.tsx';
import { MOST_ROWS, Scrollable } from './numbers.tsx';

type Figure = ShownProbe['figures'][number];
type Test = Figure['test'];

/** A column of the table and a line of the chart. */
interface Kind {
  label: string;
  train: Figure['train'];
  test: Test;
  control: Figure['control'];
}

/**
 * What probes read off hidden states, by layer and beside their controls, and the rows on which probe and answer
 * differ.
 */
export function Probed({ results, open }: { results: readonly ShownProbe[]; open: OpenRow }) {
  const [target, setTarget] = useState(results[0]?.target);
  const result = results.find((one) => one.target === target);
  if (!result) return <p class="instead">No fact has enough rows to be read.</p>;
  return (
    <>
      <div class="inside-controls">
        <Dropdown
          label="Fact"
          value={result.target}
          set={(one) => setTarget(one as typeof target)}
          options={results.map((one) => [one.target, one.target])}
        />
      </div>
      <Fact key={result.target} result={result} />
      {result.labels && (
        <>
          <Differences
            title="Knows but does not say: read rightly, answered wrong"
            rows={result.knows}
            open={open}
          />
          <Differences
            title="Says but is not read: answered rightly, read wrong"
            rows={result.says}
            open={open}
          />
        </>
      )}
    </>
  );
}

const viewName = (test: Test): string => (test === 'all views' ? 'All views' : viewOf(test).label);

/** The columns that a result has, in the order of the table. */
function kindsOf(figures: readonly Figure[]): Kind[] {
  const kinds = figures.map(({ train, test, control }): Kind => {
    const on = train === 'originals' ? 'Trained on originals: ' : '';
    return { train, test, control, label: control === null ? `${on}${viewName(test)}` : nameOf[control] };
  });
  const wanted = kinds.filter(({ train, test, control }) =>
    control !== null
      ? test === 'all views'
      : train === 'all views' || (test !== 'all views' && test !== ORIGINAL),
  );
  const order = ({ train, control }: Kind) => (control !== null ? 2 : train === 'originals' ? 1 : 0);
  const once = [...groupBy(wanted, ({ label }) => label).values()].map(([first]) => first!);
  return once.sort((a, b) => order(a) - order(b));
}

const nameOf = { shuffled: 'Shuffled labels', blind: 'Without the picture', 'row alone': 'Row alone' };

/** What is read of a fact at one position, by layer. */
function Fact({ result }: { result: ShownProbe }) {
  const { figures, best, labels } = result;
  const [position, setPosition] = useState(best.position);
  const all: readonly Figure[] = figures;
  const here = all.filter((one) => one.position === position);
  const layers = [...new Set(here.map(({ layer }) => layer))].sort((a, b) => a - b);
  const kinds = kindsOf(here);
  const at = (layer: number, { train, test, control }: Kind): Figure | undefined =>
    here.find(
      (one) => one.layer === layer && one.train === train && one.test === test && one.control === control,
    );
  const say = labels ? percent : (value: number) => fixed(value, 2);
  /** The share of the commoner label among the rows of a view, which may have other labels than all views together. */
  const chanceOf = (test: Test): number | undefined =>
    here.flatMap((one) => ('chance' in one && one.test === test ? one.chance : []))[0];
  const chance = chanceOf('all views');
  const tests = [...new Set(kinds.map(({ test }) => test))].filter((test) => chanceOf(test) !== chance);
  const said = labels ? result.said : [];
  const level = (label: string, value: number | null) => ({ label, values: [value], level: true });
  const lines = [
    ...kinds
      // The mean of both views is in the table.
      .filter(({ test, control }, _, { length }) => control !== null || test !== 'all views' || length === 1)
      .map((kind) => ({ label: kind.label, values: layers.map((layer) => at(layer, kind)?.value ?? null) })),
    ...(chance === undefined ? [] : [level('Chance', chance)]),
    ...[...groupBy(tests, (test) => `${chanceOf(test)}`).values()].map((of) =>
      level(`Chance, ${of.map(viewName).join(' and ')}`, chanceOf(of[0]!)!),
    ),
    ...said.map(({ view, value }) => level(`Its answers, ${viewOf(view).label}`, value)),
  ];
  const title = labels
    ? `${result.target}, ${labels.join(' or ')}: read rightly, %`
    : `${result.target}: R², 1 is exact${result.target === 'count' ? '; in brackets, right when rounded, %' : ''}`;
  const places = [...new Set(all.map((one) => one.position))];
  return (
    <>
      <div class="inside-controls">
        <Dropdown
          label="Read at"
          value={position}
          set={setPosition}
          options={places.map((one) => [one, one])}
        />
        <p class="quiet">
          Read best at: {placeText(best)}; {here[0]?.n ?? 0} examples. {labels && balanceText(result)}
        </p>
      </div>
      <LayerChart
        label={title}
        layers={layers.map((layer) => layerText({ layer }))}
        lines={lines}
        say={say}
      />
      <Scrollable label={title}>
        <caption>{title}</caption>
        <Heads of={['After layer', ...kinds.map(({ label }) => label)]} />
        <tbody>
          {layers.map((layer) => (
            <tr key={layer}>
              <th scope="row">{layerText({ layer })}</th>
              {kinds.map((kind) => (
                <td key={kind.label}>{textOf(at(layer, kind), say)}</td>
              ))}
            </tr>
          ))}
          {chance !== undefined && (
            <tr>
              <th scope="row">By chance</th>
              {kinds.map(({ label, test }) => (
                <td key={label}>{percent(chanceOf(test)!)}</td>
              ))}
            </tr>
          )}
        </tbody>
      </Scrollable>
      {said.length > 0 && (
        <p>
          Its own answers, right:{' '}
          {said.map((one) => `${viewOf(one.view).label} ${textOf(one, percent)} of ${one.n}`).join(', ')}
        </p>
      )}
    </>
  );
}

function textOf(
  figure: { value: number | null; interval?: [number, number]; rounded?: number | null } | undefined,
  say: (value: number) => string,
): string {
  if (!figure) return UNKNOWN;
  return `${withInterval(figure, say)}${figure.rounded == null ? '' : ` (${percent(figure.rounded)})`}`;
}

/** Rows on which the best probe and the answer differ; a click opens one in the Pair panel. */
function Differences(props: { title: string; rows: readonly ProbeDifference[]; open: OpenRow }) {
  const { title, rows, open } = props;
  if (rows.length === 0) return <p class="quiet">{title}: no row.</p>;
  return (
    <Scrollable label={title}>
      <caption>
        {title}: {rows.length} {rows.length === 1 ? 'row' : 'rows'}
        {rows.length > MOST_ROWS && `, the first ${MOST_ROWS}`}
      </caption>
      <Heads of={['Row', 'View', 'Read', 'Answered', 'Certainty']} />
      <tbody>
        {rows.slice(0, MOST_ROWS).map(({ id, view, read, certainty, answer, reference }) => (
          <tr key={`${id} ${view}`}>
            <th scope="row">
              <button type="button" class="link" onClick={() => open(id)}>
                {id}
              </button>
            </th>
            <td class="words">{viewOf(view).label}</td>
            <td class="words">{read}</td>
            <td class="words">
              {answer === reference ? `✓ ${answer}` : `✗ ${answer || 'none'}, ${reference} is right`}
            </td>
            <td>{fixed(certainty, 2)}</td>
          </tr>
        ))}
      </tbody>
    </Scrollable>
  );
}
