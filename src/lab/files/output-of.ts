import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a program prints; null if it cannot be run or fails. */
export const outputOf = (program: string, args: string[]): Promise<string | null> =>
  run(program, args, { windowsHide: true }).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
