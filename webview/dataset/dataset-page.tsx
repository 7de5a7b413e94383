import type { DataHost, DataMemory, DataPage } from '../../src/panels/dataset/dataset.contract.ts';
import { draw, openPanel } from '../ui/panel.ts';
import '../ui/base.css';
import '../ui/views.css';
import { listenForKeys, runCommand } from '../ui/keyboard.ts';
import { DataSetView } from './data-set-view.tsx';
import './dataset.css';
import { DATA_KEYS, DataModel, type DataPanelState } from './dataset-model.ts';

const page: DataPage = {
  show: (state) => model.show(state),
  steps: (done) => model.update({ done }),
  command: (command) => runCommand(DATA_KEYS, command),
};
const { host, memory, remember } = openPanel<DataHost, DataMemory>({ ...page }, (why) =>
  model.update({ state: { kind: 'failed', uri: memory?.uri ?? '', name: 'the file', why } }),
);
const first: DataPanelState = {
  state: null,
  done: null,
  filter: memory?.filter ?? { chosen: {}, text: '' },
  rows: null,
  searching: null,
  problem: null,
};
const model = new DataModel(host, first, ({ state, filter }) => {
  if (state) remember({ uri: state.uri, filter });
  draw(<DataSetView model={model} />);
});
listenForKeys(DATA_KEYS);
