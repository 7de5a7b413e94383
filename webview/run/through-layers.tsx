import { useState } from 'preact/hooks';
import { ROLES, throughTitle } from '../../src/core/insight/set-names.ts';
import type { ThroughFigure } from '../../src/core/insight/compare-looks.ts';
import { fixed, percent } from '../../src/core/labels.ts';
import { viewOf } from '../../src/core/views/list.ts';
import { Heads } from '../ui/columns.tsx';
import { Dropdown } from '../ui/controls.tsx';
import { LayerChart } from './layer-chart.tsx';
import { Scrollable, WithInterval } from './numbers.tsx';

type Drawn = Pick<ThroughFigure, 'figure' | 'of' | 'view' | 'layer' | 'look'> &
  Record<'mean' | 'change', { value: number | null; interval?: [number, number] } | null>;

interface Props {
  /** Names of the looks; '' for one that is alone. */
  looks: readonly string[];
  figures: readonly Drawn[];
}

const ORDER = ['odds', 'likeliest', 'picture', 'mass', 'source'];

/** A figure by layer, with a line for each view of each look: views by colour, looks by dash. */
export function ThroughLayers({ looks, figures }: Props) {
  const titles = new Map(figures.map((one) => [throughTitle(one)!, one]));
  const rank = ({ figure, of }: Drawn) =>
    10 * ORDER.indexOf(figure) + ROLES.indexOf(of as (typeof ROLES)[number]);
  const inOrder = [...titles].sort(([, a], [, b]) => rank(a) - rank(b)).map(([title]) => title);
  const [chosen, choose] = useState(inOrder[0] ?? '');
  const title = titles.has(chosen) ? chosen : inOrder[0];
  if (title === undefined) return null;
  const mine = figures.filter((one) => throughTitle(one) === title);
  const layers = [...new Set(figures.map(({ layer }) => layer))].sort((a, b) => a - b);
  const views = [...new Set(mine.map(({ view }) => view))];
  const lines = views.flatMap((view, v) =>
    looks.map((look, l) => ({
      label: [look, viewOf(view).label].filter(Boolean).join(', '),
      look,
      through: layers.map((layer) =>
        mine.find((one) => one.view === view && one.layer === layer && one.look === look),
      ),
      ink: { colour: v, dash: looks.length > 1 ? l : v },
    })),
  );
  const columns = lines.flatMap(({ label, look, through }) => [
    { label, figures: through.map((one) => one?.mean) },
    ...(look === looks[0] ? [] : [{ label: `${label}: change`, figures: through.map((one) => one?.change) }]),
  ]);
  const say = (value: number) => (title.includes('%') ? percent(value) : fixed(value, 2));
  return (
    <>
      <Dropdown
        label="Through the layers"
        value={title}
        set={choose}
        options={inOrder.map((one) => [one, one])}
      />
      <LayerChart
        label={title}
        layers={layers}
        lines={lines.map(({ through, ...line }) => ({
          ...line,
          values: through.map((one) => one?.mean?.value ?? null),
        }))}
        say={say}
      />
      <Scrollable label={`Through the layers: ${title}`}>
        <caption>{title}</caption>
        <Heads of={['Layer', ...columns.map(({ label }) => label)]} />
        <tbody>
          {layers.map((layer, at) => (
            <tr key={layer}>
              <th scope="row">{layer}</th>
              {columns.map(({ label, figures: through }) => (
                <td key={label}>
                  <WithInterval figure={through[at] ?? undefined} text={say} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </Scrollable>
    </>
  );
}
