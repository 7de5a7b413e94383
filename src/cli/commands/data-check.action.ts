import { sum } from '../../base/numbers.ts';
import { IMAGES_ELSEWHERE, mendHint } from '../print-usable.ts';
import { lacksImages, RowFaults, usableText, type UsableRows } from '../../base/row-faults.ts';
import { chunkOf, type ReadingOptions, openSet, type SetSetup, threadedSet } from '../tables.ts';
import { GiveAways } from '../../core/metrics/give-aways.ts';
import { type JudgedRates, unevenText } from '../../core/metrics/uneven.ts';
import { UsageError } from '../errors.ts';
import { isNamed, inputName, noRows, formatProblem } from '../input.ts';
import { dirname } from 'node:path';
import { defaultDataRoot, ImageFiles } from '../../lab/datasets/image-files.ts';
import { DatasetCheck } from '../../lab/datasets/check-dataset.ts';
import { checkImage, imageSize } from '../../lab/images/decode.ts';
import { openWriter } from '../../lab/datasets/write-dataset.ts';
import { note, pathHere, printRows, printJson, tell, print, SHOWN } from '../print.ts';
import { Progress } from '../progress.ts';
import { BoxFit } from '../../core/evaluation/box-fit.ts';
import { readCompletion } from '../../core/answers/extract.ts';
import { taskOf } from '../../core/answers/score-row.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { SetReading } from '../../core/answers/set-reading.ts';
import { type DataRow, type RowNumber, rowNumberText } from '../../lab/datasets/rows.ts';
import { onThreads, type RowJob } from '../../lab/files/row-threads.ts';
import { inOrder } from '../../lab/files/in-order.ts';
import { availableParallelism } from 'node:os';
import { RuleTrials } from '../../core/metrics/judged-rates.ts';
import { isCertain, asProblem } from '../../core/answers/set-misfits.ts';
import { requireNothingLost } from '../write-samples.ts';
import { requireFamily } from '../values.ts';
import { DepthRange } from '../../base/depth-range.ts';
import type { Problem } from '../../base/problem.ts';
import { several } from '../../base/format.ts';
import { taskLabel } from '../../base/labels.ts';
import { ORIGINAL } from '../../rows/view-list.ts';
import { checkManifest } from './data-freeze.action.ts';
import { formatOf, FROZEN_SUFFIX } from '../../lab/datasets/data-file.ts';

interface CheckOptions extends ReadingOptions {
  json?: boolean;
  output?: string;
  images?: boolean;
  sees?: string;
  imageFolder?: string;
  dataRoot?: string;
  depth?: DepthRange;
}

class FileCounts {
  rows = 0;
  good = 0;
  bad = 0;
  /** Numbers of rows and usable rows, and the faults of unusable rows. */
  usable: UsableRows = { rows: 0, usable: 0, faults: [] };
  /** Number of problems by kind. */
  errors: Record<string, number> = {};
  warnings: Record<string, number> = {};
  /** Number of rows without a declared task, by detected task. */
  found_tasks: Record<string, number> = {};
  /** Text with the values under both box conventions; present if the boxes do not fit the declared convention. */
  boxes?: string;
  /** Warning, present if "left" can be the patient's left and the rows do not specify whose left they use. */
  laterality?: string;
  /** Rates of scored answers; present if the rules score right and wrong answers at different rates. */
  judged_unevenly?: JudgedRates;
  /** Lines about positions, sides or words that reveal answers without the image; present if the data contains any. */
  give_aways?: string[];

  constructor(
    readonly file: string,
    readonly format: string,
  ) {}
}

/** Returns two boxes to compare: the boxes in a completion and its reference answer, or in the answer and `boxes`. */
function boxesOf(row: Sample, sees?: string) {
  const { completion, boxes: [box] = [] } = row;
  if (typeof completion !== 'string')
    return box?.length === 4 ? BoxFit.look({ ...row, answer: JSON.stringify(box) }, row.answer, sees) : null;
  return taskOf(row) === 'bbox' ? BoxFit.look(row, readCompletion(completion).lenient.text, sees) : null;
}

/** Kinds of information that the command still collects from rows. */
type Wants = Record<'anatomy' | 'words' | 'boxes' | 'tried', boolean>;

/** Returns the values of a row that `check` uses. @param examine examines the row, given its known misfit */
async function lookAt(
  row: DataRow,
  wants: Wants,
  examine: DatasetCheck['examine'] | typeof DatasetCheck.examineAlone,
  sees?: string,
) {
  const { sample } = row;
  const reading = sample && SetReading.look(sample);
  return {
    place: placeOf(row),
    examined: await examine(row, wants.anatomy, reading?.misfit),
    reading,
    given: sample && GiveAways.look(sample, wants.words),
    boxes: sample && wants.boxes ? boxesOf(sample, sees) : null,
    /** The row, or null after enough rows to test the scoring. */
    tried: wants.tried ? sample : null,
  };
}
type Looked = Awaited<ReturnType<typeof lookAt>>;

export const placeOf = (row: RowNumber): RowNumber =>
  row.line === undefined ? { row: row.row } : { line: row.line };

export const checkJob =
  (setup: SetSetup): RowJob<Looked, Wants> =>
  (chunk, wants) =>
    chunkOf(setup, chunk, (row) => lookAt(row, wants, DatasetCheck.examineAlone));

/** Returns only the size of an image, because `--sees` needs no other information. */
const sizeAlone = async (bytes: Uint8Array) => ({ size: await imageSize(bytes), problems: [] });

const moreOf = (relativeTo: string, { imageFolder }: CheckOptions) => ({
  relativeTo,
  ...(imageFolder !== undefined && { imageFolder }),
});

/** Stores a depth range in the folder of the 16-bit images of datasets. @throws UsageError if no image has 16 bits */
async function storeDepth(
  range: DepthRange,
  inputs: readonly (string | undefined)[],
  root: string,
  options: CheckOptions,
): Promise<void> {
  async function* images() {
    for (const input of inputs)
      for await (const { sample } of (await openSet(input, options, moreOf('.', options))).rows)
        yield* [...(sample?.images ?? []), ...(sample?.depth_map ? [sample.depth_map] : [])];
  }
  const files = new ImageFiles('.', root);
  const stored = await files.storeDepth(images(), range).finally(() => files.close());
  if (!stored)
    throw new UsageError('The rows have no 16-bit grey PNG image, so --depth has no effect. Remove --depth.');
  const [before, now] = [stored.before && DepthRange.text(stored.before), DepthRange.text(range)];
  const replaced = before !== null && before !== now;
  tell(
    `Wrote ${pathHere(stored.path)}: ${now}.${replaced ? ` The previous range was ${before}. Create stored mirror images again.` : ''}`,
  );
}

export async function check(files: string[], options: CheckOptions): Promise<void> {
  const manifests = files.filter((file) => file.endsWith(FROZEN_SUFFIX));
  for (const manifest of manifests) if (!(await checkManifest(manifest, options))) process.exitCode = 1;
  const rest = files.filter((file) => !manifests.includes(file));
  if (manifests.length > 0 && rest.length === 0) return;
  const inputs = rest.length > 0 ? rest : [undefined];
  if (options.output !== undefined && inputs.length > 1)
    throw new UsageError('-o requires a single input file. Remove the other files.');
  if (inputs.length > 256)
    throw new UsageError('The number of files must be at most 256. Check the files in several steps.');
  const relativeTo = isNamed(options.output) ? dirname(options.output) : '.';
  const root = options.dataRoot ?? defaultDataRoot(isNamed(inputs[0]) ? inputs[0] : undefined);
  const { sees } = options;
  if (sees !== undefined) requireFamily(sees);
  if (options.depth && !inputs.every(isNamed))
    throw new UsageError('--depth requires a file, because standard input can be read only once.');
  if (options.depth) await storeDepth(options.depth, inputs, root, options);
  const pictures = options.images || sees !== undefined ? new ImageFiles(relativeTo, root) : undefined;
  const inspect = options.images ? checkImage : sizeAlone;
  const checker = new DatasetCheck(pictures && { files: pictures, inspect }, sees);
  const writer =
    options.output === undefined
      ? null
      : await openWriter(isNamed(options.output) ? options.output : printRows, formatOf(options.output));
  const all: FileCounts[] = [];
  const good = () => sum(all.map(({ rows, bad }) => rows - bad));
  try {
    for (const input of inputs) {
      // Make the image references of all files relative to one folder, so that each image has one name.
      const more = moreOf(relativeTo, options);
      const source = await openSet(input, options, more);
      const counts = new FileCounts(inputName(input), source.mapping.name);
      all.push(counts);
      checker.startFile(counts.file);
      const progress = new Progress(`${counts.file}: row`, source.total);
      const reading = new SetReading<RowNumber>();
      const faults = new RowFaults();
      const trials = new RuleTrials();
      const boxes = new BoxFit(sees);
      const giveAways = new GiveAways();
      const wants = (): Wants => ({
        anatomy: checker.wantsAnatomy,
        words: giveAways.isLearning,
        boxes: boxes.isLooking,
        tried: trials.wants(counts.file),
      });
      const look = async (row: DataRow) => ({
        ...(await lookAt(row, wants(), checker.examine, sees)),
        sample: row.sample,
      });
      // Check several rows at once if images are read; row by row if a file is written; otherwise in worker threads.
      const looks =
        pictures || writer
          ? inOrder(source.rows, pictures ? 2 * availableParallelism() : 1, look)
          : onThreads<DataRow, Looked & { sample?: Sample | null }>(
              source.rows,
              look,
              threadedSet(source, 'check', input, options, more, wants),
            );
      for await (const { place, examined, reading: read, given, sample, tried, ...row } of looks) {
        counts.rows += 1;
        progress.update(counts.rows);
        const problems = checker.take(
          source.settle ? { ...examined, problems: source.settle(examined) } : examined,
        );
        const bad = faults.add(rowNumberText(place), problems);
        counts[bad ? 'bad' : 'good'] += 1;
        if (!bad && tried) trials.add(counts.file, ORIGINAL, tried);
        if (read) reading.take(read, place);
        boxes.take(row.boxes);
        if (given) giveAways.take(given);
        for (const problem of problems) report(problem, place, counts, options);
        if (!bad && sample && writer) await writer.write(sample);
      }
      progress.end();
      counts.usable = faults.of(counts.rows);
      const given = giveAways.lines(counts.file);
      if (given.length > 0) counts.give_aways = given;
      const uneven = trials.uneven().get(counts.file);
      if (uneven) counts.judged_unevenly = uneven;
      const misfit = boxes.misfit(counts.file);
      if (misfit !== null) counts.boxes = misfit;
      if (checker.laterality !== null) counts.laterality = checker.laterality;
      counts.found_tasks = reading.summary.found_tasks;
      for (const { place, misfit } of reading.misfits())
        if (!isCertain(misfit)) report(asProblem(misfit), place, counts, options);
    }
    const bad = sum(all.map((counts) => counts.bad));
    await requireNothingLost(inputs[0], options.output, { bad, written: good() });
    await writer?.commit();
  } catch (error) {
    await writer?.discard();
    throw error;
  } finally {
    await pictures?.close();
  }
  summarise(all, options);
  if (isNamed(options.output)) note(`${options.output}: ${several(good(), 'row')}.`);
  if (all.some(({ bad }) => bad > 0)) process.exitCode = 1;
  for (const { file, rows, bad, errors } of all) {
    if (rows === 0) throw noRows(file === inputName(undefined) ? undefined : file);
    if (bad === rows)
      throw new UsageError(`${file} has no ${errors.json === rows ? 'readable' : 'usable'} rows.`);
  }
}

function report(problem: Problem, row: RowNumber, counts: FileCounts, { json, output }: CheckOptions): void {
  const kinds = counts[`${problem.severity}s`];
  const n = (kinds[problem.code] = (kinds[problem.code] ?? 0) + 1);
  if (json) {
    printJson({ file: counts.file, ...placeOf(row), ...problem }, { rows: output === '-' });
  } else if (problem.severity === 'error' || n <= SHOWN) {
    tell(formatProblem(counts.file, rowNumberText(row), problem));
  }
}

/** Codes of warnings about rows or images that occur in two files. */
const SHARED = ['leaked-row', 'leaked-image'];

function summarise(all: FileCounts[], { json, output, images }: CheckOptions): void {
  const total = (key: 'rows' | 'good' | 'bad') => sum(all.map((counts) => counts[key]));
  if (json) {
    const summary = { rows: total('rows'), good: total('good'), bad: total('bad'), files: all };
    printJson({ summary }, { rows: output === '-' });
    return;
  }
  // Rows on standard output cannot be mixed with other text.
  const say = output === '-' ? tell : print;
  const hasShared = all.some(({ warnings }) => SHARED.some((code) => code in warnings));
  const pictures = images ? '' : '; images not checked (add --images)';
  for (const fileCounts of all) {
    const {
      file,
      format,
      rows,
      bad,
      usable,
      errors,
      warnings,
      found_tasks: tasks,
      judged_unevenly: uneven,
      boxes,
      laterality,
      give_aways: giveAways = [],
    } = fileCounts;
    const good = Object.keys(warnings).length === 0 ? 'all good' : 'no errors, some warnings';
    if (bad === 0)
      say(`${file} (${format}): ${rows === 0 ? 'no rows' : `${several(rows, 'row')}, ${good}${pictures}`}.`);
    else say(`${file} (${format}): ${usableText(usable)}.`);
    for (const line of foundLines(tasks)) say(`  ${line}`);
    for (const [name, kinds] of Object.entries({ errors, warnings })) {
      const list = Object.entries(kinds).map(([code, n]) => `${code} ${n}`);
      if (list.length > 0) say(`  ${name}: ${list.join(', ')}`);
    }
    for (const line of giveAways) say(`  ${line}`);
    if (uneven) tell(unevenText(file, uneven));
    if (boxes !== undefined)
      tell(`${boxes} Correct box_format, or completion_box_format if only the completions differ.`);
    if (laterality !== undefined) tell(laterality);
    const canMend = output === undefined && file !== inputName(undefined);
    const hint = canMend ? mendHint(file, usable) : lacksImages(usable) ? IMAGES_ELSEWHERE : undefined;
    if (bad > 0 && hint !== undefined) tell(hint);
  }
  if (all.length > 1 && !hasShared)
    say(`These files share no rows and no images${images ? '' : ', by image name'}.`);
}

/** Conditions for a correct answer by task, for rows whose task was detected from question and reference answer. */
const SCORED_AS: Readonly<Record<string, string>> = {
  mcq: 'the same option, by its letter or its text',
  yesno: 'yes or no',
  distance: 'a length within a factor of two of the reference',
  count: 'the same number, in digits or words',
  number: 'the same number, with its sign and unit',
  bbox: 'a box with an IoU of at least 0.75',
  side: 'the same side',
  choice: 'the same alternative of the question; not scored if the answer contains no alternative',
  name: 'the same words; not scored if worded differently',
  untyped: 'the same words; otherwise not scored (use eval --judge or eval audit)',
};

/** Returns lines about the tasks that were detected in rows without a declared task, with advice to declare one. */
export function foundLines(found: Record<string, number>): string[] {
  const tasks = Object.entries(found).sort(([, a], [, b]) => b - a);
  if (tasks.length === 0) return [];
  const rows = tasks.reduce((sum, [, n]) => sum + n, 0);
  return [
    `scored by question and reference answer, because ${rows === 1 ? 'one row declares' : `${rows} rows declare`} no task (set "task", or pass --map task:=…):`,
    ...tasks.map(([task, n]) => `  ${String(n).padStart(5)} ${taskLabel(task)}: ${SCORED_AS[task] ?? ''}`),
  ];
}
