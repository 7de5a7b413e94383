import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { jsonText } from '../../base/json.ts';
import { compareControls } from '../../core/metrics/control-metrics.ts';
import { type Control, type Strategy, controlOf } from '../../core/prompts/strategy.ts';
import { controlsText } from '../../core/reports/figures-text.ts';
import { readScoredRows } from '../../lab/evaluation/evaluation-folders.ts';
import { writeAtomically } from '../../lab/files/atomic.ts';

/** The strategies of the controls, each of which removes something. */
export function controlStrategies(strategy: Strategy, controls: readonly Control[]): [Control, Strategy][] {
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
export async function explainControls(out: string, folders: readonly [Control, string][]): Promise<string> {
  const rows = await readScoredRows(out);
  const controls = [];
  for (const [name, folder] of folders)
    controls.push(...compareControls(name, rows, await readScoredRows(folder)));
  const text = jsonText(controls);
  await writeAtomically(join(out, 'controls.json'), (file) => file.writeFile(text), { follow: false });
  return controlsText(controls);
}
