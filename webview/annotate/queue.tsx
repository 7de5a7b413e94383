import { useEffect, useState } from 'preact/hooks';
import { WAITING } from '../../src/core/annotation/review-table.ts';
import type { Actions, View } from './view.ts';

/** The place of a row among those that are listed; where it is not, that of the next one. */
export function placeOf(rows: Int32Array | null, row: number): number {
  if (!rows) return row;
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]! < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What people review by (docs/review.md); the filter can say more. */
const PRESETS: readonly [name: string, filter: string][] = [
  ['All rows', ''],
  ['Waiting for a person', WAITING],
  ['Written by a language model', 'route in (llm, verified)'],
  ['Left and right', 'category = left_right'],
  ['Boxes', 'category = box'],
  ['Unaffected by the flip', 'category = unaffected'],
  ['Discarded', 'state = discarded'],
];

/** Which rows are listed, how the review stands, and how right each source has been so far. */
export function Queue({ view, actions }: { view: View; actions: Actions }) {
  const { queue, filterProblem: problem } = view;
  const [filter, setFilter] = useState(view.filter);
  useEffect(() => setFilter(view.filter), [view.filter]);
  const known = PRESETS.some(([, preset]) => preset === filter);
  const { accepted = 0, edited = 0, discarded = 0, pending = 0 } = queue?.counts ?? {};
  const decided = accepted + edited + discarded;
  return (
    <div class="queue">
      <select
        aria-label="Rows that are listed"
        value={known ? filter : 'own'}
        onChange={({ currentTarget }) => actions.filter(currentTarget.value)}
      >
        {PRESETS.map(([name, preset]) => (
          <option value={preset}>{name}</option>
        ))}
        {!known && <option value="own">Own filter</option>}
      </select>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          actions.filter(filter);
        }}
      >
        <input
          class="filter"
          aria-label="Filter"
          aria-invalid={problem !== null}
          placeholder="state = pending and check contains …"
          value={filter}
          spellcheck={false}
          onInput={({ currentTarget }) => setFilter(currentTarget.value)}
        />
      </form>
      {problem && (
        <p class="wrong" role="alert">
          {problem}
        </p>
      )}
      {decided + pending > 0 && (
        <details>
          <summary>
            {decided} of {decided + pending} reviewed
          </summary>
          <p class="quiet">
            {accepted} accepted, {edited} edited, {discarded} discarded
          </p>
          <table>
            <thead>
              <tr>
                <th scope="col">Source</th>
                <th scope="col">Right</th>
                <th scope="col">95 %</th>
              </tr>
            </thead>
            <tbody>
              {queue!.precision.map(({ kind, name, deferred, right, n, interval: [low, high] }) => (
                <tr>
                  <th scope="row">
                    <span class="quiet">{kind}</span> {name}
                    {deferred && <span class="quiet"> (unsure)</span>}
                  </th>
                  <td>
                    {right}/{n}
                  </td>
                  <td>
                    {Math.round(100 * low)}–{Math.round(100 * high)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
      {queue?.rows?.length === 0 && <p class="quiet">No row is kept by this filter.</p>}
    </div>
  );
}
