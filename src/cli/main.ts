import { inspect } from 'node:util';
import { CommanderError } from 'commander';
import { JobError, UsageError } from './errors.ts';
import { DataError } from '../lab/datasets/data-error.ts';
import { takeFramesWith } from '../lab/datasets/frame-cache.ts';
import { readRowsWith } from '../lab/files/row-threads.ts';
import { explainError } from '../lab/files/disk-error.ts';
import { fail, note, outliveClosedPipes } from './print.ts';
import { createProgram } from './program.ts';
import { removeUnfinished, watchUnfinished } from '../lab/files/leftovers.ts';

declare const CHIRALITY_VERSION: string;

const SAME = 'Stopped. Run the same command to continue.';
/** Messages after an interrupt, for commands that keep their progress. */
const AFTER_INTERRUPT: Readonly<Record<string, string>> = {
  eval: SAME,
  sweep: SAME,
  'benchmark consistency': SAME,
  'benchmark motion': SAME,
  'inspect attention': SAME,
  'inspect patch': SAME,
  'inspect probe': SAME,
  worlds: 'Stopped. Images drawn so far are kept, but the same command draws all images again.',
  demo: 'Stopped. Existing files are kept. The next `chirality demo` uses a new folder.',
};

/**
 * Removes incomplete files if a user, a closing terminal or the system ends the program. Ignores commands with their
 * own signal handlers. Handlers exist only when needed, because Node handles signals only between tasks.
 */
function leaveNothingBehind(words: readonly string[]): void {
  process.on('exit', removeUnfinished);
  const left = AFTER_INTERRUPT[words[0] ?? ''] ?? AFTER_INTERRUPT[words.slice(0, 2).join(' ')];
  const ends = (['SIGINT', 'SIGHUP', 'SIGTERM'] as const).map((signal) => {
    const isTold = signal === 'SIGINT' && left !== undefined;
    const end = () => {
      if (process.listenerCount(signal) > 1) return;
      removeUnfinished();
      if (isTold) note(`\n${left}`);
      // Restore the terminal mode, because Node restores a raw terminal only if the signal has no listener.
      if (process.stdin.isTTY) process.stdin.setRawMode(false);
      process.off(signal, end);
      // eslint-disable-next-line no-restricted-properties -- this very process
      process.kill(process.pid, signal);
    };
    if (isTold) process.on(signal, end);
    return { signal, end, isTold };
  });
  watchUnfinished((isUnfinished) => {
    for (const { signal, end, isTold } of ends) {
      if (isTold) continue;
      process.off(signal, end);
      // Prepend the listener, so that `end` still counts a command's one-time handler as a handler.
      if (isUnfinished) process.prependListener(signal, end);
    }
  });
}

/** Returns whether an error reports a missing model, a missing checkpoint, or no usable row. */
const isMissing = (error: unknown): boolean =>
  error instanceof DataError && /^no-(?:model|checkpoint|row)$/.test(error.problem.code);

/** Exit codes: 0 done, 1 the job failed, 2 wrong usage. */
async function main(): Promise<number> {
  // Windows would search for `git` and `python` first in the data folder, which can contain untrusted programs.
  process.env.NoDefaultCurrentDirectoryInExePath = '1';
  outliveClosedPipes();
  takeFramesWith({
    eager: true,
    extract: async (...args) => (await import('../lab/images/video.ts')).extractFrames(...args),
    length: async (path) => (await import('../lab/images/video.ts')).lengthOfVideo(path),
  });
  readRowsWith(new URL('./cli-rows.js', import.meta.url));
  const typed = process.argv.slice(2);
  leaveNothingBehind(typed);
  try {
    const program = await createProgram(typed, CHIRALITY_VERSION);
    await program.parseAsync(typed, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof JobError) fail(error.toString());
    else fail(process.env.CHIRALITY_DEBUG ? inspect(error) : explainError(error as Error));
    return error instanceof UsageError || isMissing(error) ? 2 : 1;
  }
}

/** Exit code of Node for a top-level await that never settles. */
const NEVER_SETTLED = 13;
process.on('exit', (code) => {
  // In Node 20, another listener sets the code and runs before this listener.
  if (code !== NEVER_SETTLED && process.exitCode !== NEVER_SETTLED) return;
  process.exitCode = 1;
  fail('The command stopped because of an internal error. Run it again.');
});

process.exitCode = await main();
