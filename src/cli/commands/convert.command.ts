import { later } from '../command-options.ts';
import { Option, type Command } from 'commander';
import { OTHER_TRAINERS } from '../../core/prompts/trainer-rows.ts';
import { FORMATS } from '../../lab/datasets/mappings/index.ts';
import { atLeastOne, depthRange, joined } from '../values.ts';
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

Datasets for TRL, verl and ms-swift contain every row twice: the original, then its mirror with the mirrored image. The
columns "pair" and "view" identify them. Images are written as models see them. Rows without a trusted mirror are excluded (docs/other-trainers.md).

COCO, Label Studio and CVAT files contain boxes, sometimes with relations and texts. The command counts annotations that
a format does not support. To add questions to rows with boxes only, use the editor or \`chirality graph compose\`.

Samples and shuffled choices depend only on the seed and the row, splits on the seed and all images, not on the row order.
Rows about the same image stay in the same split, so sizes match the shares up to whole images. Image paths are written relative to the folder of the output file.`;

export function addConvertCommand(program: Command) {
  const command = program
    .command('convert')
    .description(
      'Convert a published dataset to qa.jsonl, or qa.jsonl to LLaVA JSON, parquet, or a dataset for a trainer.',
    )
    .argument('[inputs...]', 'parquet, JSON, JSON Lines, CSV, TSV or XLSX files (default: standard input)')
    .option('-o, --output <file>', 'output file: .json (LLaVA), .parquet, .xml (CVAT), otherwise qa.jsonl')
    .option('--from <format>', 'format of the input', 'auto')
    .addOption(
      new Option('--to <format>', 'format of the output').choices([...WRITTEN_FORMATS, ...OTHER_TRAINERS]),
    )
    .option('--prompt <text>', 'prompt template for trl, verl and ms-swift (default: "{question}")')
    .option(
      '--map <rules>',
      'column mapping for other tables: field=column,… (or a dotted path); field:=text sets a fixed value',
      joined,
    )
    .option('--join <file>', 'table with further columns, joined by a column with unique keys that both have')
    .option(
      '--encoding <name>',
      'encoding of a CSV or TSV file, for example windows-1252 (default: detected)',
    )
    .option(
      '--image-folder <folder>',
      'folder that image paths in the input are relative to (default: the input’s folder)',
    )
    .option('--bound-turned', 'keep rotated boxes of COCO, Label Studio and CVAT as upright bounding boxes')
    .option('--graphs <file>', 'scene graphs from `graph convert`, matched to rows by image name')
    .option('--split-turns', 'write every turn of a dialogue as a separate row')
    .option('--shuffle-options <seed>', 'shuffle the choices of every row')
    .option(
      '--sample <n>',
      'number of input rows to draw at random; a dialogue counts as one row',
      atLeastOne,
    )
    .option('--split <shares>', 'shares of the output files, for example train=0.9,val=0.1')
    .option('--seed <seed>', 'random seed for --sample and --split', '0')
    .option(
      '--extract-images <folder>',
      'folder for images from parquet cells or base64 text, and for the mirrored images of ms-swift',
    )
    .option(
      '--as-seen',
      'write images as models see them: upright, 8-bit RGB, over white; files in this form are kept',
    )
    .option(
      '--depth <from..to>',
      'with --as-seen, values of 16-bit grey images to write as black and white, or "upper" for the upper 8 bits (default: stored choice)',
      depthRange,
    )
    .option('--data-root <folder>', 'read images only from this folder')
    .option('--json', 'print the counts as JSON')
    .addHelpText('after', HELP);
  command.action(later(async () => (await import('./convert.action.ts')).convert));
  return command;
}
