import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { percentText, thousands } from '../../src/base/format.ts';
import type { Channel } from '../../src/base/channel.ts';
import { OUTCOMES, outcomeWords } from '../../src/core/metrics/outcome.ts';
import type { ComparedRow } from '../../src/core/metrics/outcomes.ts';
import { PAIRINGS } from '../../src/core/metrics/pairing.ts';
import type { ViewRow } from '../../src/core/metrics/view-pairings.ts';
import type {
  ReportComparison,
  ReportHost,
  ViewRowsAnswer,
} from '../../src/panels/report/report.contract.ts';
import type { CellRows } from '../../src/core/reports/document.ts';
import { oneLine } from '../../src/base/escape.ts';
import { viewLabel } from '../../src/rows/view-list.ts';
import { Heads, Scrolls } from '../ui/parts.tsx';
import { Button } from '../ui/controls.tsx';
import { Problem } from '../ui/message-line.tsx';
import { inEnglish } from '../../src/core/worlds/questions/in-english.ts';

const PAGE = 25;

const PAIRING_WORDS: Record<ViewRow['pairing'], string> = {
  right: 'both views correct',
  consistent_wrong: 'answers agree but are wrong',
  inconsistent: 'answers disagree',
  unknown: 'not comparable',
  not_judged: 'not scored',
};

interface ListProps {
  /** Name of the list, which screen readers announce. */
  label: string;
  heads: readonly string[];
  problem: string | null;
  /** Number of displayed rows. `total`: the number of all rows (null while the page requests it). */
  shown: number;
  total: number | null;
  more: () => void;
  children: ComponentChildren;
}

/** Table of rows. Each press of its button shows one more page of rows. */
function RowList({ label, heads, problem, shown, total, more, children }: ListProps) {
  return (
    <>
      <Problem why={problem} />
      {total === 0 && <p class="quiet">No rows in this group.</p>}
      {shown > 0 && total !== 0 && (
        <Scrolls as="div" class="wide list" role="region" aria-label={label}>
          <table>
            <Heads columns={heads} />
            <tbody>{children}</tbody>
          </table>
        </Scrolls>
      )}
      {total !== null && shown > 0 && shown < total && (
        <Button onClick={more}>Show More of {thousands(total)}</Button>
      )}
    </>
  );
}

const Kinds = <Kind extends string>(props: {
  kinds: readonly Kind[];
  words: Readonly<Record<Kind, string>>;
  counts: Readonly<Record<Kind, number>> | undefined;
  chosen: Kind;
  choose: (kind: Kind) => void;
}) => (
  <>
    {/* Show the kind "not scored" only if rows of this kind exist. */}
    {props.kinds
      .filter((kind) => kind !== 'not_judged' || (props.counts?.[kind] ?? 0) > 0)
      .map((kind) => (
        <Button key={kind} aria-pressed={kind === props.chosen} onClick={() => props.choose(kind)}>
          {props.words[kind]} <span class="count">{thousands(props.counts?.[kind] ?? 0)}</span>
        </Button>
      ))}
  </>
);

/** Answer with a mark for its score. Clicking the answer shows its row. */
function Answer({
  said,
  right,
  title,
  show,
}: {
  said: string;
  /** Share of right answers. It is a range if some answers are not scored. */
  right: Share;
  title: string;
  show: () => void;
}) {
  return (
    <td class="said">
      <button type="button" class="link" title={title} onClick={show}>
        <RightMark {...right} /> <bdi>{oneLine(said, 80) || '—'}</bdi>
      </button>
    </td>
  );
}

const Text = ({ text, length }: { text: string; length: number }) => (
  <td class="said" dir="auto">
    {oneLine(text, length)}
  </td>
);

type Share = ComparedRow['right'][number];

function RightMark({ low, high }: Share) {
  if (low < high)
    return (
      <span class="quiet" title="Not scored">
        ?
      </span>
    );
  if (low > 0 && low < 1) return <span title="Share of correct answers">{percentText(low)}</span>;
  return <span class={low ? 'right-mark' : 'wrong-mark'}>{low ? '✓' : '✗'}</span>;
}

/** Requests the rows of a group again for each page, and when `group` changes. Opens rows in the Trace panel. */
function usePages<Result>(
  host: Channel<ReportHost>,
  group: readonly unknown[],
  request: (page: { from: number; count: number }) => Promise<Result>,
  take: (result: Result) => void,
) {
  const [count, setCount] = useState(PAGE);
  const [problem, setProblem] = useState<string | null>(null);
  const fail = (error: Error) => setProblem(error.message);
  useEffect(() => {
    let current = true;
    request({ from: 0, count }).then(
      (result) => current && (take(result), setProblem(null)),
      (error: Error) => current && fail(error),
    );
    return () => void (current = false);
  }, [...group, count]);
  return {
    problem,
    fail,
    more: () => setCount(count + PAGE),
    restart: () => setCount(PAGE),
    open: (key: string, row: Pick<ComparedRow, 'set' | 'view' | 'id'>) =>
      void host.call('open', { key, row }).catch(fail),
  };
}

interface RowsProps {
  comparison: ReportComparison;
  compare: readonly [first: string, second: string];
  host: Channel<ReportHost>;
}

/** Rows of a comparison, grouped by outcome. Each row links to the Trace panel, once for either evaluation. */
export function Rows({ comparison, compare: [first, second], host }: RowsProps) {
  const { counts } = comparison;
  const words = outcomeWords(comparison.several);
  const [outcome, setOutcome] = useState(OUTCOMES.find((each) => counts[each] > 0) ?? 'only_first');
  const [rows, setRows] = useState<ComparedRow[] | null>(null);
  const pages = usePages(
    host,
    [comparison, outcome],
    (page) => host.call('rows', { outcome, ...page }),
    setRows,
  );
  return (
    <div class="rows">
      <div class="tools" role="group" aria-label="Row groups">
        <Kinds
          kinds={OUTCOMES}
          words={words}
          counts={counts}
          chosen={outcome}
          choose={(each) => {
            setOutcome(each);
            pages.restart();
          }}
        />
        <Button
          title="Show pairs that differ between A and B as a grid of images"
          onClick={() => host.call('showWall', null).catch(pages.fail)}
        >
          Show Grid
        </Button>
      </div>
      <RowList
        label={words[outcome]}
        heads={['id', 'evaluation set', 'view', 'question', 'reference answer', 'A', 'B']}
        {...pages}
        shown={rows?.length ?? 0}
        total={counts[outcome]}
      >
        {rows?.map((row) => (
          <tr key={`${row.set} ${row.view} ${row.id}`}>
            <td>{oneLine(row.id, 60)}</td>
            <td>{row.set}</td>
            <td>{row.view}</td>
            <Text text={inEnglish(row.question)} length={200} />
            <Text text={row.answer} length={80} />
            {([first, second] as const).map((key, side) => (
              <Answer
                key={side}
                said={side === 0 ? row.first : row.second}
                right={row.right[side]!}
                title={`Show this row of ${side === 0 ? 'A' : 'B'}`}
                show={() => pages.open(key, row)}
              />
            ))}
          </tr>
        ))}
      </RowList>
    </div>
  );
}

/** Kinds of rows, the most relevant kind first. */
const ORDER: readonly ViewRow['pairing'][] = [
  'inconsistent',
  'consistent_wrong',
  'right',
  'unknown',
  'not_judged',
];

interface ViewProps {
  cell: CellRows;
  host: Channel<ReportHost>;
  close: () => void;
}

/** Questions in a cell of the view matrix. Each view of a question links to its answers. */
export function ViewRows({ cell, host, close }: ViewProps) {
  const [chosen, setChosen] = useState<ViewRow['pairing'] | null>(null);
  const [answer, setAnswer] = useState<ViewRowsAnswer | null>(null);
  const pairing = chosen ?? ORDER[0]!;
  const pages = usePages(
    host,
    [cell, pairing],
    (page) => host.call('viewRows', { cell, pairing, ...page }),
    (result) => {
      const first = ORDER.find((which) => result.counts[which] > 0);
      // If the current kind has no rows, show the next kind that has rows.
      if (chosen === null && first !== undefined && first !== pairing) setChosen(first);
      else setAnswer(result);
    },
  );
  const title = `${cell.set}: ${cell.views.map(viewLabel).join(' and ')}`;
  const rows = answer?.rows ?? [];
  return (
    <div class="rows">
      <div class="tools" role="group" aria-label={`Row groups of ${title}`}>
        <strong>{title}</strong>
        <Kinds
          kinds={PAIRINGS}
          words={PAIRING_WORDS}
          counts={answer?.counts}
          chosen={pairing}
          choose={(which) => {
            setChosen(which);
            pages.restart();
          }}
        />
        <Button onClick={close}>Close</Button>
      </div>
      <RowList
        label={`${title}: ${PAIRING_WORDS[pairing]}`}
        heads={['id', 'view', 'question', 'reference answer', 'answer']}
        {...pages}
        shown={rows.length}
        total={answer?.counts[pairing] ?? null}
      >
        {rows.flatMap((row) =>
          row.sides.map(({ view, question, answer: reference, said, right }, side) => (
            <tr key={`${row.id} ${side}`} class={side === 0 ? 'first-view' : undefined}>
              <td>{side === 0 ? oneLine(row.id, 60) : ''}</td>
              <td>{view}</td>
              <Text text={inEnglish(question)} length={200} />
              <Text text={reference} length={80} />
              <Answer
                said={said}
                right={right}
                title={`Show this row in ${view}`}
                show={() => pages.open(cell.key, { set: row.set, view, id: row.id })}
              />
            </tr>
          )),
        )}
      </RowList>
    </div>
  );
}
