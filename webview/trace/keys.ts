import type { TraceCommand } from '../../src/core/protocol/trace-panel.ts';
import { pairMarkdown } from '../../src/core/reports/export/pair.ts';
import type { Key } from '../ui/keyboard.ts';
import { exportHtml, exportPng } from './export.ts';
import type { TraceModel } from './model.ts';

/** If a key is held longer than this (ms), releasing it undoes its effect. */
const HOLD_MS = 350;

/** The keys of the panel, and the commands of the palette. */
export function traceKeys(model: TraceModel): (Key & { command: TraceCommand })[] {
  const toggle = (option: 'boxes' | 'graph' | 'words' | 'whatIf' | 'wall') =>
    model.choose({ [option]: !model.state.options[option] });
  const swap = () => model.update({ swapped: !model.state.swapped });
  const repeats = true;
  const onWall = () => model.state.options.wall;
  const when = () => !onWall();
  return [
    { keys: ['j'], command: 'next', label: 'Next Pair', run: () => void model.move(1), repeats, when },
    {
      keys: ['k'],
      command: 'previous',
      label: 'Previous Pair',
      run: () => void model.move(-1),
      repeats,
      when,
    },
    {
      keys: ['shift+j'],
      command: 'nextStep',
      label: 'Next Step',
      run: () => void model.moveStep(1),
      repeats,
      when,
    },
    {
      keys: ['shift+k'],
      command: 'previousStep',
      label: 'Previous Step',
      run: () => void model.moveStep(-1),
      repeats,
      when,
    },
    {
      keys: ['m'],
      command: 'swap',
      label: 'Swap Original and Mirror',
      run: swap,
      release: (held) => held > HOLD_MS && swap(),
    },
    { keys: ['b'], command: 'toggleBoxes', label: 'Show or Hide Boxes', run: () => toggle('boxes'), when },
    {
      keys: ['g'],
      command: 'toggleGraph',
      label: 'Show or Hide Scene Graph',
      run: () => toggle('graph'),
      when,
    },
    { keys: ['w'], command: 'toggleWords', label: 'Mark Reasoning Words', run: () => toggle('words'), when },
    {
      keys: ['e'],
      command: 'toggleWhatIf',
      label: 'What If: Recompute with Other Settings',
      run: () => toggle('whatIf'),
      when,
    },
    {
      keys: ['v'],
      command: 'toggleWall',
      label: 'Show as Difference Wall or as List',
      run: () => toggle('wall'),
    },
    {
      keys: ['a'],
      command: 'selectAll',
      label: 'Choose All Pairs of the Wall, or None',
      when: onWall,
      run: () => model.chooseAll(),
    },
    { keys: ['/'], command: 'search', label: 'Search Traces', run: focusSearch },
    { keys: ['c'], command: 'copy', label: 'Copy Pair as Markdown', run: () => copy(model), when },
    { keys: [], command: 'exportPng', label: 'Save Pair as Picture…', run: () => void exportPng(model) },
    { keys: [], command: 'exportHtml', label: 'Save Pair as HTML…', run: () => void exportHtml(model) },
    {
      keys: ['?'],
      command: 'showKeys',
      label: 'Show Keys of the Trace Panel',
      run: () => model.update({ showKeys: true }),
    },
  ];
}

const focusSearch = () => document.querySelector<HTMLInputElement>('.trace-search input')?.focus();

function copy({ state: { opened, subject }, after, host }: TraceModel): void {
  if (!opened || !subject) return;
  const origin = { run: subject.name, source: subject.source };
  const text = pairMarkdown(after ?? opened.pair.traced, origin);
  void host.call('copy', { text, done: 'The pair was copied as Markdown.' });
}
