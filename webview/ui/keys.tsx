import { useEffect, useRef } from 'preact/hooks';
import { printed } from './printed.ts';

interface Props {
  keys: readonly (readonly [key: string, what: string])[];
  /** Which of them cannot be changed. */
  note: string;
  close: () => void;
  openKeybindings: () => void;
}

/** The keys of a panel. The browser keeps the focus inside, closes it on Escape and gives the focus back. */
export function Keys({ keys, note, close, openKeybindings }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="keys-title">
      <h2 id="keys-title">Keys</h2>
      <dl>
        {keys.map(([key, what]) => (
          <>
            <dt>
              <kbd>{printed(key)}</kbd>
            </dt>
            <dd>{what}</dd>
          </>
        ))}
      </dl>
      <p class="quiet">{note}</p>
      <div class="tools">
        <button type="button" onClick={openKeybindings}>
          Keyboard Shortcuts…
        </button>
        <button type="button" autofocus onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  );
}
