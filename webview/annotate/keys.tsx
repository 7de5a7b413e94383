import { useEffect, useRef } from 'preact/hooks';
import type { Actions } from './view.ts';

const KEYS: readonly [key: string, what: string][] = [
  ['j, k', 'next, previous row'],
  ['p', 'review the mirror, or the opposite question'],
  ['Enter', 'accept the form under review, next row'],
  ['x', 'discard it, next row'],
  ['r', 'reject it and say why'],
  ['w', 'edit its texts'],
  ['Space', 'skip: next row'],
  ['1–9', 'this choice is the answer'],
  ['e', 'edit the question; Escape leaves a field'],
  ['n', 'draw a box on either picture'],
  ['l', 'add a relation between objects: drag from box to box, or choose them'],
  ['Tab', 'select the next box in the list'],
  ['arrows', 'move the selected box by a pixel; with Shift by ten; with Alt its right lower corner'],
  ['Delete', 'remove the selected box'],
  ['b, g', 'show or hide boxes, the scene graph'],
  ['m', 'hold: see the mirror in the place of the original'],
  ['a', 'add a copy of the row'],
  ['Ctrl+Delete', 'remove the row'],
  ['o', 'open the row as text, beside'],
  ['/', 'find rows; Enter next, Shift+Enter previous'],
  ['Ctrl+Z, Ctrl+Y', 'undo, redo'],
];

/** The keys of the editor. The browser keeps the focus inside, closes it on Escape and gives the focus back. */
export function Keys({ actions }: { actions: Actions }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={() => actions.update({ keys: false })} aria-labelledby="keys-title">
      <h2 id="keys-title">Keys</h2>
      <dl>
        {KEYS.map(([key, what]) => (
          <>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </>
        ))}
      </dl>
      <div class="tools">
        <button type="button" onClick={() => actions.host.notify('openKeybindings', null)}>
          Keyboard Shortcuts…
        </button>
        <button type="button" autofocus onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  );
}
