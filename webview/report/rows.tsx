import { useEffect, useState } from 'preact/hooks';
import type { Channel } from '../../src/core/protocol/channel.ts';
import { OUTCOMES, OUTCOME_WORDS, type ComparedRow } from '../../src/core/metrics/outcomes.ts';
import type { ReportComparison, ReportHost } from '../../src/core/protocol/report-panel.ts';
import { oneLine } from '../../src/core/reports/export/escape.ts';
import { Button } from '../ui/controls.tsx';

const PAGE = 100;

interface Props {
  comparison: ReportComparison;
  compare: [first: string, second: string];
  host: Channel<ReportHost>;
}

/** The rows of a comparison, grouped by outcome; each links to the Trace panel, in either evaluation. */
export function Rows({ comparison, compare: [first, second], host }: Props) {
  const { counts } = comparison;
  const [outcome, setOutcome] = useState(OUTCOMES.find((each) => counts[each] > 0) ?? 'only_first');
  const [limit, setLimit] = useState(PAGE);
  const [rows, setRows] = useState<ComparedRow[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    host.call('rows', { outcome, from: 0, count: limit }).then(
      (found) => current && (setRows(found), setProblem(null)),
      (error: Error) => current && setProblem(error.message),
    );
    return () => void (current = false);
  }, [comparison, outcome, limit]);
  const open = (key: string, row: ComparedRow) =>
    host.call('open', { key, row }).catch((error: Error) => setProblem(error.message));
  return (
    <div class="rows">
      <div class="tools" role="group" aria-label="Which rows">
        {OUTCOMES.map((each) => (
          <Button
            key={each}
            aria-pressed={each === outcome}
            onClick={() => {
              setOutcome(each);
              setLimit(PAGE);
            }}
          >
            {OUTCOME_WORDS[each]} <span class="count">{counts[each].toLocaleString('en')}</span>
          </Button>
        ))}
        <Button
          title="Show the pairs in which A and B differ as a wall of pictures"
          onClick={() => host.call('showWall', null).catch((error: Error) => setProblem(error.message))}
        >
          Difference Wall
        </Button>
      </div>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {rows.length === 0 ? (
        <p class="quiet">There are no such rows.</p>
      ) : (
        <div class="wide list" role="region" tabIndex={0} aria-label={OUTCOME_WORDS[outcome]}>
          <table>
            <thead>
              <tr>
                {['id', 'set', 'view', 'question', 'reference', 'A', 'B'].map((title) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={`${row.set} ${row.view} ${row.id}`}>
                  <td>{oneLine(row.id, 60)}</td>
                  <td>{row.set}</td>
                  <td>{row.view}</td>
                  <td class="said">{oneLine(row.question, 200)}</td>
                  <td class="said">{oneLine(row.answer, 80)}</td>
                  {([first, second] as const).map((key, side) => {
                    const said = oneLine(side === 0 ? row.first : row.second, 80);
                    const right =
                      outcome === 'both' || outcome === (side === 0 ? 'only_first' : 'only_second');
                    return (
                      <td key={side} class="said">
                        <button
                          type="button"
                          class="link"
                          title={`Show this row of ${side === 0 ? 'A' : 'B'}`}
                          onClick={() => void open(key, row)}
                        >
                          <span class={right ? 'right-mark' : 'wrong-mark'}>{right ? '✓' : '✗'}</span>{' '}
                          <bdi>{said || '—'}</bdi>
                        </button>
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {rows.length < counts[outcome] && rows.length > 0 && (
        <Button onClick={() => setLimit(limit + PAGE)}>
          Show more of {counts[outcome].toLocaleString('en')}
        </Button>
      )}
    </div>
  );
}
