// A page with the list alone: what the pair inspector around it would keep is kept here.
import { useEffect, useState } from 'preact/hooks';
import type { TraceList as List } from '../../src/panels/trace/trace.contract.ts';
import type { PairId, TraceQuery, ListedPair } from '../../src/core/run-data/trace-summary.ts';
import { TraceList } from '../../webview/trace/list/trace-list.tsx';
import { draw, openPanel } from '../../webview/ui/panel.ts';
import '../../webview/ui/base.css';
import './trace-list-page.css';

/** What the test answers. */
export interface ListHost {
  ready(args: null): void;
  find(args: { query: TraceQuery }): Promise<List>;
  rows(args: { list: number; from: number; count: number }): Promise<ListedPair[]>;
  place(args: { list: number; id: PairId }): Promise<number>;
  opened(args: PairId): void;
  entered(args: null): void;
}

/** What the test tells. */
export interface ListPage {
  open(args: { id: PairId | null }): void;
  refresh(args: null): void;
  reading(args: { share: number | null }): void;
  evaluation(args: { on: boolean }): void;
}

function Page() {
  const [query, setQuery] = useState<TraceQuery>({ filter: '', text: '', sort: null });
  const [turn, setTurn] = useState(0);
  const [list, setList] = useState<List | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [selected, setSelected] = useState<PairId | null>(null);
  const [columns, setColumns] = useState<string[] | null>(null);
  const [reading, setReading] = useState<number | null>(null);
  const [evaluation, setEvaluation] = useState(false);
  told.open = ({ id }) => setSelected(id);
  told.refresh = () => setTurn((n) => n + 1);
  told.reading = ({ share }) => setReading(share);
  told.evaluation = ({ on }) => setEvaluation(on);
  useEffect(() => {
    host.call('find', { query }).then(
      (answer) => {
        setList(answer);
        setError(null);
      },
      (reason: unknown) => setError((reason as Error).message),
    );
  }, [query, turn]);
  return (
    <main>
      <h1 class="unseen">Pairs</h1>
      <TraceList
        {...{ query, list, reading, error, selected, evaluation, columns }}
        source={source}
        onQuery={setQuery}
        onColumns={setColumns}
        onOpen={(id) => {
          setSelected(id);
          host.notify('opened', id);
        }}
        onEnter={() => host.notify('entered', null)}
      />
    </main>
  );
}

const told = {} as ListPage;
const { host } = openPanel<ListHost, null>({
  open: (args: never) => told.open(args),
  refresh: (args: never) => told.refresh(args),
  reading: (args: never) => told.reading(args),
  evaluation: (args: never) => told.evaluation(args),
});
const source = {
  rows: (list: number, from: number, count: number) => host.call('rows', { list, from, count }),
  place: (list: number, id: PairId) => host.call('place', { list, id }),
};

draw(<Page />);
