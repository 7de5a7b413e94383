import { useEffect, useState } from 'preact/hooks';
import type { Channel } from '../../src/core/protocol/channel.ts';
import { PAIRINGS, PAIRING_WORDS, type Pairing } from '../../src/core/metrics/pairing.ts';
import type { ViewRow } from '../../src/core/metrics/view-rows.ts';
import type { ReportHost, ViewRowsAnswer } from '../../src/core/protocol/report-panel.ts';
import type { CellRows } from '../../src/core/reports/document.ts';
import { oneLine } from '../../src/core/reports/export/escape.ts';
import { viewLabel } from '../../src/core/spatial/views/list.ts';
import { Button } from '../ui/controls.tsx';

const PAGE = 100;
/** What is looked for first comes first. */
const ORDER: readonly Pairing[] = ['inconsistent', 'consistent_wrong', 'right', 'unknown'];

interface Props {
  cell: CellRows;
  host: Channel<ReportHost>;
  close: () => void;
}

/** The questions behind a cell of the view matrix; each view of a question leads to its answers. */
export function ViewRows({ cell, host, close }: Props) {
  const [chosen, setChosen] = useState<Pairing | null>(null);
  const [limit, setLimit] = useState(PAGE);
  const [answer, setAnswer] = useState<ViewRowsAnswer | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const pairing = chosen ?? ORDER[0]!;
  useEffect(() => {
    let current = true;
    host.call('viewRows', { cell, pairing, from: 0, count: limit }).then(
      (found) => {
        if (!current) return;
        const first = ORDER.find((which) => found.counts[which] > 0);
        // Without rows that do not agree, the next kind that has some is shown.
        if (chosen === null && first !== undefined && first !== pairing) setChosen(first);
        else setAnswer(found);
        setProblem(null);
      },
      (error: Error) => current && setProblem(error.message),
    );
    return () => void (current = false);
  }, [cell, pairing, limit]);
  const open = (row: ViewRow, view: string) =>
    host
      .call('open', { key: cell.key, row: { set: row.set, view, id: row.id } })
      .catch((error: Error) => setProblem(error.message));
  const title = `${cell.set}: ${cell.views.map(viewLabel).join(' and ')}`;
  const rows = answer?.rows ?? [];
  return (
    <div class="rows">
      <div class="tools" role="group" aria-label={`Which rows of ${title}`}>
        <strong>{title}</strong>
        {PAIRINGS.map((which) => (
          <Button
            key={which}
            aria-pressed={which === pairing}
            onClick={() => {
              setChosen(which);
              setLimit(PAGE);
            }}
          >
            {PAIRING_WORDS[which]}{' '}
            <span class="count">{(answer?.counts[which] ?? 0).toLocaleString('en')}</span>
          </Button>
        ))}
        <Button onClick={close}>Close</Button>
      </div>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {answer && rows.length === 0 && <p class="quiet">There are no such rows.</p>}
      {rows.length > 0 && (
        <div class="wide list" role="region" tabIndex={0} aria-label={`${title}: ${PAIRING_WORDS[pairing]}`}>
          <table>
            <thead>
              <tr>
                {['id', 'view', 'question', 'reference', 'answer'].map((head) => (
                  <th key={head} scope="col">
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.flatMap((row) =>
                row.sides.map(({ view, question, answer: reference, said, right }, side) => (
                  <tr key={`${row.id} ${side}`} class={side === 0 ? 'first-view' : undefined}>
                    <td>{side === 0 ? oneLine(row.id, 60) : ''}</td>
                    <td>{view}</td>
                    <td class="said">{oneLine(question, 200)}</td>
                    <td class="said">{oneLine(reference, 80)}</td>
                    <td class="said">
                      <button
                        type="button"
                        class="link"
                        title={`Show this row in ${view}`}
                        onClick={() => void open(row, view)}
                      >
                        <span class={right ? 'right-mark' : 'wrong-mark'}>{right ? '✓' : '✗'}</span>{' '}
                        <bdi>{oneLine(said, 80) || '—'}</bdi>
                      </button>
                    </td>
                  </tr>
                )),
              )}
            </tbody>
          </table>
        </div>
      )}
      {answer && rows.length > 0 && rows.length < answer.counts[pairing] && (
        <Button onClick={() => setLimit(limit + PAGE)}>
          Show more of {answer.counts[pairing].toLocaleString('en')}
        </Button>
      )}
    </div>
  );
}
