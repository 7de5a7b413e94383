import type { AcuityHost, AcuityMemory, AcuityPage } from '../../src/panels/acuity/acuity.contract.ts';
import { draw, openPanel } from '../ui/panel.ts';
import '../ui/base.css';
import { AcuityView } from './acuity-view.tsx';
import './acuity.css';
import { AcuityModel } from './acuity-model.ts';

const page: AcuityPage = {
  show: (state) => model.update({ state }),
  measuring: (measuring) => model.update({ measuring }),
  myself: () => model.update({ myself: { kind: 'start' } }),
};
const { host, remember } = openPanel<AcuityHost, AcuityMemory>({ ...page }, (problem) =>
  model.update({ problem }),
);
const first = { state: null, opened: null, myself: null, problem: null, measuring: [] };
const model = new AcuityModel(host, first, ({ state }) => {
  if (state) remember({ choices: state.choices });
  draw(<AcuityView model={model} />);
});
