/** Key of a panel with its action, and the command for the same action in the command palette. */
export interface Key {
  /** Names of the keys (`nameOf`). All have the same effect, or each key selects the choice with the key's number. */
  keys: readonly string[];
  label: string;
  /** Displayed form of the keys, if it differs from the names. */
  shown?: string;
  /** Last part of the command's id, such as `next` of `chirality.trace.next`. Held keys have no commands. */
  command?: string;
  /** Performs the action. @param choice number of the pressed key among `keys`, from 1 */
  run(choice: number): void;
  /** Undoes the effect when the key is released. @param held time since the key was pressed, in ms */
  release?(held: number): void;
  /** Returns whether the key has an effect now. Without this function, the key always has an effect. */
  when?(): boolean;
  /** Whether the action repeats while the user holds the key. */
  repeats?: boolean;
  /** Whether the key also works while the user types text. */
  inText?: boolean;
}

/** Returns a key whose action is also a command in the command palette. */
export const keyOf = <Command extends string>(
  keys: readonly string[],
  command: Command,
  label: string,
  run: Key['run'],
  more?: Partial<Key>,
): Key & { command: Command } => ({ keys, label, run, ...more, command });

/**
 * Selectors of elements in which the user types text. They match the innermost element, because the shadow root of a
 * control can contain the field.
 */
const TEXT = [
  'textarea',
  'select',
  '[contenteditable]:not([contenteditable=false])',
  '[role=textbox]',
  '[role=searchbox]',
  '[role=combobox]',
  '[role=spinbutton]',
  `input:not(${['range', 'checkbox', 'radio', 'button', 'submit', 'color'].map((type) => `[type=${type}]`).join()})`,
].join();

/** Selectors of elements that Enter and the space bar press. The next constant is for elements that use arrow keys. */
const PRESSED =
  'button, summary, a[href], input, [role=button], [role=checkbox], [role=radio], [role=switch], [role=tab], [role=menuitem]';
const MOVED = 'input, [role=radio], [role=tab], [role=slider], [role=menuitem]';

export function focused(): Element | null {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
}

export const isText = (element: Element | null): boolean => element?.matches(TEXT) ?? false;

/**
 * Returns the name of a pressed key: `j`, `shift+j`, `ctrl+enter` (on a Mac also for ⌘), `space`. A character is its
 * own name, whatever modifiers produce it, because keyboards differ between countries.
 */
export function nameOf({ key, code, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): string {
  // On a keyboard without Latin letters, use the Latin letter at the same position.
  const letter = /^[^\0-\x7f]$/.test(key) ? /^Key([A-Z])$/.exec(code)?.[1] : undefined;
  const name = key === ' ' ? 'space' : (letter ?? key).toLowerCase();
  const shifted = shiftKey && (name.length > 1 || /[a-z]/.test(name));
  return `${ctrlKey || metaKey ? 'ctrl+' : ''}${altKey ? 'alt+' : ''}${shifted ? 'shift+' : ''}${name}`;
}

/** Returns keys as displayed: Ctrl+Enter for `ctrl+enter`; of more than two keys, only the first and the last key. */
export function printed(keys: readonly string[]): string {
  const shown = keys.map((key) =>
    key.replace(/\w{2,}|(?<=\+)\w/g, (name) => name[0]!.toUpperCase() + name.slice(1)),
  );
  return shown.length > 2 ? `${shown[0]} – ${shown.at(-1)}` : shown.join(', ');
}

/**
 * Selects all text immediately, and stops the key event before it reaches VS Code's listener at the window, which
 * selects all text again. On a busy machine, the listener is so late that typing would replace newer text.
 */
function selectAllAtOnce(event: KeyboardEvent): void {
  const field = event.composedPath()[0];
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
  // On a Mac, Ctrl+A moves to the beginning of the line, and ⌘A selects all text.
  const isOfLine = event.ctrlKey && navigator.platform.startsWith('Mac');
  if (nameOf(event) !== 'ctrl+a' || isOfLine || !isText(field)) return;
  field.select();
  event.preventDefault();
  event.stopPropagation();
}

/** Listens for the keys of a panel until the panel's page is closed. */
export function listenForKeys(table: readonly Key[]): void {
  document.addEventListener('keydown', selectAllAtOnce);
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
  // If the window loses the focus, no event reports the release of the key.
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

export function runCommand(table: readonly Key[], { name, choice }: { name: string; choice?: number }): void {
  table.find(({ command }) => command === name)?.run(choice ?? 1);
}
