import { sum } from '../../base/numbers.ts';
import { OF_PICTURES, RowFaults } from '../../base/row-faults.ts';
import {
  type ConvertOptions as Options,
  splitFile,
  Counts,
  countPairs,
  report,
  tellPairs,
} from '../convert-counts.ts';
import { isNamed, datasetInput, inputName } from '../input.ts';
import { ImagesOutside, wouldReplace, requireNothingLost, isSameFile, usage } from '../write-samples.ts';
import { dirname } from 'node:path';
import { ImageFiles, defaultDataRoot } from '../../lab/datasets/image-files.ts';
import { trainerOf, TrainerData } from '../../lab/trainer-data.ts';
import { ImageExtractor, holdsPicture } from '../../lab/datasets/extract-images.ts';
import { openGraphFile } from '../../lab/datasets/foreign-graphs.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { rowNumberText, type DataRow } from '../../lab/datasets/rows.ts';
import { PictureLooks } from '../../lab/datasets/usable-rows.ts';
import { openWriter } from '../../lab/datasets/write-dataset.ts';
import { labelsTo, LabelData } from '../../lab/label-data.ts';
import { Splits, subsample } from '../../lab/datasets/splits.ts';
import { splitTurns } from '../../lab/datasets/dialogue-turns.ts';
import type { ParsedSample } from '../../rows/sample/parse-sample.ts';
import { columnMapping } from '../../lab/datasets/mappings/column-mapping.ts';
import { FORMATS } from '../../lab/datasets/mappings/index.ts';
import { UsageError } from '../errors.ts';
import { OTHER_TRAINERS, type OtherTrainer } from '../../core/prompts/trainer-rows.ts';
import { printRows } from '../print.ts';
import { type ReadOptions, openDataset } from '../../lab/datasets/open-dataset.ts';
import { tellEncoding, rowsOf } from '../tables.ts';
import { shuffleChoices } from '../../rows/sample/choices.ts';
import { Random } from '../../base/random.ts';
import { DataError } from '../../lab/datasets/data-error.ts';
import { plainPicture, readMaskImage } from '../../lab/images/decode.ts';
import { formatOf } from '../../lab/datasets/data-file.ts';

export async function convert(inputs: string[], options: Options): Promise<void> {
  const splits = checkOptions(options);
  const { output, sample: n, seed } = options;
  const first = isNamed(inputs[0]) ? inputs[0] : undefined;
  const outputs = splits && isNamed(output) ? splits.names.map((name) => splitFile(output, name)) : [output];
  const inPlace = await inputBelow(outputs, inputs);
  if (inPlace !== undefined && (splits || n !== undefined || !inPlace.endsWith('.qa.jsonl')))
    throw wouldReplace(inPlace);
  const relativeTo = dirname(isNamed(output) ? output : (first ?? ''));
  const files = new ImageFiles(relativeTo, options.dataRoot ?? defaultDataRoot(first), {
    ignoresRanges: options.depth !== undefined,
  });
  const trainer = trainerOf(options.to);
  const extractor =
    !trainer &&
    options.extractImages &&
    new ImageExtractor(
      files,
      options.extractImages,
      relativeTo,
      options.asSeen ? (bytes) => plainPicture(bytes, options.depth) : null,
    );
  const withGraph = isNamed(options.graphs) ? await openGraphFile(options.graphs) : null;
  const writers = await openWriters(options, splits?.names ?? [''], files);
  const counts = new Counts();
  const preview: Sample[] = [];
  const unused = new Set<string>();
  const outside = new ImagesOutside(outputs[0]);
  const places = new Places(Random.from(options.shuffleOptions ?? ''));
  try {
    const looks = new PictureLooks(files);
    const faults = new RowFaults();
    const finish = async (row: DataRow) =>
      row.sample ? finished(row.sample, files, trainer !== null || options.extractImages !== undefined) : row;
    const needsTexts = trainer !== null || (isNamed(output) && formatOf(output, options.to) === 'llava');
    const blank = labelsTo(options) ? ('all' as const) : needsTexts ? undefined : ('labels' as const);
    const good = goodRows(
      inputs.length > 0 ? inputs : [undefined],
      { ...options, relativeTo, ...(blank && { blank }) },
      counts,
      finish,
      { looks, faults },
    );
    const singles = async function* () {
      for await (const row of n === undefined ? good : subsample(good, n, seed)) {
        counts.taken += 1;
        const later = options.splitTurns ? 0 : splitTurns(row).length - 1;
        counts.with_turns += Number(later > 0);
        counts.later_turns += later;
        for (const single of options.splitTurns ? splitTurns(row) : [row]) {
          counts.samples += 1;
          const drawn = withGraph?.(single) ?? single;
          if (drawn !== single) counts.with_graph += 1;
          if (counts.format === 'table' || counts.format === 'map') {
            for (const name of Object.keys(single.meta ?? {})) unused.add(name);
            if (preview.length < 2) preview.push(single);
          }
          yield shuffled(drawn, options.shuffleOptions, places, counts);
        }
      }
    };
    const unsplit = async function* () {
      for await (const sample of singles()) yield [sample, ''] as const;
    };
    for await (const [sample, split] of splits ? splits.assign(singles(), seed, outputs[0]!) : unsplit()) {
      if (split === null) {
        counts.in_no_split += 1;
        continue;
      }
      const written = extractor ? await extractor.extract(sample) : sample;
      outside.look(written);
      counts.without_question += Number(!written.question.trim() || !written.answer.trim());
      await writers.get(split)!.write(written);
      counts.written += 1;
      if (counts.option_columns.length === 0 && !written.choices)
        counts.option_columns = optionColumns(written);
      if (splits) counts.splits[split] = (counts.splits[split] ?? 0) + 1;
    }
    counts.usable = faults.of(counts.rows);
    const unusable = counts.usable.faults.filter(({ kind }) => OF_PICTURES.includes(kind));
    counts.without_picture = sum(unusable.map(({ count }) => count));
    await requireNothingLost(inPlace, output, counts);
    for (const writer of writers.values()) {
      await writer.commit();
      if (writer instanceof LabelData) counts.leaveOut(writer.leftOut);
    }
  } catch (error) {
    for (const writer of writers.values()) await writer.discard();
    throw error;
  } finally {
    await files.close();
  }
  const paired = [...writers.values()].filter((each) => each instanceof TrainerData);
  if (paired.length > 0) countPairs(paired, counts);
  counts.kept_columns = [...unused];
  await report(counts, options, preview, inputs.length > 1 ? 'The rows' : inputName(inputs[0]));
  if (!counts.usable.faults.some(({ kind }) => kind === 'elsewhere')) outside.end();
  if (paired.length > 0) tellPairs(paired, counts, options);
}

/** Returns the input file that an output would overwrite. */
async function inputBelow(
  outputs: readonly (string | undefined)[],
  inputs: readonly string[],
): Promise<string | undefined> {
  for (const input of inputs) for (const output of outputs) if (await isSameFile(input, output)) return input;
  return undefined;
}

/** Returns the names of the option columns A, B, … under `meta`. */
const optionColumns = ({ meta = {} }: Sample): string[] =>
  'A' in meta && 'B' in meta ? Object.keys(meta).filter((name) => /^[A-Z]$/.test(name)) : [];

/** Extensions of tables that can be read but not written. */
const NOT_WRITTEN = /\.(?:csv|tsv|xlsx?|arrow|feather|zip)$/i;

/** @throws UsageError for options that are incompatible with a trainer's dataset */
function checkTrainerOptions(trainer: OtherTrainer, { output, extractImages, prompt }: Options): void {
  const ending = trainer === 'ms-swift' ? '.jsonl' : '.parquet';
  if (!isNamed(output) || !output.endsWith(ending))
    throw new UsageError(`${trainer} requires a ${ending} file. Pass it with -o.`);
  if (trainer === 'ms-swift' && extractImages === undefined)
    throw new UsageError(
      'ms-swift requires image files. Pass a folder for the mirrored images with --extract-images FOLDER.',
    );
  if (prompt !== undefined && !prompt.includes('{question}'))
    throw new UsageError('--prompt must contain {question}.');
}

function checkOptions(options: Options) {
  const { from, to, map, split, output, extractImages, prompt, asSeen, depth } = options;
  if (map !== undefined) usage(() => columnMapping(map));
  const formats = FORMATS.map(({ name }) => name);
  if (from !== 'auto' && !formats.includes(from)) {
    throw new UsageError(`Format "${from}" does not exist. Use auto, ${formats.join(', ')}, or --map.`);
  }
  const trainer = trainerOf(to);
  const ending = isNamed(output) && to === undefined ? NOT_WRITTEN.exec(output)?.[0] : undefined;
  if (ending !== undefined)
    throw new UsageError(
      `Cannot write ${ending} files. Pass a .jsonl, .json (LLaVA), .parquet or .xml (CVAT) file with -o.`,
    );
  if (trainer) checkTrainerOptions(trainer, options);
  else if (prompt !== undefined)
    throw new UsageError(
      `--prompt requires a dataset for a trainer. Add --to with one of ${OTHER_TRAINERS.join(', ')}.`,
    );
  if (asSeen && extractImages === undefined)
    throw new UsageError('--as-seen requires a folder for the images. Add --extract-images FOLDER.');
  if (depth && !asSeen) throw new UsageError('--depth has no effect without --as-seen. Add --as-seen.');
  if (
    !isNamed(output) &&
    (split !== undefined || extractImages !== undefined || to === 'parquet' || labelsTo({ to }))
  ) {
    throw new UsageError('No output file is set. Pass it with -o.');
  }
  return split === undefined ? null : usage(() => Splits.parse(split));
}

type Writers = Map<string, Awaited<ReturnType<typeof openWriter>>>;

/** Opens one writer per split (`x.train.qa.jsonl`, `x.val.qa.jsonl`), or a single writer if the split has no name. */
async function openWriters(
  { output, to, prompt = '{question}', extractImages }: Options,
  splits: readonly string[],
  files: ImageFiles,
): Promise<Writers> {
  if (!isNamed(output)) return new Map([['', await openWriter(printRows, formatOf('', to))]]);
  const writers: Writers = new Map();
  const trainer = trainerOf(to);
  for (const name of splits) {
    const path = name ? splitFile(output, name) : output;
    const labels = labelsTo({ to, output });
    writers.set(
      name,
      labels
        ? await LabelData.open(path, labels, files)
        : trainer
          ? await TrainerData.open(path, trainer, {
              template: prompt,
              files,
              pictures: extractImages ?? null,
              relativeTo: dirname(output),
            })
          : await openWriter(path, formatOf(output, to)),
    );
  }
  return writers;
}

/** Yields the usable rows of all inputs. Reports and counts unusable rows. */
async function* goodRows(
  inputs: readonly (string | undefined)[],
  options: ReadOptions,
  counts: Counts,
  finish: (row: DataRow) => Promise<ParsedSample>,
  { looks, faults }: { looks: PictureLooks; faults: RowFaults },
): AsyncGenerator<Sample> {
  for (const input of inputs) {
    const source = await openDataset(await datasetInput(input), options);
    tellEncoding(input, source);
    counts.format = source.mapping.name;
    const name = inputs.length > 1 ? `${inputName(input)}:` : '';
    const warned = async (row: DataRow) => {
      counts.warn(row, inputName(input));
      const { sample, problems } = await finish(row);
      const lost = sample && !holdsPicture(sample) ? await looks.problemsOf(sample) : [];
      faults.add(`${name}${rowNumberText(row)}`, [...problems, ...lost]);
      return { sample, problems } as ParsedSample;
    };
    const rows = rowsOf(source, input, warned, { isSummed: true });
    for await (const { sample, moved_options: moved } of rows) {
      counts.rows += 1;
      if (moved) counts.moved_options += 1;
      if (sample) yield sample;
      else counts.bad += 1;
    }
    if (source.leftOut) counts.leaveOut(source.leftOut);
  }
}

/** Assigns positions to right choices. Each position is equally frequent among rows with the same number of choices. */
class Places {
  private readonly dealt = new Map<number, number[]>();

  constructor(private readonly random: Random) {}

  next(options: number): number {
    const left = this.dealt.get(options) ?? [];
    if (left.length === 0) left.push(...this.random.shuffle(Array.from({ length: options }, (_, i) => i)));
    this.dealt.set(options, left);
    return left.pop()!;
  }
}

/**
 * Shuffles the choices by seed and id, and balances the positions of the right choice. `meta.choices_seed` stores the
 * seed.
 */
function shuffled(sample: Sample, seed: string | undefined, places: Places, counts: Counts): Sample {
  if (seed === undefined || !sample.choices) return sample;
  const out = shuffleChoices(sample, Random.from(`${seed}/${sample.id}`), (n) => places.next(n));
  counts[out ? 'shuffled' : 'not_shuffled'] += 1;
  return out ? { ...out, meta: { ...out.meta, choices_seed: seed } } : sample;
}

/** Returns the row with its mask read from a file. @throws DataError if images are in the row as text */
async function finished(sample: Sample, files: ImageFiles, isExtracted: boolean): Promise<ParsedSample> {
  try {
    if (holdsPicture(sample) && !isExtracted)
      throw new DataError('picture-inside', 'The row contains its image as base64 text.', {
        fix: 'Pass a folder for the images with --extract-images FOLDER.',
      });
    return await measured(await readMaskImage(sample, files), files);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { sample: null, problems: [error.problem] };
  }
}

async function measured(sample: Sample, files: ImageFiles): Promise<ParsedSample> {
  try {
    return { sample: await files.withVideoLength(sample), problems: [] };
  } catch (error) {
    // Keep the row, because its video can be corrected later.
    if (!(error instanceof DataError)) throw error;
    return { sample, problems: [{ ...error.problem, path: 'video' }] };
  }
}
