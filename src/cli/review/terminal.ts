import { createInterface, emitKeypressEvents, type Key } from 'node:readline';
import { ANSI, PLAIN } from './screen.ts';
import type { Seat } from './loop.ts';

/** A person at the terminal of this process. `leave` gives it back as it was. */
export function terminalSeat(): Seat & { leave(): void } {
  const { stdin, stdout } = process;
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  stdin.resume();

  return {
    style: process.env.NO_COLOR ? PLAIN : ANSI,
    show: (text) => {
      stdout.write(`\x1b[2J\x1b[H${text}`); // clear, and go home
    },
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
        const line = createInterface({ input: stdin, output: stdout, terminal: true, prompt: '' });
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
      stdout.write('\n');
    },
  };
}
