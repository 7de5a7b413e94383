/** A key of a panel, what it does, and the command with which the palette does the same. */
export interface Key {
  /** As `nameOf` names them: each does the same, or makes the choice of its number. */
  keys: readonly string[];
  label: string;
  /** How they are printed, where that is not by their names. */
  shown?: string;
  /** The last part of the command's id: `next` of `chirality.trace.next`. What means a held key has none. */
  command?: string;
  /** @param choice the number of the key among `keys`, from 1 */
  run(choice: number): void;
  /** Goes back when the key is released. @param held milliseconds since it was pressed */
  release?(held: number): void;
  /** Whether it means anything now; always, where nothing is said. */
  when?(): boolean;
  /** Is done again and again while the key is down. */
  repeats?: boolean;
  /** Is meant even where text is typed. */
  inText?: boolean;
}

/** Where text is typed. Checked on what is deepest: controls with a shadow root hold their field in it. */
const TEXT = [
  ...['textarea', 'select', '[contenteditable]:not([contenteditable=false])'],
  ...['[role=textbox]', '[role=searchbox]', '[role=combobox]', '[role=spinbutton]'],
  `input:not(${['range', 'checkbox', 'radio', 'button', 'submit', 'color'].map((type) => `[type=${type}]`).join()})`,
].join();

/** What is pressed with Enter and the space bar, and what is moved with the arrows. */
const PRESSED =
  'button, summary, a[href], input, [role=button], [role=checkbox], [role=radio], [role=switch], [role=tab], [role=menuitem]';
const MOVED = 'input, [role=radio], [role=tab], [role=slider], [role=menuitem]';

/** What has the focus, in whatever shadow root. */
export function focused(): Element | null {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
}

export const isText = (element: Element | null): boolean => element?.matches(TEXT) ?? false;

/**
 * The name of a pressed key: `j`, `shift+j`, `ctrl+enter` (on a Mac also ⌘), `space`. Where a character is on a keyboard
 * differs from country to country, so it is its own name, with whatever it takes to type it.
 */
export function nameOf({ key, code, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): string {
  // On a keyboard without Latin letters, the place of the key stands for the letter.
  const letter = /^[^\0-\x7f]$/.test(key) ? /^Key([A-Z])$/.exec(code)?.[1] : undefined;
  const name = key === ' ' ? 'space' : (letter ?? key).toLowerCase();
  const shifted = shiftKey && (name.length > 1 || /[a-z]/.test(name));
  return `${ctrlKey || metaKey ? 'ctrl+' : ''}${altKey ? 'alt+' : ''}${shifted ? 'shift+' : ''}${name}`;
}

/** Keys as they are printed: `ctrl+enter` is Ctrl+Enter, and more than two of them are the first and the last. */
export function printed(keys: readonly string[]): string {
  const shown = keys.map((key) =>
    key.replace(/\w{2,}|(?<=\+)\w/g, (name) => name[0]!.toUpperCase() + name.slice(1)),
  );
  return shown.length > 2 ? `${shown[0]} – ${shown.at(-1)}` : shown.join(', ');
}

/** Hears the keys of a panel, for as long as its page lives. */
export function listenForKeys(table: readonly Key[]): void {
  let down: { code: string; since: number; key: Key } | null = null;
  const release = (now: number) => {
    const released = down;
    down = null;
    released?.key.release?.(now - released.since);
  };
  addEventListener('keydown', (event) => {
    const name = nameOf(event);
    const key = table.find(({ keys }) => keys.includes(name));
    if (!key || event.defaultPrevented || event.isComposing || !isMeant(key, name, event)) return;
    event.preventDefault();
    if (event.repeat && !key.repeats) return;
    down = { code: event.code, since: event.timeStamp, key };
    key.run(key.keys.indexOf(name) + 1);
  });
  addEventListener('keyup', ({ code, timeStamp }) => code === down?.code && release(timeStamp));
  // The key may be released elsewhere.
  addEventListener('blur', () => release(Infinity));
}

function isMeant({ when, inText }: Key, name: string, event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  if (target instanceof Element) {
    if (isText(target) && !inText) return false;
    if (['enter', 'space'].includes(name) && target.matches(PRESSED) && !isText(target)) return false;
    if (name.includes('arrow') && target.matches(MOVED)) return false;
  }
  return !document.querySelector('dialog:modal') && (when?.() ?? true);
}

/** Does what the palette says. */
export function runCommand(table: readonly Key[], { name, choice }: { name: string; choice?: number }): void {
  table.find(({ command }) => command === name)?.run(choice ?? 1);
}
