import type { TraceCommand } from '../../src/panels/trace/trace.contract.ts';
import { pairMarkdown } from '../../src/core/pairs/pair-texts.ts';
import { keyOf, type Key } from '../ui/keyboard.ts';
import { SEEN_KEY } from '../ui/seen-family.ts';
import { exportPair } from './trace-export.ts';
import type { TraceModel } from './trace-model.ts';

/** Minimum duration of holding a key, in ms. Releasing a key after this time undoes its effect. */
const HOLD_MS = 350;

/** Returns the keys of the Trace panel, with their commands in the command palette. */
export function traceKeys(model: TraceModel): (Key & { command?: TraceCommand })[] {
  const toggle = (option: 'boxes' | 'graph' | 'words' | 'wall') =>
    model.choose({ [option]: !model.state.options[option] });
  const swap = () => model.update({ swapped: !model.state.swapped });
  const onWall = () => model.state.options.wall;
  const when = () => !onWall();
  const moves = { repeats: true, when };
  return [
    keyOf(['j'], 'next', 'Go to Next Pair', () => void model.move(1), moves),
    keyOf(['k'], 'previous', 'Go to Previous Pair', () => void model.move(-1), moves),
    keyOf(['shift+j'], 'nextStep', 'Go to Next Step', () => void model.moveStep(1), moves),
    keyOf(['shift+k'], 'previousStep', 'Go to Previous Step', () => void model.moveStep(-1), moves),
    keyOf(['m'], 'swap', 'Swap Original and Mirror', swap, { release: (held) => held > HOLD_MS && swap() }),
    keyOf(['b'], 'toggleBoxes', 'Toggle Boxes', () => toggle('boxes'), { when }),
    SEEN_KEY,
    keyOf(['g'], 'toggleGraph', 'Toggle Scene Graph', () => toggle('graph'), { when }),
    keyOf(['w'], 'toggleWords', 'Toggle Reasoning Words', () => toggle('words'), { when }),
    keyOf(['e'], 'toggleWhatIf', 'Toggle What-If Analysis', () => void model.toggleWhatIf(), {
      when,
    }),
    keyOf(['v'], 'toggleWall', 'Toggle Difference Grid', () => toggle('wall')),
    keyOf(['a'], 'selectAll', 'Select or Clear All Pairs', () => model.chooseAll(), {
      when: onWall,
    }),
    keyOf(['/'], 'search', 'Search Traces', () => focusSearch(model)),
    keyOf(['c'], 'copy', 'Copy Pair as Markdown', () => copy(model), { when }),
    keyOf([], 'exportPng', 'Save Pair as Image…', () => void exportPair(model, 'png')),
    keyOf([], 'exportHtml', 'Save Pair as HTML…', () => void exportPair(model, 'html')),
    keyOf(['?'], 'showKeys', 'Show Trace Panel Keys', () => model.update({ showKeys: true })),
  ];
}

function focusSearch(model: TraceModel): void {
  const search = document.querySelector<HTMLInputElement>('.trace-search input');
  if (search?.checkVisibility()) return search.focus();
  // A narrow window shows the list only after the next drawing of the page.
  model.update({ listed: true });
  requestAnimationFrame(() => search?.focus());
}

function copy({ state: { opened, subject }, after, host }: TraceModel): void {
  if (!opened || !subject) return;
  const origin = { run: subject.name, source: subject.source };
  const text = pairMarkdown(after ?? opened.pair.traced, origin);
  void host.call('copy', { text, done: 'Copied pair as Markdown.' });
}
