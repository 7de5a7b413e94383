import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { controlLabel } from '../../core/labels.ts';
import { compareControl, type NamedControl } from '../../core/metrics/controls.ts';
import { CONTROLS, controlOf, type Control } from '../../core/prompts/controls.ts';
import type { Strategy } from '../../core/prompts/strategy.ts';
import { Random } from '../../core/random.ts';
import { writeAtomically } from '../../lab/files/atomic.ts';
import { readScoredRows } from '../../lab/evaluation/folders.ts';
import { UsageError } from '../errors.ts';
import { formatTable } from '../table.ts';
import { fixed } from '../../core/decimals.ts';
import { viewLabel } from '../../core/spatial/views/list.ts';

export function parseControls(list: string): Control[] {
  return list.split(',').map((text) => {
    const control = CONTROLS.find((one) => one === text.trim());
    if (!control) throw new InvalidArgumentError(`Use any of ${CONTROLS.join(', ')}.`);
    return control;
  });
}

/** The strategies that take something away. */
export function controlStrategies(strategy: Strategy, controls: readonly Control[]): [Control, Strategy][] {
  return controls.map((control) => {
    const changed = controlOf(strategy, control);
    if (!changed)
      throw new UsageError(`"${strategy.name}" draws no graph for a later stage: nothing to shuffle.`);
    return [control, changed];
  });
}

/** Compares an evaluation with those of its controls, writes `controls.json` beside it, and says what it means. */
export async function compareControls(out: string, controls: readonly [Control, string][]): Promise<string> {
  const rows = await readScoredRows(out);
  const found: NamedControl[] = [];
  for (const [name, folder] of controls) {
    const random = Random.from(`control ${name}`);
    const compared = compareControl(rows, await readScoredRows(folder), random);
    found.push(...compared.map((row) => ({ name, ...row })));
  }
  await writeAtomically(join(out, 'controls.json'), (file) =>
    file.writeFile(`${JSON.stringify(found, null, 2)}\n`),
  );
  const points = (share: number | null | undefined) => (share == null ? '–' : fixed(100 * share, 1));
  const table = formatTable(
    ['asked again', 'set', 'of', 'accuracy', 'left of it', 'change', '95 %', 'n'],
    found.map(({ name, set, view, accuracy, control, difference, interval, n }) => [
      ...[controlLabel(name), set, viewLabel(view), points(accuracy), points(control), points(difference)],
      ...[interval ? interval.map(points).join(' – ') : '', String(n)],
    ]),
  );
  const missing = { blind: 'the picture', shuffled: 'its own scene graph' };
  const alerts = found
    .filter(({ alert }) => alert)
    .map(
      ({ name, set, view }) =>
        `! ${set}, ${viewLabel(view)}: it cannot be told that answers depend on ${missing[name as Control]}.`,
    );
  return [table, ...alerts].join('\n');
}
