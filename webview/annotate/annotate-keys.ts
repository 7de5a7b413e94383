import { boxAt, inside, moveBox, removeBox } from './sample-changes.ts';
import type { AnnotateCommand } from '../../src/panels/annotate/annotate.contract.ts';
import type { Size, Xyxy } from '../../src/rows/sample/boxes.ts';
import { objectionsTo } from '../../src/rows/sample/variant.ts';
import { focused, keyOf, type Key } from '../ui/keyboard.ts';
import { ORIGINAL } from '../../src/rows/view-list.ts';
import { SEEN_KEY } from '../ui/seen-family.ts';
import type { AnnotateModel } from './annotate-model.ts';
import type { Usable } from './annotate-panel-state.ts';

/** Returns the keys of the annotation editor, with their commands in the command palette. */
export function annotateKeys(model: AnnotateModel): (Key & { command?: AnnotateCommand })[] {
  const repeats = true;
  const key = (
    keys: string[],
    command: AnnotateCommand,
    label: string,
    run: Key['run'],
    more?: Partial<Key>,
  ) => keyOf(keys, command, label, (choice) => model.whenLoaded(() => run(choice)), more);
  /** An action on the card. If a narrow window shows the list, the key shows the card, and nothing unseen changes. */
  const onCard = (work: Key['run']) => (choice: number) => {
    if (!model.showCard()) work(choice);
  };
  const withUsable = (work: (row: Usable) => void) =>
    onCard(() => {
      const row = model.usable;
      if (row && !model.state.state?.readOnly) work(row);
    });
  return [
    key(['j'], 'nextRow', 'Go to Next Row', () => model.step(1), { repeats }),
    key(['k'], 'previousRow', 'Go to Previous Row', () => model.step(-1), { repeats }),
    key(
      ['e'],
      'editQuestion',
      'Edit Question',
      onCard(() => document.getElementById('field-question')?.focus()),
    ),
    key(
      ['enter'],
      'accept',
      'Accept Mirror or Opposite',
      withUsable((row) => (model.state.drawing ? place(model, row) : model.accept(row))),
    ),
    key(
      ['y'],
      'acceptAlthough',
      'Accept Mirror or Opposite Anyway',
      withUsable((row) => model.accept(row, objectionsTo(row.sample, row.variant))),
    ),
    key(
      ['w'],
      'editVariant',
      'Edit Mirror or Opposite',
      withUsable(() => model.update({ editingVariant: !model.state.editingVariant })),
    ),
    key(['p'], 'switchVariant', 'Switch Between Mirror and Opposite', () => model.switchVariant()),
    key(
      ['x'],
      'discard',
      'Discard Mirror or Opposite',
      withUsable((row) => model.decide(row, { kind: 'discard' })),
    ),
    key(
      ['r'],
      'discardWithReason',
      'Discard with Reason',
      withUsable(() => model.update({ explaining: true })),
    ),
    key(['space'], 'skip', 'Skip Row', () => model.step(1)),
    key(
      ['s'],
      'doubtLabel',
      'Send Label to Review',
      withUsable((row) => model.doubtLabel(row)),
    ),
    key(
      ['c'],
      'confirmLabel',
      'Confirm Label',
      withUsable((row) => model.confirmLabel(row)),
    ),
    key(
      ['n'],
      'newBox',
      'Draw Box',
      withUsable(() => model.toggleDrawing()),
    ),
    key(
      ['l'],
      'relate',
      'Add Relation',
      withUsable(() => model.relate()),
    ),
    key(
      ['delete'],
      'removeBox',
      'Remove Box',
      withUsable(({ sample }) => {
        const { selected } = model.state;
        if (!selected) return;
        model.change(removeBox(sample, selected), 'Remove box');
        model.update({ selected: null });
      }),
    ),
    key(
      ['b'],
      'toggleBoxes',
      'Toggle Boxes',
      onCard(() => model.update({ boxes: !model.state.boxes })),
    ),
    SEEN_KEY,
    key(
      ['g'],
      'toggleGraph',
      'Toggle Scene Graph',
      onCard(() => model.update({ graph: !model.state.graph })),
    ),
    key(['/'], 'search', 'Find Rows', () => document.getElementById('search')?.focus()),
    key(['a'], 'addRow', 'Add Row', () => void model.host.call('add', { row: model.state.row })),
    key(
      ['ctrl+delete'],
      'removeRow',
      'Remove Row',
      () => void model.host.call('remove', { row: model.state.row }),
    ),
    key(['o'], 'openRow', 'Open Row as Text', () => model.host.notify('openRow', { row: model.state.row })),
    key(['t'], 'tryRow', 'Try Row in Playground', () =>
      model.host.notify('tryRow', { row: model.state.row }),
    ),
    key(
      ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
      'choose',
      'Set Choice as Answer',
      onCard((choice) => {
        const answer = model.usable?.sample.choices?.[choice - 1];
        if (answer !== undefined) model.change([{ path: ['answer'], value: answer }], `Answer: ${answer}`);
      }),
    ),
    key(['?'], 'showKeys', 'Show Annotation Editor Keys', () => model.update({ showKeys: true })),
    {
      keys: NUDGES.map(([name]) => name),
      shown: 'arrows',
      repeats,
      label:
        'Move the box by 1 pixel. With Shift, move the box by 10 pixels, or resize a new box. With Alt, move the lower right corner.',
      when: () => model.state.drawing || (model.state.selected !== null && !focused()?.closest('.list')),
      run: (choice) => (model.state.drawing ? shift : nudge)(model, NUDGES[choice - 1]!),
    },
    {
      keys: ['m'],
      label: 'Show the mirror while the key is held',
      run: () => model.update({ flipped: true }),
      release: () => model.update({ flipped: false }),
    },
    {
      keys: ['escape'],
      label: 'Leave the field, or cancel the box or relation',
      run: () =>
        model.update({
          drawing: false,
          relating: null,
          selected: null,
          naming: null,
          explaining: false,
          refusal: null,
        }),
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

/** Moves the selected box, or its lower right corner, in the original's directions, even in a mirrored view. */
function nudge(model: AnnotateModel, [, x, y, cornerOnly]: Nudge): void {
  const { selected } = model.state;
  const size = pictureSize();
  const sample = model.usable?.sample;
  const box = sample && size && selected && boxAt(sample, selected, size);
  if (!box) return;
  const next = box.map((n, i) => (cornerOnly && i < 2 ? n : n + (i % 2 === 0 ? x : y))) as Xyxy;
  model.change(moveBox(sample, selected, next, size), 'Move box', true);
}

/** Distance by which a key moves a new box, as a share of the image's sides. A new box starts as the middle quarter. */
const STEP = 0.02;

const drawnBox = ({ state }: AnnotateModel, { w, h }: Size): Xyxy =>
  state.placing ?? [0.375 * w, 0.375 * h, 0.625 * w, 0.625 * h];

/** Moves a new box that the user draws with keys; with Shift, moves the box's lower right corner. */
function shift(model: AnnotateModel, [name, x, y]: Nudge): void {
  const size = pictureSize();
  if (!size) return;
  const sizes = name.includes('shift');
  const by = [Math.sign(x) * STEP * size.w, Math.sign(y) * STEP * size.h];
  const next = drawnBox(model, size).map((n, i) => (sizes && i < 2 ? n : n + by[i % 2]!)) as Xyxy;
  const [x1, y1, x2, y2] = inside(next, !sizes, size);
  const least = [x1 + STEP * size.w, y1 + STEP * size.h];
  model.update({
    placing: [x1, y1, Math.min(Math.max(x2, least[0]!), size.w), Math.min(Math.max(y2, least[1]!), size.h)],
  });
}

/** Adds the box that the user drew with keys. */
export function place(model: AnnotateModel, { sample }: Usable): void {
  const size = pictureSize();
  if (size) model.addBox({ sample, side: ORIGINAL, size }, drawnBox(model, size));
}

function pictureSize() {
  const image = document.querySelector<HTMLImageElement>('.frame img');
  return image ? { w: image.naturalWidth, h: image.naturalHeight } : null;
}
