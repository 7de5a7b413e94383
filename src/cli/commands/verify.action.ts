import { several } from '../../base/format.ts';
import { verifyRun } from '../../lab/runs/verify.ts';
import { JobError, UsageError } from '../errors.ts';
import { print, printJson, printTable } from '../print.ts';
import { requireOwn } from '../find-runs.ts';

/** Maximum number of deviations to print; the output of `--json` contains more. */
const SHOWN = 20;

export async function verify(
  name: string,
  { runs, step, json }: { runs: string; step?: number; json?: true },
): Promise<void> {
  const dir = await requireOwn(runs, name, 'verified');
  const { verification: found, traced, taken, untraced, parent } = await verifyRun(dir, step);
  if (found.steps === 0) {
    if (taken === 0)
      throw new JobError(`${name} has taken no steps yet.`, {
        fix: `Continue it with \`chirality resume ${name}\`.`,
      });
    if (traced.length === 0)
      throw new JobError(`${name} has no traced steps to verify.`, {
        fix: 'Set trace.every in run.yaml to record steps.',
      });
    throw new UsageError(`Step ${step} of ${name} was not traced.`, {
      fix: `Of steps ${traced[0]} to ${traced.at(-1)}, ${traced.length} were traced.`,
    });
  }
  if (found.count > 0) process.exitCode = 1;
  if (json) {
    const { steps, pairs, completions, isVerified: verified, quantities, count, found: deviations } = found;
    const by = Object.fromEntries(quantities);
    printJson({
      steps,
      pairs,
      completions,
      verified,
      quantities: by,
      taken: found.taken(),
      count,
      deviations,
    });
    return;
  }
  printTable(['quantity', 'compared', 'largest deviation'], found.table());
  for (const line of found.taken()) print(line);
  if (parent && step === undefined)
    print(`Not verified: steps 1 to ${parent.step}. They are in ${parent.name}.`);
  if (untraced > 0 && step === undefined)
    print(`Not verified: ${several(untraced, 'step')} without a trace (trace.every).`);
  for (const line of found.result(SHOWN)) print(line);
}
