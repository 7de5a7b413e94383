import type { PatchFigure } from '../../src/core/insight/patch.ts';
import { fixed, UNKNOWN, withInterval } from '../../src/core/labels.ts';
import { Heads } from '../ui/columns.tsx';
import { HeatCell, Scrollable } from './numbers.tsx';

/**
 * Layers × groups of tokens: how far the answer moves towards the mirror's when their hidden states are replaced by the
 * mirror's.
 */
export function Patched({ figures }: { figures: readonly PatchFigure[] }) {
  const whole = figures.find(({ group }) => group === null);
  const others = figures.filter(({ group }) => group !== null);
  const groups = [...new Set(others.map(({ group }) => group!))];
  const layers = [...new Set(others.flatMap(({ layer }) => layer ?? []))];
  if (!whole || others.length === 0) return <p class="instead">No row could be patched.</p>;
  return (
    <>
      <p>
        From the original’s answer to the mirror’s the log-odds change by {changeOf(whole)}, mean of {whole.n}{' '}
        rows. 0 % is the original’s answer, 100 % the mirror’s.
      </p>
      <Scrollable label="How far the answer moves">
        <caption>How far the answer moves with the mirror’s hidden states, by tokens</caption>
        <Heads of={['After layer', ...groups]} />
        <tbody>
          {layers.map((layer) => (
            <tr key={layer}>
              <th scope="row">{layer}</th>
              {groups.map((group) => (
                <Moved
                  key={group}
                  figure={others.find((one) => one.layer === layer && one.group === group)}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </Scrollable>
    </>
  );
}

function Moved({ figure }: { figure: PatchFigure | undefined }) {
  if (figure?.change == null) return <td>{UNKNOWN}</td>;
  const { moved, n } = figure;
  return (
    <HeatCell share={moved ?? 0} title={`${n} rows`}>
      {moved !== null && `${fixed(100 * moved, 0)} %, `}
      {changeOf(figure)}
    </HeatCell>
  );
}

const changeOf = ({ change, interval }: PatchFigure): string =>
  withInterval({ value: change, interval }, (value) => fixed(value, 2));
