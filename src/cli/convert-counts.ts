import { dirname, relative, resolve } from 'node:path';
import type { OptionsOf } from './command-options.ts';
import type { addConvertCommand } from './commands/convert.command.ts';
import { formatProblem, isNamed } from './input.ts';
import { note, printJson, tell } from './print.ts';
import { IMAGES_ELSEWHERE, usableLines } from './print-usable.ts';
import { type TrainerData, trainerOf } from '../lab/trainer-data.ts';
import { several } from '../base/format.ts';
import { printable } from '../base/printable.ts';
import type { FaultKind, UsableRows } from '../base/row-faults.ts';
import type { Sample } from '../rows/sample/sample.ts';
import { TURNED } from '../lab/datasets/label-formats/label-format.ts';
import { ImageFiles } from '../lab/datasets/image-files.ts';
import { type DataRow, rowNumberText } from '../lab/datasets/rows.ts';

export type ConvertOptions = OptionsOf<typeof addConvertCommand>;

/** Codes of warnings about files, which `data check` of the written rows would not repeat. */
const OF_FILES = ['image-column', 'image-size', 'inner-list', 'join'];

/** Counts of the outcomes of rows. `--json` prints the public fields as they are. */
export class Counts {
  format = '';
  rows = 0;
  bad = 0;
  /** Number of rows after `--sample`; for datasets of dialogues, number of dialogues. */
  taken = 0;
  /** Number of rows after `--split-turns`. */
  samples = 0;
  /** Number of dialogues that were not split. `later_turns`: the number of their questions after the first. */
  with_turns = 0;
  later_turns = 0;
  with_graph = 0;
  /** Number of rows whose options were part of the question and became choices. */
  moved_options = 0;
  shuffled = 0;
  not_shuffled = 0;
  written = 0;
  splits: Record<string, number> = {};
  in_no_split = 0;
  /** Number of rows whose images cannot be read. */
  without_picture = 0;
  /** Numbers of rows and usable rows, and the faults of unusable rows. */
  usable: UsableRows = { rows: 0, usable: 0, faults: [] };
  /** Number of rows without a trusted mirror, which a trainer's dataset lacks. */
  without_mirror = 0;
  /** Number of rows whose question or answer is not written yet. */
  without_question = 0;
  /** Number of rows with parts that the format cannot contain, by part name. */
  left_out: Record<string, number> = {};
  /** Columns A, B, … that the command did not convert to choices. */
  option_columns: string[] = [];
  /** Columns of a plain or mapped table that match no field; their values are stored in `meta`. */
  kept_columns: string[] = [];

  /** Warnings about the file: the first warning of each kind, with its number of rows. */
  warnings: Record<string, { rows: number; first: string }> = {};

  warn(row: DataRow, input: string): void {
    for (const problem of row.problems)
      if (row.sample && OF_FILES.includes(problem.code)) {
        const first = formatProblem(input, rowNumberText(row), problem);
        (this.warnings[problem.code] ??= { rows: 0, first }).rows += 1;
      }
  }

  leaveOut(counted: ReadonlyMap<string, number>): void {
    for (const [what, n] of counted) this.left_out[what] = (this.left_out[what] ?? 0) + n;
  }
}

/** Counts the rows of datasets for a trainer, which contain two rows per input row. */
export function countPairs(written: readonly TrainerData[], counts: Counts): void {
  counts.written = written.reduce((sum, { rows }) => sum + rows, 0);
  counts.without_mirror = written.reduce((sum, { without_mirror }) => sum + without_mirror, 0);
  counts.without_picture = written.reduce((sum, { without_picture }) => sum + without_picture, 0);
}

/** Prints the number of written pairs, and the rows that were not written. */
export function tellPairs(
  written: readonly TrainerData[],
  counts: Counts,
  { output, split }: ConvertOptions,
): void {
  const to = split === undefined ? ` to ${output}` : '';
  note(`Wrote ${several(counts.written / 2, 'pair')} (original and mirror) as ${counts.written} rows${to}.`);
  if (counts.without_mirror > 0)
    note(`Excluded ${several(counts.without_mirror, 'row')} without a trusted mirror.`);
  const why = written.find((each) => each.why !== null)?.why;
  if (why) tell(`Excluded ${several(counts.without_picture, 'row')} with unreadable images: ${why}`);
}

/** Returns the output file of a split: `train.qa.jsonl` → `train.val.qa.jsonl`. */
export const splitFile = (output: string, split: string): string =>
  output.replace(/(\.qa)?(\.\w+)?$/, (ending) => `.${split}${ending}`);

/** Names of table columns with a situation that a question can refer to. */
const SITUATION = /^(?:situation|story|context|passage|premise|scenario)$/i;

/** Prints what was read and written, or the counts as JSON. @param input its name in messages */
export async function report(
  counts: Counts,
  options: ConvertOptions,
  preview: Sample[],
  input: string,
): Promise<void> {
  if (options.json) {
    // Rows on standard output cannot be mixed with other text.
    printJson(counts, { rows: !isNamed(options.output) });
    return;
  }
  const bad = counts.bad > 0 ? `, excluded ${several(counts.bad, 'bad row')}` : '';
  const lines = [
    `Read ${several(counts.rows - counts.bad, 'row')} ${counts.format === 'map' ? 'with --map' : `as ${counts.format}`}${bad}.`,
  ];
  for (const { question, answer, choices, images, scene_graph: graph } of preview) {
    const [shown] = images;
    const text = `${question} → ${answer}`;
    const drawn = `${several(graph?.objects.length ?? 0, 'object')}, ${several(graph?.relations.length ?? 0, 'relation')}`;
    const file = typeof shown === 'string' ? shown : (shown?.video ?? shown?.path);
    const isInside = file?.startsWith('data:') || (shown !== undefined && file === undefined);
    const more = images.length > 1 ? ` and ${images.length - 1} more` : '';
    const place = isInside ? several(images.length, 'image') + ' in the table' : file && file + more;
    lines.push(
      printable(
        `  ${graph && question === '' ? drawn : text}${choices ? ` (of ${choices.join(choices.some((choice) => choice.includes(',')) ? ' | ' : ', ')})` : ''}${place ? `, ${place}` : ', no image'}`,
        200,
      ),
    );
  }
  if (counts.kept_columns.length > 0)
    lines.push(
      printable(`Columns without a field are kept under meta: ${counts.kept_columns.join(', ')}.`, 500),
    );
  const situation = counts.kept_columns.find((column) => SITUATION.test(column));
  if (situation !== undefined)
    lines.push(
      `If the questions refer to ${situation}, put it first: --map question=${situation}+question,….`,
    );
  if (counts.moved_options > 0)
    lines.push(`Converted options in the question to choices in ${several(counts.moved_options, 'row')}.`);
  if (options.sample !== undefined) lines.push(`Sampled ${several(counts.taken, 'row')}.`);
  if (counts.later_turns > 0)
    lines.push(
      `Excluded ${several(counts.later_turns, 'later question')} of ${several(counts.with_turns, 'dialogue')}. Add --split-turns to convert them.`,
    );
  if (options.splitTurns) lines.push(`Split the turns of ${counts.taken} rows into ${counts.samples} rows.`);
  if (options.graphs !== undefined)
    lines.push(`Found scene graphs for ${counts.with_graph} of ${counts.samples} rows.`);
  if (options.shuffleOptions !== undefined) {
    const why = '(options in the text, or the answer is not a choice)';
    const kept = counts.not_shuffled > 0 ? `; ${counts.not_shuffled} keep their order ${why}` : '';
    lines.push(`Shuffled the choices of ${counts.shuffled} rows${kept}.`);
  }
  const { output, split, to } = options;
  for (const [name, rows] of Object.entries(counts.splits))
    lines.push(`${isNamed(output) ? splitFile(output, name) : name}: ${several(rows, 'row')}.`);
  if (isNamed(output) && split === undefined && !trainerOf(to))
    lines.push(`${output}: ${several(counts.written, 'row')}.`);
  for (const { rows, first } of Object.values(counts.warnings))
    lines.push(
      printable(first, 500),
      ...(rows > 1 ? [`  The same warning applies to ${several(rows - 1, 'more row')}.`] : []),
    );
  const lost = Object.entries(counts.left_out).map(([what, n]) => `${what} (${n})`);
  if (lost.length > 0)
    lines.push(printable(`Excluded because the format does not support them: ${lost.join(', ')}.`, 500));
  if (counts.left_out[TURNED])
    lines.push('  To keep rotated boxes as upright bounding boxes, add --bound-turned.');
  if (counts.without_question > 0)
    lines.push(
      `Found ${several(counts.without_question, 'row')} without question and answer. Add them in the editor or with \`chirality graph compose\`.`,
    );
  if (counts.usable.faults.length > 0)
    lines.push(usableLines(input, counts.usable, await pictureHint(counts.usable, options, preview, input)));
  if (counts.option_columns.length > 0)
    lines.push(
      `The columns ${counts.option_columns.join(', ')} are kept under meta. To use them as choices, pass --map choices=${counts.option_columns.join('+')}.`,
    );
  if (counts.in_no_split > 0) lines.push(`Not in any split: ${several(counts.in_no_split, 'row')}.`);
  note(lines.join('\n'));
}

/** Returns advice for finding missing images; undefined if no advice fits. */
async function pictureHint(
  { faults }: UsableRows,
  { imageFolder, encoding, output }: ConvertOptions,
  preview: readonly Sample[],
  input: string,
): Promise<string | undefined> {
  const lacks = (kind: FaultKind) => faults.some((fault) => fault.kind === kind);
  if (lacks('encoding') && encoding === undefined)
    return 'If image names look wrong, set the encoding of the table with --encoding.';
  if (!lacks('missing')) return undefined;
  if (imageFolder !== undefined) return `These images do not exist in ${imageFolder}.`;
  const here = dirname(resolve(input));
  const image = preview[0]?.images.find((ref) => typeof ref === 'string');
  const name = image && relative(here, resolve(output === undefined ? here : dirname(output), image));
  const folder = await ImageFiles.folderOf(name, resolve(input), here).catch(() => null);
  return folder === null
    ? IMAGES_ELSEWHERE
    : `The folder ${relative('', folder)} has such images: add --image-folder ${relative('', folder)}.`;
}
