import { setTimeout as sleep } from 'node:timers/promises';
import { originName } from '../core/run-data/foreign/origin.ts';
import { printable } from '../core/printable.ts';
import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { chooseFor, foreignRun, mayBeForeign } from '../lab/foreign/known.ts';
import { UsageError } from './errors.ts';
import type { ForeignState } from '../lab/foreign/run.ts';
import { summary } from './live.ts';
import { note, tell } from './print.ts';

/** What a person says about another program's run. */
export interface ChoiceOptions {
  right?: string;
  data?: string;
}

/** Adds the options with which a person says what another program did not keep. */
export const withChoices = (command: Command): Command =>
  command
    .option('--right <reward>', 'of another trainer’s run: the reward whose value 1 means right')
    .option(
      '--data <file>',
      'of another trainer’s run: a data set with the pictures, references and mirrors of its questions',
    );

/**
 * Makes this process read a run with what a person says about it.
 * @throws UsageError for a run of ours, a reward that the run does not have, or a data set that is not there
 */
export async function choose(dir: string, { right, data }: ChoiceOptions): Promise<void> {
  if (right === undefined && data === undefined) return;
  if (!mayBeForeign(dir))
    throw new UsageError(
      '--right and --data are for runs of other trainers: ours know what they were trained on.',
    );
  if (data !== undefined && !existsSync(data)) throw new UsageError(`--data: there is no file ${data}.`);
  if (right !== undefined) {
    const { batches } = await foreignRun(dir).read();
    const parts = new Set(batches.flatMap(({ rewards }) => rewards.names));
    if (!parts.has(right))
      throw new UsageError(
        `--right: no reward is called "${right}". There are: ${[...parts].join(', ') || 'none'}.`,
      );
  }
  chooseFor(dir, {
    ...(right !== undefined && { right }),
    ...(data !== undefined && { data: resolve(data) }),
  });
}

/** Time between two looks at a run, in ms. */
const LOOK_MS = 1000;

/** Prints a summary of another program's run: its contents, what is not known about it, and what could not be read. */
export function tellForeign({ origin, metrics, batches, problems }: ForeignState): void {
  const { group_size: size, missing, notes } = origin;
  const pairs = batches.reduce((sum, { groups }) => sum + groups.length, 0);
  const completions = batches.reduce(
    (sum, { groups }) => sum + groups.reduce((n, { at }) => n + at.length, 0),
    0,
  );
  note(
    `${originName(origin)}: curves of ${metrics.size} steps; ${completions} completions in ${pairs} groups of ${batches.length} steps${
      size.value === null ? '' : `, G ${size.value} (${printable(size.from, 80)})`
    }.`,
  );
  for (const { field, why } of missing) note(`not known: ${field}. ${why}`);
  for (const each of notes) note(printable(each, 300));
  for (const each of problems) tell(printable(each, 300));
}

/**
 * Prints every step of another program's run, then new steps as they are written, until Ctrl-C, since such folders do
 * not say whether a process still writes.
 */
export async function watchForeign(dir: string): Promise<void> {
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort());
  const run = foreignRun(dir);
  let told = -1;
  for (let first = true; !abort.signal.aborted; first = false) {
    const state = await run.read();
    if (first) tellForeign(state);
    for (const [step, figures] of [...state.metrics].sort(([a], [b]) => a - b)) {
      if (step <= told) continue;
      told = step;
      note(summary({ step, ...figures }, null));
    }
    if (first)
      note(
        `Last written at ${state.written}. It is not known whether the run goes on; Ctrl-C stops watching.`,
      );
    await sleep(LOOK_MS, undefined, { signal: abort.signal }).catch(() => undefined);
  }
}
