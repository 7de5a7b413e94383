import { taskLabel } from '../../src/core/labels.ts';
import type { Audit } from '../../src/core/metrics/question-only.ts';
import type { DataSummary } from '../../src/core/protocol/data-panel.ts';
import { percent } from './panel-state.ts';

/** How far words alone lead, and whether a mirror ends that. */
export function AuditTable({ audit, of }: { audit: DataSummary['audit']; of: number }) {
  const [all] = audit.parts;
  if (!all) return null;
  return (
    <section>
      <h2>Shortcuts</h2>
      <p>{meaning(all[1])}</p>
      {all[1].original !== null && (
        <table>
          <thead>
            <tr>
              <th scope="col">Right without a picture</th>
              <th scope="col">Rows</th>
              <th scope="col">Originals</th>
              <th scope="col">Mirrors</th>
              <th scope="col">Both</th>
            </tr>
          </thead>
          <tbody>
            {audit.parts.map(([name, { rows, original, mirror, both }]) => (
              <tr key={name}>
                <th scope="row">{taskLabel(name)}</th>
                <td>{rows.toLocaleString('en')}</td>
                <td>{percent(original)}</td>
                <td>{percent(mirror)}</td>
                <td>{percent(both)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {audit.rows < of && <p class="quiet">Of {audit.rows.toLocaleString('en')} rows drawn at random.</p>}
    </section>
  );
}

function meaning({ original, mirror, both, pairs }: Audit): string {
  if (original === null) return 'No answer of this file can be right or wrong by rule: nothing to audit.';
  const first = `A reader that never sees the picture, and gives the answer most common for such words, is right on ${percent(original)} of the questions`;
  if (pairs === 0) return `${first}. No row has a mirror that could be used.`;
  return `${first}, and on ${percent(mirror)} of their mirrors; on both sides of a pair in ${percent(both)}. A model that is no better on pairs than ${percent(both)} has not shown that it looks.`;
}
