import { scoreAnswer, taskOf } from '../answers/score-row.ts';
import type { Task } from '../answers/score.ts';
import { isNotJudged, isRight } from '../answers/verdict.ts';
import { bothRight, compareWithBounds, possible, shareBounds, valueWithin } from './bounds.ts';
import { chanceOf, meanChance } from './chance.ts';
import { floorOf, type Asked } from './floor-search.ts';
import { mean } from '../../base/numbers.ts';
import { Random } from '../../base/random.ts';
import { isOpen } from './metric.ts';
import { groupBy, imageKey } from '../evaluation/scored-row.ts';
import type { Audit, AuditShare } from './shortcuts.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { MIRROR, MIRROR_KEEP } from '../../rows/view-list.ts';
import { inView } from '../../rows/views/view.ts';

/** Keys of a question, from all its words to only its task. The first key with counted answers is used. */
const VIEWS_OF_A_QUESTION: readonly ((words: readonly string[], sample: Sample) => string)[] = [
  (words) => words.join(' '),
  (words) => words.slice(0, 4).join(' '),
  (words) => words.slice(0, 2).join(' '),
  (_, { task }) => `task ${task ?? ''}`,
];

/** Number of parts into which images are divided. The rows of the other parts predict the answers of each part. */
const FOLDS = 10;

/** Returns the part of a row. Rows about one image are in the same part, regardless of the image's folder and file. */
const foldOf = (row: Sample): number =>
  Random.from(`fold ${imageKey(row).split(/[\\/]/).at(-1)!}`).below(FOLDS);

/** Number of times that each answer is right, by the key of the question. */
type Answers = Map<string, Map<string, number>>;

/**
 * Baseline without the image: returns the most frequent right answer to questions with the same beginning. The accuracy
 * of the baseline is what words alone achieve; a model with no higher accuracy shows no use of the image.
 */
export class QuestionOnly {
  private readonly seen = VIEWS_OF_A_QUESTION.map((): Answers => new Map());
  /** Counts of right answers, for each part of the images. */
  private readonly parts = VIEWS_OF_A_QUESTION.map((): Answers => new Map());

  learn(sample: Sample): void {
    const fold = foldOf(sample);
    for (const [level, key] of keysOf(sample).entries()) {
      count(this.seen[level]!, key, sample.answer);
      count(this.parts[level]!, `${fold} ${key}`, sample.answer);
    }
  }

  /**
   * @param asked a training row, whose part does not contribute to the answer. Excluding only the row itself would bias
   * the vote against its answer: of 50 yes and 50 no, every row is in the minority.
   * @returns the most frequent right answer; null if no similar question was counted, or if no choice was ever right.
   */
  answer(sample: Sample, asked?: Sample): string | null {
    const fold = asked && foldOf(asked);
    for (const [level, key] of keysOf(sample).entries()) {
      const ofPart = fold === undefined ? undefined : this.parts[level]!.get(`${fold} ${key}`);
      const best = mostOf(this.seen[level]!.get(key), sample, ofPart);
      if (best !== null) return best;
    }
    return null;
  }
}

const count = (answers: Answers, key: string, answer: string): void => {
  const ofKey = answers.get(key) ?? new Map<string, number>();
  ofKey.set(answer, (ofKey.get(answer) ?? 0) + 1);
  answers.set(key, ofKey);
};

/** Returns the most frequent answer among the choices, minus the counts in `own`; null if no answer remains. */
function mostOf(
  answers: ReadonlyMap<string, number> | undefined,
  { choices }: Pick<Sample, 'choices'>,
  own?: ReadonlyMap<string, number>,
): string | null {
  let best: [answer: string | null, count: number] = [null, 0];
  for (const [answer, count] of answers ?? []) {
    const others = count - (own?.get(answer) ?? 0);
    if (others > best[1] && (choices?.includes(answer) ?? true)) best = [answer, others];
  }
  return best[0];
}

const keysOf = (sample: Sample): string[] => {
  const words = sample.question.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return VIEWS_OF_A_QUESTION.map((view) => view(words, sample));
};

/** Fields of a row that an audit stores. They are few, because a dataset can have millions of rows. */
interface AuditedRow {
  cluster: string;
  /** The row and its mirror without the image; null without a mirror. */
  asked: readonly [Asked, Asked] | null;
  keeps: boolean;
  task: string;
  /** Whether the row's right answer is the most frequent one in the whole set, or among rows of the same task. */
  constant: boolean;
  taskConstant: boolean;
  chance: number | null;
  /** Outcomes of the guess from the words, and of the frequent answer. */
  guesses: readonly Outcome[];
}

/** Whether a guess is right; null if not scored. For the mirror, undefined if its task has no right answers. */
interface Outcome {
  original: boolean | null;
  mirror: boolean | null | undefined;
}

/**
 * Audits a dataset for shortcuts: two baselines learn from rows, then answer originals and mirrors, and the better one
 * counts for each task. One guesses from the words; the other one gives the most frequent answer to the task on other
 * images. Call `learn` for every row, then `add` for the audited rows. Rows are not stored, so the caller can read a
 * large file twice.
 */
export class ShortcutAudit {
  private readonly reader = new QuestionOnly();
  private readonly answers: Answers = new Map();
  /** Counts of right answers of each task and image. */
  private readonly ofImages: Answers = new Map();
  private readonly constants = new Map<string, string>();
  private readonly judged: AuditedRow[] = [];

  /** @param isLearnt whether the audited rows are also training rows; if so, no row contributes to its own answer */
  constructor(private readonly isLearnt: boolean) {}

  learn(row: Sample): void {
    this.reader.learn(row);
    const name = row.task ?? taskOf(row);
    for (const key of ['all', name]) count(this.answers, key, row.answer);
    count(this.ofImages, `${name} ${imageKey(row)}`, row.answer);
    this.constants.clear();
  }

  add(row: Sample): void {
    const task = taskOf(row);
    const name = row.task ?? task;
    const ofImage = this.isLearnt ? this.ofImages.get(`${name} ${imageKey(row)}`) : undefined;
    const guesses = (sample: Sample) =>
      [
        this.reader.answer(sample, this.isLearnt ? row : undefined),
        mostOf(this.answers.get(name), sample, ofImage),
      ].map((guess) => guess ?? '');
    const scored = scorerOf(row, task);
    const rights = guesses(row).map(scored);
    if (rights.includes(undefined)) return;
    const mirrored = inView(row, MIRROR);
    const mirrors = mirrored && guesses(mirrored).map(scorerOf(mirrored, taskOf(mirrored)));
    this.judged.push({
      cluster: imageKey(row),
      asked: mirrored && [shown(row), shown(mirrored)],
      keeps: inView(row, MIRROR_KEEP) !== null,
      task: name,
      constant: scored(this.constantOf('all')) === true,
      taskConstant: scored(this.constantOf(name)) === true,
      chance: chanceOf({ ...row, score: { task } }),
      guesses: rights.map((original, guess) => ({ original: original!, mirror: mirrors?.[guess] })),
    });
  }

  /** Returns the most frequent right answer of all rows, or of the rows of one task. */
  private constantOf(key: string): string {
    const constant = this.constants.get(key) ?? mostOf(this.answers.get(key), {}) ?? '';
    this.constants.set(key, constant);
    return constant;
  }

  /** Returns the audit of all rows, under the key `all`, and of the rows of each task. */
  audits(): Map<string, Audit> {
    const tasks = [...groupBy(this.judged, ({ task }) => task)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([task, rows]) => [task, withBetterGuess(rows)] as const);
    return new Map([
      ['all', auditRows(tasks.flatMap(([, rows]) => rows))],
      ...tasks.map(([task, rows]): [string, Audit] => [
        task,
        auditRows(rows.map((row) => ({ ...row, constant: row.taskConstant }))),
      ]),
    ]);
  }
}

/** Returns what scores answers to a row, each answer once: right, wrong, null if not scored, undefined if none is right. */
function scorerOf(sample: Sample, task: Task): (answer: string) => boolean | null | undefined {
  const outcomes = new Map<string, boolean | null | undefined>();
  return (answer) => {
    if (!outcomes.has(answer)) {
      const score = scoreAnswer(answer, sample, task);
      outcomes.set(answer, isRight(score) ?? (isNotJudged(score) ? null : undefined));
    }
    return outcomes.get(answer);
  };
}

/** Returns the rows of a task with the guess that is right for more originals: a model can always give one answer. */
function withBetterGuess(rows: readonly AuditedRow[]): (AuditedRow & Outcome)[] {
  const rightOf = (guess: number) => rows.filter(({ guesses }) => guesses[guess]!.original).length;
  const better = rightOf(1) > rightOf(0) ? 1 : 0;
  return rows.map((row) => ({ ...row, ...row.guesses[better]! }));
}

/** Returns the fields of a row that scoring needs. Omits large fields, and fields that differ for equal questions. */
const shown = (row: Sample): Asked => ({ ...row, ...UNSCORED });
const UNSCORED = {
  id: undefined,
  images: undefined,
  variants: undefined,
  meta: undefined,
  scene_graph: undefined,
  reasoning: undefined,
};

/** Returns the image-free bound of pairs if prompts show the choices and, where there are choices, if they do not. */
function floors(pairs: readonly (readonly [Asked, Asked])[]): Pick<Audit, 'floor' | 'floor_hidden'> {
  const hide = (row: Asked): Asked => ({ ...row, options_hidden: true });
  const hasChoices = pairs.some((pair) => pair.some(({ choices }) => choices));
  return {
    floor: floorOf(pairs),
    ...(hasChoices && { floor_hidden: floorOf(pairs.map(([one, other]) => [hide(one), hide(other)]))! }),
  };
}

function auditRows(audited: readonly (AuditedRow & Outcome)[]): Audit {
  const pairs = audited.flatMap(({ mirror, ...row }) => (mirror === undefined ? [] : [{ ...row, mirror }]));
  const { difference, p } = compareWithBounds(
    pairs.map(({ cluster, original, mirror }) => ({
      cluster,
      first: possible(mirror),
      second: possible(original),
    })),
  );
  const shares = {
    original: shareBounds(audited.map(({ original }) => original)),
    mirror: shareBounds(pairs.map(({ mirror }) => mirror)),
    both: shareBounds(pairs.map(({ original, mirror }) => bothRight(original, mirror))),
  };
  const value = (share: AuditShare) => shares[share] && valueWithin(shares[share]);
  const open = Object.entries(shares).filter(([, ends]) => ends && isOpen(ends));
  return {
    rows: audited.length,
    original: value('original'),
    constant: audited.length === 0 ? null : mean(audited.map(({ constant }) => Number(constant))),
    chance: null,
    ...meanChance(audited.map(({ chance }) => chance)),
    pairs: pairs.length,
    mirror: value('mirror'),
    both: value('both'),
    ...(open.length > 0 && { bounds: Object.fromEntries(open) as Audit['bounds'] }),
    ...floors(pairs.flatMap(({ asked }) => (asked ? [asked] : []))),
    keeps: audited.filter(({ keeps }) => keeps).length,
    // With an unknown difference, the audit reports no bias.
    leans: difference !== null && difference > 0 && p! < 0.05,
  };
}
