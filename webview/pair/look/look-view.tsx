import type { Look, LookedView } from '../../../src/core/insight/look.ts';
import { Button, ProgressRing } from '../../ui/controls.tsx';
import { Problem } from '../../ui/message-line.tsx';
import { Cell } from '../../ui/pair.tsx';
import { queryIn } from '../../../src/core/insight/map-choice.ts';
import { lookTables, headsGrid } from '../../../src/core/reports/insight/look-tables.ts';
import { FigureTable } from '../../ui/figure-table.tsx';
import { MapControls } from '../../ui/look-controls.tsx';
import type { LookState } from '../pair-panel-state.ts';
import { useMemo } from 'preact/hooks';
import { fixed } from '../../../src/base/format.ts';

interface LookViewProps {
  shown: LookState;
  change: (change: Partial<LookState>) => void;
  /** Repeats the analysis with these words as queries, in addition to the row's queries. */
  ask: (queries: string[], query: string) => void;
  chooseModel: () => void;
  cancel: () => void;
  close: () => void;
}

/** Attention of the model while it answers the row: controls, selectable words, and tables of the values. */
export function LookView(props: LookViewProps) {
  const { shown, chooseModel, cancel, close } = props;
  const { look, doing, failed } = shown;
  return (
    <section class="look stack" aria-label="Attention">
      <div class="look-head flow">
        <h3>{look ? look.model : 'Attention'}</h3>
        {doing !== null && (
          <span class="doing" role="status">
            <ProgressRing label="Analysing attention" /> {doing}
          </span>
        )}
        {doing !== null && <Button onClick={cancel}>Cancel</Button>}
        {doing === null && <Button onClick={chooseModel}>Change Model…</Button>}
        <Button k="l" onClick={close}>
          Close
        </Button>
      </div>
      <Problem why={failed} />
      {look && <Shown {...props} look={look} />}
      {look && (
        <p class="quiet">
          Attention maps show the image parts that the model reads, not the pixels that affect the answer. The
          log-odds table shows how the answer changes without parts of the input.
        </p>
      )}
    </section>
  );
}

function Shown({ shown, change, ask, look }: LookViewProps & { look: Look }) {
  const tables = lookTables(look, shown, shown.earlier);
  return (
    <>
      <div class="look-words">
        {look.views.map((view, v) => (
          <Cell view={view.view}>
            <Words shown={shown} look={look} view={view} index={v} change={change} ask={ask} />
          </Cell>
        ))}
      </div>
      <MapControls choice={shown} look={look} change={change} />
      {tables && (
        <div class="look-tables">
          <FigureTable table={tables.masses} />
          <FigureTable table={tables.sources} />
          <HeadsGrid
            {...{ look, query: shown.query }}
            shown={tables}
            select={(layer, head) => change({ layer, head })}
          />
          {tables.compared && <FigureTable table={tables.compared} />}
          {tables.odds && (
            <FigureTable table={tables.odds} open={(layer) => change({ layer: Number(layer) })} />
          )}
        </div>
      )}
    </>
  );
}

/** Text of a view. In the original, clicking a word requests the word's attention. */
function Words(
  props: Pick<LookViewProps, 'shown' | 'change' | 'ask'> & { look: Look; view: LookedView; index: number },
) {
  const { shown, look, view, index, change, ask } = props;
  const query = queryIn(look, index, shown.query);
  const chosen = new Set(view.queries[query]?.tokens ?? []);
  const press = (name: string) => {
    if (queryIn(look, 0, name) >= 0) change({ query: name });
    else ask([...shown.queries, name], name);
  };
  const part = (kind: 'prompt' | 'completion') =>
    view.tokens.map((token, i) => {
      if (token.of !== kind) return null;
      const space = token.spaced ? ' ' : '';
      const mark = chosen.has(i) ? 'chosen' : '';
      if (index > 0 || token.query === '')
        return (
          <>
            {space}
            <span class={mark}>{token.text}</span>
          </>
        );
      return (
        <>
          {space}
          <button
            type="button"
            class={`word ${mark}`}
            aria-pressed={chosen.has(i)}
            disabled={shown.doing !== null}
            onClick={() => press(token.query)}
          >
            {token.text}
          </button>
        </>
      );
    });
  const sign = view.right === null ? '' : view.right ? '✓' : `✗ wrong, reference answer: ${view.reference}`;
  return (
    <>
      <p class="text">{part('prompt')}</p>
      <p class="text said">
        {view.text === '' ? <span class="quiet">Empty completion</span> : part('completion')}{' '}
        <span class="quiet">{sign}</span>
      </p>
      {query < 0 && <p class="quiet">{`“${shown.query}” does not occur in this text.`}</p>}
      {!view.grid && <p class="quiet">Input without image</p>}
    </>
  );
}

interface HeadsGridProps {
  look: Look;
  query: string;
  shown: { layer: number; head: number | null };
  select: (layer: number, head: number) => void;
}

/** Grid of layers × heads. A cell shows a head's attention on the queried object, or the head's mirror error. */
function HeadsGrid({ look, query, shown, select }: HeadsGridProps) {
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
