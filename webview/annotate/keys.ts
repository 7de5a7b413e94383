import { boxAt, moveBox, removeBox } from '../../src/core/annotation/sample-changes.ts';
import type { AnnotateCommand } from '../../src/core/protocol/annotate.ts';
import type { Xyxy } from '../../src/core/sample/boxes.ts';
import { focused, keyOf, type Key } from '../ui/keyboard.ts';
import { decideOn, type Actions, type AnnotatePanelState, type Usable } from './panel-state.ts';

interface Page {
  panel: () => AnnotatePanelState;
  /** The row of the card, if it is usable and the one requested last. */
  usable: () => Usable | null;
  /**
   * Does something once the requested row is loaded, so that keys pressed quickly apply to the row that they lead to.
   */
  whenLoaded: (work: () => void) => void;
  actions: Actions;
}

/** Scrolls to the pictures, with which a row begins. */
export const showPictures = () =>
  document.querySelectorAll('main, .pictures, .fields').forEach((part) => part.scrollTo({ top: 0 }));

/** The keys of the editor, and the commands of the palette. */
export function annotateKeys(page: Page): (Key & { command?: AnnotateCommand })[] {
  const { panel, usable, whenLoaded, actions } = page;
  const { host, update } = actions;
  const repeats = true;
  const key = (
    keys: string[],
    command: AnnotateCommand,
    label: string,
    run: Key['run'],
    more?: Partial<Key>,
  ) => keyOf(keys, command, label, (choice) => whenLoaded(() => run(choice)), more);
  const withUsable = (work: (row: Usable) => void) => () => {
    const row = usable();
    if (row && !panel().state?.readOnly) work(row);
  };
  return [
    key(['j'], 'nextRow', 'Next Row', () => actions.step(1), { repeats }),
    key(['k'], 'previousRow', 'Previous Row', () => actions.step(-1), { repeats }),
    key(['e'], 'editQuestion', 'Edit Question', () => document.getElementById('field-question')?.focus()),
    key(
      ['enter'],
      'accept',
      'Accept Mirror or Opposite',
      withUsable((row) => decideOn(row, { kind: 'accept' }, actions)),
    ),
    key(
      ['w'],
      'editVariant',
      'Edit Mirror or Opposite',
      withUsable(() => update({ editingVariant: !panel().editingVariant })),
    ),
    key(['p'], 'switchVariant', 'Review Mirror or Opposite', () => actions.switchVariant()),
    key(
      ['x'],
      'discard',
      'Discard Mirror or Opposite',
      withUsable((row) => decideOn(row, { kind: 'discard' }, actions)),
    ),
    key(
      ['r'],
      'discardWithReason',
      'Discard Mirror or Opposite with a Reason',
      withUsable(() => update({ explaining: true })),
    ),
    key(['space'], 'skip', 'Skip Row', () => actions.step(1)),
    key(
      ['n'],
      'newBox',
      'Draw Box',
      withUsable(() => {
        update({ drawing: !panel().drawing, relating: null, boxes: true });
        showPictures();
      }),
    ),
    key(
      ['l'],
      'relate',
      'Add Relation',
      withUsable(() => actions.relate()),
    ),
    key(
      ['delete'],
      'removeBox',
      'Remove Box',
      withUsable(({ sample }) => {
        const { selected } = panel();
        if (!selected) return;
        actions.change(removeBox(sample, selected), 'Remove box');
        update({ selected: null });
      }),
    ),
    key(['b'], 'toggleBoxes', 'Show or Hide Boxes', () => update({ boxes: !panel().boxes })),
    key(['g'], 'toggleGraph', 'Show or Hide Scene Graph', () => update({ graph: !panel().graph })),
    key(['/'], 'search', 'Find Rows', () => document.getElementById('search')?.focus()),
    key(['a'], 'addRow', 'Add Row', () => void host.call('add', { row: panel().row })),
    key(['ctrl+delete'], 'removeRow', 'Remove Row', () => void host.call('remove', { row: panel().row })),
    key(['o'], 'openRow', 'Open Row as Text', () => host.notify('openRow', { row: panel().row })),
    key(['t'], 'tryRow', 'Try Row in Playground', () => host.notify('tryRow', { row: panel().row })),
    key(['1', '2', '3', '4', '5', '6', '7', '8', '9'], 'choose', 'Set Choice as Answer', (choice) => {
      const answer = usable()?.sample.choices?.[choice - 1];
      if (answer !== undefined) actions.change([{ path: ['answer'], value: answer }], `Answer: ${answer}`);
    }),
    key(['?'], 'showKeys', 'Show Keys of the Annotation Editor', () => update({ showKeys: true })),
    {
      keys: NUDGES.map(([name]) => name),
      shown: 'arrows',
      repeats,
      label: 'Move the selected box by a pixel; with Shift by ten; with Alt its lower right corner',
      when: () => panel().selected !== null && !focused()?.closest('.list'),
      run: (choice) => nudge(page, NUDGES[choice - 1]!),
    },
    {
      keys: ['m'],
      label: 'While held: the mirror in the place of the original',
      run: () => update({ flipped: true }),
      release: () => update({ flipped: false }),
    },
    {
      keys: ['escape'],
      label: 'Leave a field, cancel a box or a relation',
      run: () => update({ drawing: false, relating: null, selected: null, naming: null, explaining: false }),
    },
  ];
}

type Nudge = [name: string, x: number, y: number, cornerOnly: boolean];
const NUDGES = [
  { modifiers: '', by: 1 },
  { modifiers: 'shift+', by: 10 },
  { modifiers: 'alt+', by: 1 },
  { modifiers: 'alt+shift+', by: 10 },
].flatMap(({ modifiers, by }): Nudge[] => {
  const corner = modifiers.startsWith('alt');
  return [
    [`${modifiers}arrowleft`, -by, 0, corner],
    [`${modifiers}arrowright`, by, 0, corner],
    [`${modifiers}arrowup`, 0, -by, corner],
    [`${modifiers}arrowdown`, 0, by, corner],
  ];
});

/**
 * Moves the selected box, or its lower right corner. Directions are those of the original, also when the mirror is
 * shown.
 */
function nudge({ panel, usable, actions }: Page, [, x, y, cornerOnly]: Nudge): void {
  const { selected } = panel();
  const size = pictureSize();
  const sample = usable()?.sample;
  const box = sample && size && selected && boxAt(sample, selected, size);
  if (!box) return;
  const next = box.map((n, i) => (cornerOnly && i < 2 ? n : n + (i % 2 === 0 ? x : y))) as Xyxy;
  actions.change(moveBox(sample, selected, next, size), 'Move box', true);
}

function pictureSize() {
  const image = document.querySelector<HTMLImageElement>('.frame img');
  return image ? { w: image.naturalWidth, h: image.naturalHeight } : null;
}
