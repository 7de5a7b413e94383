import { emitKeypressEvents, type Key } from 'node:readline';
import { MARKS, hasMarks, lineEditor, print, showScreen } from '../print.ts';
import { PLAIN, type Style } from './screen.ts';

/** The terminal at which a person reviews; a test has its own. */
export interface ReviewTerminal {
  style: Style;
  /** Replaces the text shown. */
  show(text: string): void;
  /** The name of the next key: `return`, `space`, `x`; null if there are no more. */
  key(): Promise<string | null>;
  /** Lets the person edit a text; null if cancelled. */
  edit(label: string, text: string): Promise<string | null>;
}

/** The terminal of this process. `leave` restores it. */
export function openTerminal(): ReviewTerminal & { leave(): void } {
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
        const gone = () => {
          end(null);
        };
        stdin.once('keypress', press).once('end', gone);
      }),
    edit: (label, text) =>
      new Promise((resolve) => {
        const line = lineEditor();
        const end = (written: string | null) => {
          line.close();
          stdin.setRawMode(true);
          stdin.resume();
          resolve(written);
        };
        line.once('SIGINT', () => {
          end(null);
        });
        line.question(`${label}: `, end);
        line.write(text);
      }),
    leave: () => {
      stdin.setRawMode(false);
      stdin.pause();
      print('');
    },
  };
}
