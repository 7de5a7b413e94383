import { later } from '../command-options.ts';
import { Option, type Command } from 'commander';
import { OTHER_TRAINERS } from '../../core/prompts/trainer-rows.ts';
import { FORMATS } from '../../lab/datasets/mappings/index.ts';
import { atLeastOne, joined } from '../values.ts';
import { WRITTEN_FORMATS } from '../../lab/datasets/data-file.ts';

const HELP = `
Formats (--from), recognised by their columns:
${FORMATS.map(({ name, about }) => `  ${name.padEnd(13)} ${about}`).join('\n')}

Examples:
  chirality convert spacellava/data/train-*.parquet -o train.qa.jsonl --split-turns
  chirality convert SAT_train.parquet -o sat.qa.jsonl --shuffle-options 1
  chirality convert llava_v1_5_mix665k.json -o mix.qa.jsonl --image-folder coco/ --split train=0.95,val=0.05
  chirality convert bench.jsonl -o bench.qa.jsonl --map question=text,answer=gt,choices=options,images=img
  chirality convert CLEVR_val_questions.json -o clevr.qa.jsonl --image-folder images/val --graphs clevr.graphs.jsonl
  chirality convert train.qa.jsonl -o llava.json --extract-images images/
  chirality convert train.qa.jsonl --to trl -o train.parquet --prompt '{question} Think first.'
  chirality convert instances_val2017.json -o coco.qa.jsonl --image-folder val2017/
  chirality convert data.qa.jsonl --to label-studio -o tasks.json

Datasets for TRL, verl and ms-swift contain every row twice: the original, followed by its mirror with the mirrored
image. The columns "pair" and "view" tell them apart. Rows without a trusted mirror are left out
(docs/spatial-grpo-elsewhere.md).

COCO, Label Studio and CVAT files have boxes, some also relations and texts; what a format cannot hold is counted.
Their rows may have no question yet: write one in the editor, or let \`chirality graph compose\` ask about the boxes.

Splits, samples and shuffled choices depend only on the seed and the row, not on the order of rows. Rows about the same
image stay in the same split. Image references are written relative to the output file's folder.`;

export function addConvertCommand(program: Command): void {
  program
    .command('convert')
    .description(
      'Convert a published dataset to qa.jsonl, or qa.jsonl to LLaVA JSON, parquet, or a dataset for a trainer.',
    )
    .argument(
      '[inputs...]',
      'parquet, JSON, JSON lines, CSV, TSV or XLSX, such as the shards of one table (default: standard input)',
    )
    .option(
      '-o, --output <file>',
      'output file; .json is LLaVA, .parquet a table, .xml CVAT, anything else qa.jsonl',
    )
    .option('--from <format>', 'format of the input', 'auto')
    .addOption(
      new Option('--to <format>', 'format of the output').choices([...WRITTEN_FORMATS, ...OTHER_TRAINERS]),
    )
    .option(
      '--prompt <text>',
      'for trl, verl and ms-swift: the text around {question} (default: "{question}")',
    )
    .option(
      '--map <rules>',
      'field=column,… for any other table; a column may be a dotted path; field:=text sets a fixed value',
      joined,
    )
    .option('--encoding <name>', 'of a CSV or TSV file, such as windows-1252 (default: found out)')
    .option(
      '--image-folder <folder>',
      'folder that image paths in the input are relative to (default: the input’s folder)',
    )
    .option(
      '--bound-turned',
      'of COCO, Label Studio and CVAT: keep turned boxes as the upright boxes around them',
    )
    .option('--graphs <file>', 'scene graphs from `graph convert`, matched to rows by image name')
    .option('--split-turns', 'write every turn of a dialogue as a separate row')
    .option('--shuffle-options <seed>', 'shuffle the choices of every row')
    .option('--sample <n>', 'pick n input rows at random (a dialogue counts as one row)', atLeastOne)
    .option('--split <shares>', 'split into several files, for example train=0.9,val=0.1')
    .option('--seed <seed>', 'random seed for --sample and --split', '0')
    .option(
      '--extract-images <folder>',
      'write images stored in parquet cells or as base64 text, and the mirrored ones of ms-swift, to files here',
    )
    .option('--data-root <folder>', 'read no image outside this folder')
    .option('--json', 'print the counts as JSON')
    .addHelpText('after', HELP)
    .action(later(async () => (await import('./convert.action.ts')).convert));
}
