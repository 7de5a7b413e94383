import { sum } from '../../base/numbers.ts';
import { isSpatialQuestion } from '../../core/answers/task.ts';
import { taskOf } from '../../core/answers/score-row.ts';
import { SetReading } from '../../core/answers/set-reading.ts';
import { parseYesNo } from '../../core/answers/yes-no.ts';
import { letterOf } from '../../base/item-names.ts';
import { choiceIndex } from '../../rows/sample/choices.ts';
import { isClip } from '../../rows/sample/clip.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { laterTurns } from './dialogue-turns.ts';
import { Repeats, RowKeys } from './first-seen.ts';
import { ClipFloors, type ClipFloor } from './clip-floors.ts';
import type { DataRow } from './rows.ts';
import { vqasynthTraps } from './vqasynth-traps.ts';

type Counts = Record<string, number>;

const count = (counts: Counts, key: string): void => {
  counts[key] = (Object.hasOwn(counts, key) ? counts[key]! : 0) + 1;
};

/**
 * Statistics of one file, which --json prints unchanged. Fields are counts. Programs that read them compute shares,
 * except shares that need a sum over rows.
 */
export class FileStats {
  rows = 0;
  bad = 0;
  sources: Counts = {};
  tasks: Counts = {};
  /** Number of questions in all turns. A dialogue has several questions. */
  questions = 0;
  spatial = 0;
  general = 0;
  /** Counts of question types, by the keyword lists of paper B in the order of R29. */
  question_types: Counts = {};
  /** Counts of detected scoring tasks, for rows that declare no task. */
  found_tasks: Counts = {};
  /** Number of rows whose reference answer does not fit the question or its options, by kind of misfit. */
  misfits: Counts = {};
  /** Counts of the answers to yes/no questions. */
  yes_no: Counts = {};
  /** Number of questions, choices and answers that contain left or right. A mirror changes these texts. */
  left_right = 0;
  /** Counts of right choices by letter, and the accuracy of chance (mean of 1 / number of choices). */
  right_choice: Counts = {};
  chance: number | null = null;
  with_reasoning = 0;
  images_per_row: Counts = {};
  /** Number of rows whose images are the frames of one clip. Absent without such rows. */
  clips?: number;
  distinct_images = 0;
  box_formats: Counts = {};
  mirror: Counts = {};
  polarity: Counts = {};
  duplicates = 0;
  /** Number of rows that earlier files also contain, and number of rows whose image is in earlier files. */
  shared_rows = 0;
  shared_images = 0;
  traps: Counts = {};
  /** Image-free bounds for rows about clips that have a reversed view: accuracy without the order of frames. */
  clip_floor?: ClipFloor;

  constructor(
    readonly file: string,
    readonly format: string,
  ) {}
}

const SIDES = /\b(?:left|right)(?:most|wards?)?\b/i;

/** Counts rows of one or several files in order. Memory grows by about 30 bytes per row. */
export class DatasetStats {
  readonly files: FileStats[] = [];
  private readonly repeats = new Repeats();
  private reading = new SetReading();
  private clips = new ClipFloors();

  /** Starts the next file. The following rows belong to this file. */
  startFile(file: string, format: string): FileStats {
    const stats = new FileStats(file, format);
    this.files.push(stats);
    this.reading = new SetReading();
    this.clips = new ClipFloors();
    return stats;
  }

  /** Ends a file, so that the scoring tasks of its rows can be decided. */
  endFile(): void {
    const { found_tasks, misfits } = this.reading.summary;
    const clip_floor = this.clips.result() ?? undefined;
    Object.assign(this.files.at(-1)!, { found_tasks, misfits, clip_floor });
  }

  /** Reads the values of one row that `take` then counts. */
  static readonly look = statsRow;

  take({ at, sample }: StatsRow): void {
    const stats = this.files.at(-1)!;
    stats.rows += 1;
    if (!sample) {
      stats.bad += 1;
      return;
    }
    count(stats.sources, sample.source ?? 'unnamed');
    count(stats.tasks, sample.task ?? 'none');
    this.reading.take(sample.reading, at);
    if (sample.clip) this.clips.add(sample.clip);
    if (sample.hasReasoning) stats.with_reasoning += 1;
    if (sample.box_format) count(stats.box_formats, sample.box_format);
    if (sample.mirror) count(stats.mirror, sample.mirror);
    if (sample.polarity) count(stats.polarity, sample.polarity);
    for (const question of sample.questions) countQuestion(stats, question);
    if (sample.choice) countChoice(stats, sample.choice);
    count(stats.images_per_row, String(sample.images));
    if (sample.clip) stats.clips = (stats.clips ?? 0) + 1;
    const seenAt = { file: this.files.length - 1, at };
    const before = this.repeats.add(sample.keys, seenAt);
    if (before.row) stats[before.row.file === seenAt.file ? 'duplicates' : 'shared_rows'] += 1;
    stats.distinct_images += before.pictures.filter((sighting) => sighting === null).length;
    if (before.pictures.some((sighting) => sighting && sighting.file !== seenAt.file))
      stats.shared_images += 1;
  }
}

/** Counted values of a row, as plain data. `sample` is null for an unreadable row. */
type StatsRow = ReturnType<typeof statsRow>;

function statsRow(row: DataRow) {
  const { sample } = row;
  const at = row.line ?? row.row;
  if (!sample) return { at, sample };
  const { source, task, reasoning, box_format, variants, images, choices, answer } = sample;
  const index = choices?.length ? choiceIndex(answer, choices) : null;
  return {
    at,
    sample: {
      source,
      task,
      reading: SetReading.look(sample),
      hasReasoning: reasoning !== undefined,
      box_format,
      mirror: variants?.mirror?.status,
      polarity: variants?.polarity?.status,
      questions: [sample, ...laterTurns(sample)].map((turn) => countedQuestion(turn, source)),
      choice: choices?.length
        ? { letter: index === null ? 'none' : letterOf(index), of: choices.length }
        : null,
      images: images.length,
      clip: isClip(sample) ? sample : null,
      keys: { ...new RowKeys(sample) },
    },
  };
}

function countedQuestion(
  { question, answer, choices, task }: Pick<Sample, 'question' | 'answer' | 'choices' | 'task'>,
  source?: string,
) {
  const text = [question, ...(choices ?? [])].join(' ');
  const type = taskOf({ question, answer, source, ...(choices && { choices }), ...(task && { task }) });
  return {
    isSpatial: isSpatialQuestion(text),
    type,
    verdict: type === 'yesno' ? (parseYesNo(answer) ?? 'unread') : null,
    isSided: SIDES.test(text) || SIDES.test(answer),
    traps: vqasynthTraps(question, answer, source),
  };
}

function countQuestion(
  stats: FileStats,
  { isSpatial, type, verdict, isSided, traps }: ReturnType<typeof countedQuestion>,
): void {
  stats.questions += 1;
  stats[isSpatial ? 'spatial' : 'general'] += 1;
  count(stats.question_types, type);
  if (verdict !== null) count(stats.yes_no, verdict);
  if (isSided) stats.left_right += 1;
  for (const trap of traps) count(stats.traps, trap);
}

function countChoice(stats: FileStats, { letter, of: choices }: { letter: string; of: number }): void {
  const before = sum(Object.values(stats.right_choice));
  count(stats.right_choice, letter);
  stats.chance = ((stats.chance ?? 0) * before + 1 / choices) / (before + 1);
}
