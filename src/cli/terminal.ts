import { emitKeypressEvents, type Key } from 'node:readline';
import { MARKS, hasMarks, print, showScreen } from './print.ts';

/** Style of marked words in a terminal. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
}

export const PLAIN: Style = { bold: (text) => text, dim: (text) => text };

/** Terminal of a person who rates. Tests provide their own implementation. */
export interface Terminal {
  style: Style;
  /** Replaces the displayed text. */
  show(text: string): void;
  /** Returns the name of the next key, such as `return`, `space` or `x`; null if there are no more keys. */
  key(): Promise<string | null>;
}

/** Opens the terminal of this process. `leave` restores the terminal's mode. */
export function openTerminal(): Terminal & { leave(): void } {
  const { stdin } = process;
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  stdin.resume();

  return {
    style: hasMarks() ? MARKS : PLAIN,
    show: showScreen,
    key: () =>
      new Promise((resolve) => {
        const end = (name: string | null) => {
          stdin.off('keypress', press).off('end', gone);
          resolve(name);
        };
        const press = (text: string | undefined, key: Key) => {
          const left = key.ctrl === true && (key.name === 'c' || key.name === 'd');
          end(left ? null : (key.name ?? text ?? ''));
        };
        const gone = () => end(null);
        stdin.once('keypress', press).once('end', gone);
      }),
    leave: () => {
      stdin.setRawMode(false);
      stdin.pause();
      print('');
    },
  };
}
