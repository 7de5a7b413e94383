import type { OptionsOf } from '../command-options.ts';
import type { addEvalCommand } from './eval.command.ts';
import { openJudge, openSbert, type Target } from '../evaluation/target.ts';
import { UsageError } from '../errors.ts';
import { requireFamily } from '../values.ts';
import { sightNotes } from '../../lab/evaluation/sight-notes.ts';
import { modelTarget, runTarget } from '../evaluation/open-evaluator.ts';
import { areLarge, tellSets } from '../print-set-reading.ts';
import { withSets } from '../../lab/evaluation/evaluation-samples.ts';
import { tryTarget, runTargetEvaluation, reportMissing, tellSkipped } from '../evaluation/run-evaluation.ts';
import { formatResults, nearChance, controlsText } from '../../core/reports/figures-text.ts';
import type { Encoder } from '../../lab/encoders/encoder.ts';
import type { OwnPrograms } from '../../lab/own/own-program.ts';
import { openMetrics, readMetrics } from '../config.ts';
import { printJson, print, pathHere, note, tell } from '../print.ts';
import { unevenText } from '../../core/metrics/uneven.ts';
import { type Control, type Strategy, controlOf } from '../../core/prompts/strategy.ts';
import { join } from 'node:path';
import { jsonText } from '../../base/json.ts';
import { compareControls } from '../../core/metrics/control-metrics.ts';
import { readScoredRows } from '../../lab/evaluation/evaluation-folders.ts';
import { writeAtomically } from '../../lab/files/atomic.ts';

export async function evaluateTarget(
  run: string | undefined,
  flags: OptionsOf<typeof addEvalCommand>,
): Promise<void> {
  const isNamedAlone = flags.endpoint === undefined && flags.engine === undefined;
  const name = run ?? (isNamedAlone ? flags.model : undefined);
  if (run !== undefined && flags.model !== undefined)
    throw new UsageError('--model has no effect with a run. Remove one of them.');
  const named = [name, flags.endpoint, flags.engine].filter((word) => word !== undefined);
  if (named.length !== 1)
    throw new UsageError('The model must be exactly one of a run, --endpoint or --engine.', {
      fix: 'Examples: chirality eval demo\n            chirality eval --endpoint http://localhost:8000/v1 --model MODEL --set FILE\n  To list the runs, run chirality runs.',
    });
  if (flags.n > 1 && flags.temperature === 0)
    throw new UsageError('--n above 1 requires sampling. Set --temperature above 0.');
  const { sees } = flags;
  if (sees !== undefined) requireFamily(sees);
  const chosen = name === undefined ? await modelTarget(flags) : await runTarget(name, flags);
  const plan = sees === undefined ? chosen : { ...chosen, sees, asTrained: false };
  await withSets(plan, (files) => evaluateSets({ ...plan, files, sound: new Set() }, flags));
}

async function evaluateSets(looked: Target, flags: OptionsOf<typeof addEvalCommand>): Promise<void> {
  const { sees } = flags;
  const model = sees ?? looked.engine;
  const isChecked = !areLarge(looked) || model !== undefined || flags.dryRun;
  if (isChecked) await tellSets(looked, looked.sound!);
  const { symmetric } = looked.about as { symmetric?: unknown };
  const { video } = flags;
  const sets = { ...looked, video, symmetric: symmetric !== undefined };
  const sight = model === undefined ? null : await sightNotes(model, sets);
  const target: Target = { ...looked, family: sight?.family };
  if (sight && sees !== undefined) note(sight.seen);
  for (const warning of sight?.warnings ?? []) tell(warning);
  if (video && !sight)
    tell(
      'Servers choose frames of a video, and many model families then receive different frames of a clip and its reversal. To check the clips, pass the family with --sees. To send all frames as images, remove --video.',
    );
  if (flags.dryRun) {
    const judge = openJudge(flags);
    try {
      await tryTarget(target, flags.json ?? false, judge);
    } finally {
      await judge?.close();
      await target.close();
    }
    return;
  }
  const controls = controlStrategies(target.strategy, flags.controls);
  const judge = openJudge(flags);
  let encoder: Encoder | undefined;
  let metrics: OwnPrograms | undefined;
  const end = new AbortController();
  let checks: Promise<void> | undefined;
  const check = () => {
    if (!isChecked) checks ??= tellSets(looked, looked.sound!, end.signal);
    checks?.catch(() => undefined); // Awaited when all questions are answered.
    return checks;
  };
  const evaluate = (asked: Target) =>
    runTargetEvaluation(asked, { judge, encoder, metrics, onAnswer: check });
  try {
    metrics = await openMetrics(flags.metrics === undefined ? target.programs : readMetrics(flags.metrics));
    encoder = await openSbert(flags);
    const evaluation = await evaluate(target);
    await check();
    const { results, skipped, out } = evaluation;
    if (flags.json) printJson(results);
    else print(`${formatResults(results, flags.all ?? false)}\n\n${pathHere(out)}`);
    if (flags.json) note(`Rows and results: ${pathHere(out)}`);
    else note(`To read the answers, run \`chirality trace ${pathHere(out)}\`.`);
    if (target.strategy.caution !== undefined) tell(target.strategy.caution);
    for (const line of nearChance(results)) tell(line);
    for (const [set, rates] of Object.entries(evaluation.uneven)) tell(unevenText(set, rates));
    for (const line of evaluation.boxes)
      tell(`${line} If the model uses this format, set completion_box_format in the rows.`);
    tellSkipped(skipped);
    const compared: [Control, string][] = [];
    for (const [name, strategy] of controls)
      compared.push([name, (await evaluate({ ...target, strategy, asTrained: false })).out]);
    if (compared.length > 0) tell(await explainControls(out, compared));
    for (const used of [target.used?.(), judge?.used()]) if (used !== undefined) tell(used);
    reportMissing(evaluation);
  } finally {
    end.abort();
    await checks?.catch(() => undefined);
    await encoder?.close();
    await metrics?.close();
    await judge?.close();
    await target.close();
  }
}

/** Returns a prompting strategy for each control. Each control removes part of the input. */
function controlStrategies(strategy: Strategy, controls: readonly Control[]): [Control, Strategy][] {
  return controls.map((control) => {
    const changed = controlOf(strategy, control);
    if (!changed)
      throw new UsageError(
        `--controls shuffled requires a strategy in which the model writes a scene graph, not "${strategy.name}".`,
      );
    return [control, changed];
  });
}

/** Compares an evaluation with its controls, writes `controls.json` next to it, and explains the result. */
async function explainControls(out: string, folders: readonly [Control, string][]): Promise<string> {
  const rows = await readScoredRows(out);
  const controls = [];
  for (const [name, folder] of folders)
    controls.push(...compareControls(name, rows, await readScoredRows(folder)));
  await writeAtomically(join(out, 'controls.json'), jsonText(controls), { follow: false });
  return controlsText(controls);
}
