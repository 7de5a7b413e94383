import { useEffect, useRef } from 'preact/hooks';
import { Button } from './controls.tsx';
import { printed, type Key } from './keyboard.ts';

interface KeysProps {
  isShown: boolean;
  table: readonly Key[];
  /** Additional keys to list. The browser performs their actions. */
  others?: readonly [key: string, what: string][];
  model: {
    update(change: { showKeys: false }): void;
    host: { notify(name: 'openKeybindings', args: null): void };
  };
}

export const Keys = ({ isShown, ...props }: KeysProps) => (isShown ? <KeysDialog {...props} /> : null);

/**
 * Dialog that lists the keys of a panel. The browser keeps the focus in the dialog, closes the dialog on Escape, and
 * then restores the focus.
 */
function KeysDialog({ table, others = [], model }: Omit<KeysProps, 'isShown'>) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={() => model.update({ showKeys: false })} aria-labelledby="keys-title">
      {/* Focus the title: if a button below had the focus, a long list would open at its end. */}
      <h2 id="keys-title" tabIndex={-1} autofocus>
        Keys
      </h2>
      <dl>
        {[...linesOf(table), ...others].map(([key, what]) => (
          <>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </>
        ))}
      </dl>
      <p class="quiet">
        You can assign other keys to most of these commands. Use Ctrl or Alt, because plain keys also act
        while you type.
      </p>
      <div class="tools">
        <Button onClick={() => model.host.notify('openKeybindings', null)}>Keyboard Shortcuts…</Button>
        <Button onClick={() => dialog.current?.close()}>Close</Button>
      </div>
    </dialog>
  );
}

const linesOf = (table: readonly Key[]) =>
  table.flatMap(({ keys, shown, label }) =>
    keys.length > 0 ? [[shown ?? printed(keys), label] as const] : [],
  );
