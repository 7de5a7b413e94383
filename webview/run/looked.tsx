import { AMONG, type Among, type Role, ROLES, throughTitle } from '../../src/core/insight/set-names.ts';
import { useState } from 'preact/hooks';
import { type SetFigure } from '../../src/core/insight/set-figures.ts';

import type { LookedRow, LookedSet } from '../../src/core/protocol/insights.ts';
import { viewOf, type ViewId } from '../../src/core/views/list.ts';
import { fixed, percent, UNKNOWN } from '../../src/core/labels.ts';
import { Heads } from '../ui/columns.tsx';
import { Dropdown } from '../ui/controls.tsx';
import { HeatCell, MOST_ROWS, Scrollable, WithInterval } from './numbers.tsx';
import { Beside } from './beside.tsx';
import type { Result } from './look-names.ts';
import type { Host, OpenRow, OpenRun } from './panel-state.ts';
import { ThroughLayers } from './through-layers.tsx';

interface Props {
  set: LookedSet;
  open: OpenRow;
  /** The set among the panel's results, for what can stand beside it. */
  result: Result;
  results: readonly Result[];
  runs: readonly OpenRun[];
  host: Host;
}

/** Where the model looked when it answered the rows of a set. */
export function Looked({ set, open, result, results, runs, host }: Props) {
  const { figures, rows, layers, unreadable } = set;
  const views = [...new Set(rows.map((row) => row.view))];
  const verdicts = AMONG.filter((among) => among === 'all' || rows.some(({ verdict }) => verdict === among));
  const [view, setView] = useState<ViewId>(views[0]!);
  const [among, setAmong] = useState<Among>('all');
  const [layer, setLayer] = useState(Math.max(0, layers.length - 2));
  const mine = figures.filter((one) => one.view === view);
  const of = rows.filter((row) => row.view === view && (among === 'all' || row.verdict === among));
  return (
    <>
      <p class="quiet">
        {rows.length} answers.{unreadable > 0 && ` ${unreadable} lines of rows.jsonl cannot be read.`}
      </p>
      <div class="inside-controls" role="group" aria-label="What is shown">
        <Dropdown
          label="View"
          value={view}
          set={setView}
          options={views.map((one) => [one, viewOf(one).label])}
        />
        <Dropdown
          label="Answers"
          value={among}
          set={(one) => setAmong(one as Among)}
          options={verdicts.map((one) => [one, one])}
        />
        <Dropdown
          label="Layer of the rows"
          value={`${layer}`}
          set={(one) => setLayer(Number(one))}
          options={layers.map((number, at) => [`${at}`, `${number}`])}
        />
      </div>
      <Beside base={result} {...{ results, runs, host }}>
        <ThroughLayers looks={['']} figures={throughOf(figures.filter((one) => one.among === among))} />
      </Beside>
      <Masses figures={mine.filter((one) => one.among === among)} layers={layers} />
      <LiftOfHeads figures={set.heads.filter((one) => one.view === view)} layers={layers} />
      <Hidden figures={mine.filter((one) => one.among === among)} />
      <Rows rows={of} layer={layer} open={open} />
    </>
  );
}

/** The figures that can be followed through the layers. */
const throughOf = (figures: readonly SetFigure[]) =>
  figures.flatMap((one) =>
    one.layer === null || throughTitle(one) === null
      ? []
      : [{ ...one, layer: one.layer, look: '', mean: one, change: null }],
  );

const nameOf = ({ figure, of }: SetFigure): string | null =>
  figure === 'picture' ? 'picture' : figure === 'mass' || figure === 'source' ? of : null;

/** Shares of the answer's attention by layer: on the picture, of that on objects, and on parts of the text. */
function Masses({ figures, layers }: { figures: readonly SetFigure[]; layers: readonly number[] }) {
  const names = new Set(figures.flatMap((one) => nameOf(one) ?? []));
  const order = ['picture', ...ROLES].filter((name) => names.has(name));
  const columns = [...order, ...[...names].filter((name) => !order.includes(name))];
  if (columns.length === 0) return <p class="instead">No row has this verdict.</p>;
  return (
    <Scrollable label="Attention of the answer by layer">
      <caption>
        Attention of the answer, %: on the picture, of that on objects, and on parts of the text
      </caption>
      <Heads of={['Layer', ...columns]} />
      <tbody>
        {layers.map((layer) => (
          <tr key={layer}>
            <th scope="row">{layer}</th>
            {columns.map((column) => {
              const at = figures.filter((one) => one.layer === layer);
              return (
                <Share
                  key={column}
                  figure={at.find((one) => nameOf(one) === column)}
                  lift={at.find((one) => one.figure === 'lift' && one.of === column)?.value ?? null}
                />
              );
            })}
          </tr>
        ))}
      </tbody>
    </Scrollable>
  );
}

function Share({ figure, lift }: { figure: SetFigure | undefined; lift: number | null }) {
  if (figure?.value == null) return <td>{UNKNOWN}</td>;
  return (
    <td>
      <WithInterval figure={figure} text={percent} />
      {lift !== null && ` (${fixed(lift, 1)}×)`}
      <meter min={0} max={1} value={figure.value} aria-hidden="true" />
    </td>
  );
}

/** Layers × heads: how much more than chance the answer looks at objects. */
function LiftOfHeads({ figures, layers }: { figures: readonly SetFigure[]; layers: readonly number[] }) {
  const roles = ROLES.filter((role) => figures.some(({ of }) => of === role));
  const [chosen, choose] = useState<Role>(roles[0] ?? 'other');
  const role = roles.includes(chosen) ? chosen : roles[0];
  if (role === undefined) return null;
  const mine = figures.filter(({ of }) => of === role);
  const heads = [...new Set(mine.flatMap(({ head }) => head ?? []))].sort((a, b) => a - b);
  const most = Math.max(...mine.map(({ value }) => value ?? 0));
  return (
    <>
      <Dropdown
        label="Heads that look at"
        value={role}
        set={(one) => choose(one as Role)}
        options={roles.map((one) => [one, one])}
      />
      <Scrollable label="Layers by heads">
        <caption>Layers × heads: attention of the answer on “{role}”, times chance; all answers</caption>
        <Heads of={['Layer', ...heads.map((head) => `Head ${head}`)]} />
        <tbody>
          {layers.map((layer) => (
            <tr key={layer}>
              <th scope="row">{layer}</th>
              {heads.map((head) => {
                const value = mine.find((one) => one.layer === layer && one.head === head)?.value ?? null;
                return (
                  <HeatCell key={head} share={most > 0 ? (value ?? 0) / most : 0}>
                    {fixed(value, 2)}
                  </HeatCell>
                );
              })}
            </tr>
          ))}
        </tbody>
      </Scrollable>
    </>
  );
}

/** How often the right answer is the likeliest, with the whole input and with parts of it hidden. */
function Hidden({ figures }: { figures: readonly SetFigure[] }) {
  const likeliest = figures.filter(({ figure }) => figure === 'likeliest');
  const last = Math.max(...likeliest.map(({ layer }) => layer ?? -1));
  const shown = likeliest.filter(({ layer }) => layer === null || layer === last);
  if (shown.length === 0) return null;
  return (
    <Scrollable label="How often the right answer is the likeliest">
      <caption>How often the right answer is the likeliest, %</caption>
      <Heads of={['Hidden', 'Rows right', 'Rows']} />
      <tbody>
        {shown.map((figure) => (
          <tr key={figure.of}>
            <th scope="row">{figure.of?.replace(/^without /, '') ?? 'nothing'}</th>
            <Share figure={figure} lift={null} />
            <td>{figure.n}</td>
          </tr>
        ))}
      </tbody>
    </Scrollable>
  );
}

/** The rows; a click opens one in the Pair panel. */
function Rows({ rows, layer, open }: { rows: readonly LookedRow[]; layer: number; open: OpenRow }) {
  const roles = ROLES.filter((role) => rows.some(({ masses }) => masses.some((one) => one.role === role)));
  return (
    <Scrollable label="Rows">
      <caption>
        {rows.length > MOST_ROWS ? `The first ${MOST_ROWS} of ${rows.length} rows` : `${rows.length} rows`},
        with the answer’s attention on objects, %
      </caption>
      <Heads of={['Row', 'Question', 'Answer', 'Verdict', ...roles]} />
      <tbody>
        {rows.slice(0, MOST_ROWS).map(({ id, question, answer, reference, verdict, masses }) => (
          <tr key={id}>
            <th scope="row">
              <button type="button" class="link" onClick={() => open(id)}>
                {id}
              </button>
            </th>
            <td class="words" dir="auto">
              {question}
            </td>
            <td class="words" dir="auto">
              {answer || 'none'}
            </td>
            <td class="words">
              {verdict === null
                ? ''
                : verdict === 'right'
                  ? '✓ right'
                  : `✗ ${verdict}, ${reference} is right`}
            </td>
            {roles.map((role) => {
              const mass = masses.find((one) => one.role === role)?.byLayer[layer];
              return <td key={role}>{percent(mass)}</td>;
            })}
          </tr>
        ))}
      </tbody>
    </Scrollable>
  );
}
