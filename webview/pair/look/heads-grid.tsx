import { useMemo } from 'preact/hooks';
import { fixed } from '../../../src/base/format.ts';
import type { Look } from '../../../src/core/insight/look.ts';
import { headsGrid } from '../../../src/core/reports/insight/look-tables.ts';

interface HeadsGridProps {
  look: Look;
  query: string;
  shown: { layer: number; head: number | null };
  select: (layer: number, head: number) => void;
}

/** Layers × heads. A cell shows how much a head looks at the queried object, or its mirror error; a press selects it. */
export function HeadsGrid({ look, query, shown, select }: HeadsGridProps) {
  const { caption, values } = useMemo(() => headsGrid(look, query), [look, query]);
  const most = Math.max(...values.flat().map((value) => value ?? 0), 1e-9);
  return (
    <table class="grid">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">layer</th>
          {values[0]!.map((_, head) => (
            <th scope="col">head {head}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {look.layers.map((number, layer) => (
          <tr>
            <th scope="row">{number}</th>
            {values[layer]!.map((value, head) => (
              <td>
                <button
                  type="button"
                  aria-pressed={shown.layer === layer && shown.head === head}
                  aria-label={`Layer ${number}, head ${head}: ${value === null ? 'no value' : fixed(value, 2)}`}
                  style={{ '--strength': `${Math.round((100 * (value ?? 0)) / most)}%` }}
                  onClick={() => select(layer, head)}
                >
                  {fixed(value, 2)}
                </button>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
