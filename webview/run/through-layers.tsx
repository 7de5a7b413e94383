import { useState } from 'preact/hooks';
import { type Among, ROLES } from '../../src/core/insight/set-names.ts';
import type { SetFigure } from '../../src/core/insight/set-figures.ts';
import type { LookedSet } from '../../src/core/protocol/insights.ts';
import { fixed, percent } from '../../src/core/labels.ts';
import { viewOf } from '../../src/core/spatial/views/list.ts';
import { Heads } from '../ui/columns.tsx';
import { Dropdown } from '../ui/controls.tsx';
import { LayerChart } from './layer-chart.tsx';
import { Scrollable, WithInterval } from './numbers.tsx';

/** The figures that are drawn by layer, with their names. */
const DRAWN: Partial<Record<SetFigure['figure'], (of: string | null) => string>> = {
  odds: () => 'Log-odds of the right answer',
  likeliest: () => 'Right answer the likeliest, %',
  picture: () => 'Attention on the picture, %',
  mass: (of) => `Attention on ${of}, % of that on the picture`,
};

const nameOf = ({ figure, of, layer }: SetFigure): string | null =>
  layer === null ? null : (DRAWN[figure]?.(of) ?? null);

interface Props {
  /** The sets of one run or several. */
  sets: readonly { run: string; set: LookedSet }[];
  among: Among;
}

/** A figure by layer, with a line for each view of each run. */
export function ThroughLayers({ sets, among }: Props) {
  const figures = sets.map(({ set }) => set.figures.filter((one) => one.among === among));
  const names = [...new Set(figures.flat().flatMap((one) => nameOf(one) ?? []))];
  const inOrder = ['odds', 'likeliest', 'picture', 'mass']
    .flatMap((figure) => [null, ...ROLES].map((of) => DRAWN[figure as 'odds']!(of)))
    .filter((name, i, all) => names.includes(name) && all.indexOf(name) === i);
  const [chosen, choose] = useState(inOrder[0] ?? '');
  const name = inOrder.includes(chosen) ? chosen : inOrder[0];
  if (name === undefined) return null;
  const layers = [...new Set(sets.flatMap(({ set }) => set.layers))].sort((a, b) => a - b);
  const lines = sets.flatMap(({ run }, colour) => {
    const mine = figures[colour]!.filter((one) => nameOf(one) === name);
    return [...new Set(mine.map(({ view }) => view))].map((view, dash) => ({
      label: `${run === '' ? '' : `${run}, `}${viewOf(view).label}`,
      figures: layers.map((layer) => mine.find((one) => one.view === view && one.layer === layer)),
      ink: sets.length > 1 ? { colour, dash } : { colour: dash, dash },
    }));
  });
  const say = (value: number) => (name.includes('%') ? percent(value) : fixed(value, 2));
  return (
    <>
      <Dropdown
        label="Through the layers"
        value={name}
        set={choose}
        options={inOrder.map((one) => [one, one])}
      />
      <LayerChart
        label={name}
        layers={layers}
        lines={lines.map((line) => ({ ...line, values: line.figures.map((one) => one?.value ?? null) }))}
        say={say}
      />
      <Scrollable label={`Through the layers: ${name}`}>
        <caption>{name}</caption>
        <Heads of={['Layer', ...lines.map(({ label }) => label)]} />
        <tbody>
          {layers.map((layer, at) => (
            <tr key={layer}>
              <th scope="row">{layer}</th>
              {lines.map(({ label, figures: through }) => (
                <td key={label}>
                  <WithInterval figure={through[at]} text={say} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </Scrollable>
    </>
  );
}
