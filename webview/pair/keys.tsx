import { useEffect, useRef } from 'preact/hooks';
import type { Host } from './view.ts';

const KEYS: readonly [key: string, what: string][] = [
  ['j', 'next row'],
  ['k', 'previous row'],
  ['m', 'hold: see the mirror in the place of the original'],
  ['b', 'show or hide boxes'],
  ['o', 'go to the row in the editor'],
  ['?', 'these keys'],
];

/** The keys of the panel. The browser keeps the focus inside, closes it on Escape and gives the focus back. */
export function Keys({ close, host }: { close: () => void; host: Host }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="keys-title">
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
      <p class="quiet">These are the defaults; all but the keys m and ? can be changed.</p>
      <div class="tools">
        <button type="button" onClick={() => host.notify('openKeybindings', null)}>
          Keyboard Shortcuts…
        </button>
        <button type="button" autofocus onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  );
}
