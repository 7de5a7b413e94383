import type { Command } from 'commander';
import { PATCH_GROUPS, type PatchFigure, type PatchGroup } from '../../core/insight/patch.ts';
import { patchSet, rowsToPatch } from '../../lab/insight/patch.ts';
import { UsageError } from '../errors.ts';
import { openTarget, STEP, STRATEGY, withInsight, withTarget, type InsightFlags } from '../insight/target.ts';
import { oneOf, repeated, wholeNumber } from '../input.ts';
import { formatTable, print, printJson, tell } from '../print.ts';
import { fixed, withInterval } from '../../core/labels.ts';
import { ORIGINAL } from '../../core/views/list.ts';

interface Flags extends InsightFlags {
  layer: number[];
  group: PatchGroup[];
}

/** `chirality patch`: where in a model the side passes from the picture to the answer. */
export function addPatchCommand(program: Command): void {
  withInsight(program.command('patch'))
    .option(...STEP, 'last')
    .option(...STRATEGY)
    .description(
      'Exchange hidden states between a picture and its mirror, layer by layer, and show how the answer changes.',
    )
    .option('--layer <n>', 'only after this layer, from 0; repeatable', repeated(wholeNumber), [])
    .option(
      '--group <name>',
      `only these tokens: ${PATCH_GROUPS.join(', ')}; repeatable (default: all of them)`,
      repeated(oneOf(PATCH_GROUPS)),
      [],
    )
    .addHelpText(
      'after',
      `
Examples:
  chirality patch spatial
  chirality patch spatial --group picture --group names --layer 1 --json

Both pictures are asked the original's question. Only rows are used whose answer differs between the two. A figure is the
change of the log-odds of the original's answer when one layer's hidden states of a group of tokens come from the mirrored
picture, and that as a share of the whole difference: 0 % is the original's answer, 100 % the mirror's.
After an interruption, the same command continues where it stopped (docs/insight.md).`,
    )
    .action(run);
}

async function run(model: string, flags: Flags): Promise<void> {
  const layers = flags.layer.length > 0 ? flags.layer : ('all' as const);
  const groups = flags.group.length > 0 ? [...new Set(flags.group)] : [...PATCH_GROUPS];
  const found = await openTarget('patch', model, flags, [ORIGINAL], { layers, groups });
  const rows = rowsToPatch(found.rows);
  if (rows.length === 0)
    throw new UsageError(
      `${found.file}: No question has another answer in the mirror, so there is nothing to compare. Name other rows with --set.`,
    );
  const target = { ...found, rows };
  const done = await withTarget(target, (onProgress) =>
    patchSet(target.open, rows, { ...target, layers, groups }, onProgress),
  );
  const others = found.rows.length - rows.length;
  if (others > 0) tell(`${others} skipped: The mirror does not change their answer, or not for certain.`);
  for (const [why, n] of Object.entries(done.skipped)) tell(`${n} skipped: ${why}`);
  if (flags.json)
    printJson({ ...target.manifest, folder: target.dir, rows: done.rows.length, results: done.results });
  else print(describePatch(done.results));
}

function describePatch(figures: readonly PatchFigure[]): string {
  const [whole, ...others] = figures;
  const groups = [...new Set(others.map(({ group }) => group!))];
  const layers = [...new Set(others.map(({ layer }) => layer!))];
  const table = formatTable(
    ['after layer', ...groups],
    layers.map((layer) => [
      `${layer}`,
      ...groups.map((group) =>
        others
          .filter((one) => one.group === group && one.layer === layer)
          .map(text)
          .join(''),
      ),
    ]),
  );
  const title = `From the original's answer to the mirror's: log-odds ${text(whole!)}, ${whole!.n} rows`;
  return `${title}\n\n${table}`;
}

function text({ change, moved, interval }: PatchFigure): string {
  const share = moved === null ? '' : ` (${fixed(100 * moved, 0)} %)`;
  return `${withInterval({ value: change, interval }, (value) => fixed(value, 2))}${share}`;
}
