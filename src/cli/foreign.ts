import { alarmsOf } from '../lab/foreign/foreign-alarms.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { lackText, several } from '../base/format.ts';
import { originName } from '../core/run-data/origin.ts';
import { printable } from '../base/printable.ts';
import type { SourceEvaluation } from '../core/evaluation/source-evaluation.ts';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { chooseFor, readForeign, readInPlace } from '../lab/foreign/known.ts';
import { UsageError } from './errors.ts';
import type { ForeignState } from '../lab/foreign/foreign-run.ts';
import { summary } from './live.ts';
import { note, tell } from './print.ts';
import type { OptionsOf, withChoices } from './command-options.ts';

/**
 * Applies the user's choices for reading an external run to this process.
 * @throws UsageError for a Chirality run, a reward that is not in the run, or a missing dataset
 */
export async function choose(
  dir: string,
  { right, data, mirrorOf }: OptionsOf<typeof withChoices>,
): Promise<void> {
  if (right === undefined && data === undefined && mirrorOf === undefined) return;
  const state = await readInPlace(dir);
  if (!state)
    throw new UsageError(
      '--right, --data and --mirror-of require an external run or evaluation. Remove them.',
    );
  const { evaluation, batches } = state;
  if (evaluation && (right !== undefined || data !== undefined))
    throw new UsageError('--right and --data have no effect with evaluations. Remove them.');
  if (mirrorOf !== undefined) {
    const sets = [...new Set(evaluation?.rows.map(({ set }) => set))];
    const unknown = Object.values(mirrorOf).find((set) => !sets.includes(set));
    if (unknown !== undefined)
      throw new UsageError(
        `--mirror-of: evaluation set "${unknown}" does not exist. Evaluation sets: ${sets.join(', ') || 'none'}.`,
      );
  }
  if (data !== undefined && !existsSync(data)) throw new UsageError(`--data: ${data} does not exist.`);
  if (right !== undefined) {
    const parts = new Set(batches.flatMap(({ rewards }) => rewards.names));
    if (!parts.has(right))
      throw new UsageError(
        `--right: reward "${right}" does not exist. Rewards: ${[...parts].join(', ') || 'none'}.`,
      );
  }
  chooseFor(dir, {
    ...(right !== undefined && { right }),
    ...(data !== undefined && { data: resolve(data) }),
    ...(mirrorOf !== undefined && { mirrorOf }),
  });
}

/** Returns a summary such as "an evaluation of m: 6 answers to 3 questions of worlds, 2 of which are right". */
function evaluationText({ model, rows, figures }: SourceEvaluation): string {
  const sets = [...new Set((rows.length > 0 ? rows : figures).map(({ set }) => set))];
  const modelText = printable(model ?? 'an unnamed model', 100);
  const on = printable(sets.join(', '), 200);
  if (rows.length === 0) return `an evaluation of ${modelText} on ${on}: metrics only`;
  const questions = new Set(rows.map(({ set, view, id }) => JSON.stringify([set, view, id]))).size;
  const [right, open] = [true, null].map((verdict) => rows.filter((row) => row.right === verdict).length) as [
    number,
    number,
  ];
  const told =
    open > 0 ? `${right}–${right + open} correct, ${lackText(open, rows.length)}` : `${right} correct`;
  return `an evaluation of ${modelText}: ${several(rows.length, 'answer')} to ${several(questions, 'question')} of ${on}; ${told}`;
}

/** Time between two reads of a run's files, in ms. */
const POLL_MS = 1000;

/** Prints the contents of an external run, the missing information and the unreadable parts. */
export function tellForeign({ origin, metrics, batches, steps, problems, evaluation }: ForeignState): void {
  const { group_size: size, missing, notes } = origin;
  const pairs = batches.reduce((sum, { groups }) => sum + groups.length, 0);
  const completions = batches.reduce(
    (sum, { groups }) => sum + groups.reduce((n, { at }) => n + at.length, 0),
    0,
  );
  if (evaluation) note(`${originName(origin)}: ${evaluationText(evaluation)}.`);
  else
    note(
      `${originName(origin)}: curves of ${several(metrics.size, 'step')}; ${several(completions, 'completion')} in ${several(pairs, 'group')} of ${several(steps.length, 'step')}${
        size.value === null ? '' : `, G ${size.value} (${printable(size.from, 80)})`
      }.`,
    );
  for (const { field, why } of missing) note(`Missing: ${field}. ${why}`);
  for (const each of notes.filter((line) => !problems.includes(line))) note(printable(each, 300));
  for (const { message, since } of alarmsOf(metrics)) tell(`From step ${since}: ${message}`);
  for (const each of problems) tell(printable(each, 300));
}

/**
 * Prints every step of an external run, then new steps as they appear. Stops only on the signal, because the files do
 * not show whether the external program still writes to them.
 */
export async function watchForeign(dir: string, signal: AbortSignal): Promise<void> {
  let told = -1;
  for (let first = true; !signal.aborted; first = false) {
    const state = await readForeign(dir);
    if (first) tellForeign(state);
    for (const [step, figures] of state.metrics) {
      if (step <= told) continue;
      told = step;
      note(summary({ step, ...figures }, null));
    }
    if (state.ended) {
      note(`The run has ${state.ended}.`);
      return;
    }
    if (first)
      note(`Last written at ${state.written}. The run might still be active. Press Ctrl-C to stop watching.`);
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}
