import { partOf } from '../base/format.ts';
import { assess } from '../core/rewards/assess.ts';
import type { TracedPair } from '../core/run-data/trace.ts';
import type { WhatIfReport } from '../core/run-data/what-if.ts';
import { EFFECTS } from '../core/rewards/advantages.ts';
import { WhatIfError } from '../core/run-data/what-if-settings.ts';
import { whatIfRun } from '../lab/runs/trace-files.ts';
import type { RunSteps } from '../lab/traces/run-steps.ts';
import { otherSettings } from '../lab/traces/other-settings.ts';
import { JobError, UsageError } from './errors.ts';
import { Progress } from './progress.ts';
import { formatTable } from '../base/printable.ts';
import { print, printJson } from './print.ts';

/** The pairs of a step under other settings, given as `eta=2,scope=pair`. */
export async function stepWhatIf(
  run: RunSteps,
  step: readonly TracedPair[],
  text: string,
): Promise<TracedPair[]> {
  const { settings } = await readSettings(run, step, text);
  return assess(step, settings);
}

/** Prints how the advantages of a run would change. */
export async function printRunWhatIf(run: RunSteps, text: string, json: boolean): Promise<void> {
  const steps = await run.steps();
  const { settings, changed } = await readSettings(run, await run.pairs(steps[0]!), text);
  const progress = new Progress('steps', steps.length);
  const report = await whatIfRun(run, settings, {
    onProgress: (share) => progress.update(Math.round(share * steps.length)),
  });
  progress.end();
  if (json) printJson({ changed, ...report });
  else print(formatReport(report, changed));
}

async function readSettings(run: RunSteps, step: readonly TracedPair[], text: string) {
  if (!(await run.whatIfConfig())) throw new JobError(await run.whyNoWhatIf());
  return otherSettings(run, step, text).catch((error: unknown) => {
    throw error instanceof WhatIfError ? new UsageError(`--what-if: ${error.message}`) : error;
  });
}

function formatReport(
  report: WhatIfReport,
  changed: Awaited<ReturnType<typeof readSettings>>['changed'],
): string {
  const { steps, pairs, completions, signs, groups, kept, coupled, effects, penalised } = report;
  const row = (name: string, { before, after }: typeof kept, counted: typeof kept) => [
    name,
    `${before}`,
    partOf(before, counted.before),
    `${after}`,
    partOf(after, counted.after),
  ];
  const all = { before: groups, after: groups };
  const now = Object.entries(changed).map(([name, { before, after }]) => `${name} ${before} ⇒ ${after}`);
  return [
    `${now.join(', ')}: ${steps} traced steps, ${pairs} pairs, ${completions} completions`,
    '',
    `advantages sign flipped  ${signs.reversed} (${partOf(signs.reversed, completions)})`,
    `                 zeroed  ${signs.silenced} (${partOf(signs.silenced, completions)})`,
    `              activated  ${signs.woken} (${partOf(signs.woken, completions)})`,
    '',
    formatTable(
      ['', 'before', '', 'after', ''],
      [
        row('groups kept', kept, all),
        ...EFFECTS.map((effect) => row(`effect ${effect}`, effects[effect], coupled)),
        ...Object.entries(penalised).map(([view, pairs]) => row(`${view} penalised`, pairs, coupled)),
      ],
    ),
  ].join('\n');
}
