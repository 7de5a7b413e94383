import type { TableHost, TableMemory, TablePage, TableState } from '../../src/panels/table/table.contract.ts';
import { draw, openPanel } from '../ui/panel.ts';
import '../ui/base.css';
import { TableView } from './table-view.tsx';
import './table.css';

const page: TablePage = { show: (state) => show(state) };
const { host, remember } = openPanel<TableHost, TableMemory>({ ...page }, (problem) =>
  show({ uris: [], name: 'The file', more: 0, preview: null, problem, working: null }),
);

function show(state: TableState): void {
  if (state.uris.length > 0) remember({ uris: state.uris });
  draw(<TableView state={state} host={host} />);
}
