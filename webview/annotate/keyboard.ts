import { boxAt, moveBox } from '../../src/core/annotation/puts.ts';
import type { Xyxy } from '../../src/core/spatial/boxes.ts';
import { listenForQuestionMark } from '../ui/question-mark.ts';
import { inText } from '../ui/keyboard.ts';
import type { Actions, PanelState, Usable } from './panel-state.ts';

interface Page {
  panel: () => PanelState;
  usable: () => Usable | null;
  actions: Actions;
}

/** The last key was a letter in a text field, which may since have been left: a command that comes now is that letter's. */
let typed = false;
export const isTyping = (): boolean => typed;

/** Hears what commands cannot know: that a key is held, where it is on the keyboard, what is selected, what is typed. */
export function listen({ panel, usable, actions }: Page): void {
  const { host, update } = actions;
  addEventListener(
    'keydown',
    ({ key, target, ctrlKey, altKey, metaKey }) => {
      if (key !== 'Escape') typed = key.length === 1 && !ctrlKey && !altKey && !metaKey && inText(target);
    },
    { capture: true },
  );
  addEventListener('focusin', ({ target }) => host.notify('typing', { inField: inText(target) }));
  addEventListener('focusout', ({ relatedTarget }) => {
    if (!inText(relatedTarget)) host.notify('typing', { inField: false });
  });
  addEventListener('keydown', (event) => {
    if (inText(event.target)) return;
    if (event.target instanceof Element && event.target.closest('.list, .frame')) return;
    nudge(event, panel(), usable(), actions);
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'Escape') update({ drawing: false, relating: null, selected: null, rejecting: false });
    if (event.key === 'm' && !event.repeat) update({ flipped: true });
  });
  listenForQuestionMark(() => update({ showKeys: true }));
  addEventListener('keyup', (event) => event.key === 'm' && update({ flipped: false }));
  addEventListener('blur', () => panel().flipped && update({ flipped: false }));
}

const ARROWS: Record<string, [x: number, y: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Moves the selected box, or with Alt its right lower corner; on the mirror's side of the mind, left stays left. */
function nudge(
  event: KeyboardEvent,
  { selected }: PanelState,
  usable: Usable | null,
  { put }: Actions,
): void {
  const arrow = ARROWS[event.key];
  const size = pictureSize();
  const sample = usable?.sample;
  const box = sample && size && selected && boxAt(sample, selected, size);
  if (!arrow || !box || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const by = event.shiftKey ? 10 : 1;
  const next = box.map((n, i) => (event.altKey && i < 2 ? n : n + by * arrow[i % 2]!)) as Xyxy;
  put(moveBox(sample, selected, next, size), 'Move box', true);
}

function pictureSize() {
  const image = document.querySelector<HTMLImageElement>('.frame img');
  return image ? { w: image.naturalWidth, h: image.naturalHeight } : null;
}
