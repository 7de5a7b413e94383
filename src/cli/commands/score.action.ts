import { type Extraction, SCORING_RULES } from '../../core/answers/score.ts';
import { UsageError } from '../errors.ts';
import { existsSync, fstatSync } from 'node:fs';
import { refuseReplacing, writeLines } from '../write-samples.ts';
import { SetReading } from '../../core/answers/set-reading.ts';
import { completionsIn, readCompletions, type CompletionRow, type CompletionWants } from '../completions.ts';
import { ReferenceSet } from '../reference-set.ts';
import type { RowJob } from '../../lab/files/row-threads.ts';
import { isNamed } from '../input.ts';
import { dirname, basename, resolve } from 'node:path';
import { openEncoder } from '../../lab/encoders/open-encoder.ts';
import { asOneSet, LOOKED_AT, tellMisfits } from '../print-set-reading.ts';
import { READ_COLUMNS } from '../../core/answers/prediction.ts';
import { scoreRow, referenceOf } from '../../core/answers/score-row.ts';
import { rescoreEvaluation } from '../../lab/evaluation/rescore.ts';
import { tellUnjudged, withMeasures } from './eval-rescore.action.ts';
import type { OptionsOf } from '../command-options.ts';
import type { addScoreCommand } from './score.command.ts';
import { answerVerdict, scoredText } from '../../core/answers/verdict.ts';
import { requireFamily } from '../values.ts';
import { BoxFit } from '../../core/evaluation/box-fit.ts';
import { type GivenAnswer, writeGivenAnswers } from '../../lab/evaluation/given-answers.ts';
import { setName } from '../evaluation/target.ts';
import { print, printJson, note, tell } from '../print.ts';
import { taskLabel } from '../../base/labels.ts';
import { several } from '../../base/format.ts';
import { REWARD_NAMES } from '../../core/rewards/rewards.ts';
import { scorerOf } from '../../core/rewards/reward-parts.ts';
import { type Encoder, similarities } from '../../lab/encoders/encoder.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { readCompletion } from '../../core/answers/extract.ts';
import { relocateImages } from '../../lab/datasets/image-files.ts';

type Options = OptionsOf<typeof addScoreCommand>;

export async function score(
  input: string | undefined,
  { output, set: path, extraction, rewards, evaluation, model, map, sees, json, ...flags }: Options,
): Promise<void> {
  for (const name of ['model', 'judge', 'sbert'] as const)
    if ({ ...flags, model }[name] !== undefined && evaluation === undefined)
      throw new UsageError(`--${name} requires --evaluation.`);
  if (evaluation !== undefined && existsSync(evaluation))
    throw new UsageError(`--evaluation: ${evaluation} already exists. Pass another folder.`);
  await refuseReplacing(input, output);
  const tasks: Record<string, number> = {};
  const problems: Record<string, number> = {};
  const verdicts = { right: 0, wrong: 0, unparsed: 0, not_judged: 0 };
  if (sees !== undefined) requireFamily(sees);
  const boxes = new BoxFit(sees);
  let columns: string[] | undefined;
  const reading = new SetReading<unknown>();
  const set =
    path === undefined
      ? undefined
      : await ReferenceSet.open(path, isNamed(output) ? dirname(output) : undefined);
  const encoder = rewards ? await openEncoder({ encoder: 'lexical' }) : null;
  const count = (counts: Record<string, number>, name: string) => (counts[name] = (counts[name] ?? 0) + 1);
  const first: Record<string, unknown>[] = [];
  const wants = (): CompletionWants => ({ values: first.length < LOOKED_AT, boxes: boxes.isLooking });
  const isHeld = evaluation !== undefined;
  const setup: Setup = { map, extraction, rewards, sees, input, output, isHeld, isJoined: set !== undefined };
  const answers: GivenAnswer[] = [];
  async function* lines(): AsyncGenerator<string> {
    const make = (row: CompletionRow) => scored(row, setup, encoder, boxes.isLooking);
    const threaded = isHeld ? undefined : { job: 'score', setup, wants };
    const read = readCompletions(input, make, { set, map, threaded });
    // A program at the other end of a pipe can wait for each row; a redirected file cannot.
    const waits = !isNamed(input) && !isNamed(output) && !fstatSync(0).isFile();
    for await (const made of asOneSet(read, reading, { waits, isJoined: set !== undefined, first })) {
      if (made.problem === undefined) count(tasks, made.task);
      else count(problems, made.problem);
      columns ??= made.columns;
      boxes.take(made.boxes);
      if (made.verdict !== null) verdicts[made.verdict] += 1;
      if (made.answer) answers.push(made.answer);
      yield made.text;
    }
  }
  if (evaluation === undefined) await writeLines(output, lines());
  else {
    for await (const line of lines()) void line;
    const file = path ?? (isNamed(input) ? input : 'answers');
    await writeGivenAnswers(evaluation, {
      model: model ?? basename(resolve(evaluation)),
      file,
      set: setName(file),
      answers,
    });
    if (flags.judge !== undefined || flags.sbert !== undefined)
      await withMeasures(flags, async (measures) => {
        const rescored = await rescoreEvaluation(evaluation, measures);
        tellUnjudged(rescored);
        verdicts.not_judged = rescored.open;
      });
    if (!json) print(evaluation);
  }
  const misfit = boxes.misfit('the completions');
  const { right, wrong, unparsed, not_judged: notJudged } = verdicts;
  // A judge decides answers that the rules cannot, and `results.json` has its verdicts.
  const isByRules = flags.judge === undefined;
  // Rows on standard output cannot be mixed with other text.
  if (json)
    printJson(
      {
        tasks,
        problems,
        misfits: reading.summary.misfits,
        ...(isByRules && { right, wrong }),
        unparsed,
        not_judged: notJudged,
        ...(misfit !== null && { boxes: misfit }),
        ...(set && { set: set.left }),
      },
      { rows: evaluation === undefined && !isNamed(output) },
    );
  else {
    const total = Object.values(tasks).reduce((sum, n) => sum + n, 0);
    const parts = Object.entries(tasks).map(([task, n]) => `${n} ${taskLabel(task)}`);
    const counts = isByRules && right + wrong > 0 ? ` ${right} correct, ${wrong} wrong.` : '';
    note(`Scored ${several(total, 'row')}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}.${counts}`);
    if (unparsed > 0)
      note(`Could not parse ${several(unparsed, 'answer')}. Unparsed answers count as wrong.`);
    if (notJudged > 0)
      note(
        `${several(notJudged, 'free-text answer')} not scored, because no rule applies. To narrow the interval, ${flags.judge === undefined ? 'use a judge (`chirality score --evaluation FOLDER --judge ADDRESS`) or ' : ''}rate ${several(Math.min(40, notJudged), 'answer')} (${evaluation === undefined ? '`chirality score --evaluation FOLDER`, then ' : ''}\`chirality eval audit ${evaluation ?? 'FOLDER'}\`).`,
      );
    for (const [problem, n] of Object.entries(problems))
      tell(`Could not score ${several(n, 'row')}: ${problem}`);
    if (columns)
      tell(
        `Rows without a reference answer are not scored. The first row has the columns ${columns.join(', ')}; reference answers are read from ${READ_COLUMNS.reference.join(', ')}. Pass --map answer=COLUMN, or a dataset with --set.`,
      );
    if (misfit !== null)
      tell(`${misfit} If the model uses this format, pass --map completion_box_format:=FORMAT.`);
    // The lines above report rows without a reference answer.
    tellMisfits(reading.summary, path ?? input ?? null, false);
  }
}

/** Settings of a worker thread. `isHeld`: whether answers go to an evaluation instead of output lines. */
interface Setup extends Pick<Options, 'extraction' | 'rewards' | 'sees' | 'output' | 'map'> {
  input: string | undefined;
  isHeld: boolean;
  isJoined: boolean;
}

async function scored(
  { value, row: read }: CompletionRow,
  setup: Setup,
  encoder: Encoder | null,
  hasBoxes: boolean,
) {
  const { extraction, sees, input, output, isHeld, isJoined } = setup;
  const row = sees === undefined ? read : { sees, ...read };
  const score = scoreRow(row, extraction);
  const { task, problem } = score;
  const verdict = problem === undefined ? answerVerdict(score, referenceOf(row)) : null;
  const hasColumn = READ_COLUMNS.reference.some((name) => name in value);
  const lacksColumn = problem !== undefined && !hasColumn && referenceOf(row).trim() === '';
  const line = async () => ({
    ...(isJoined ? value : moved({ value, row: read }, input, output)),
    right: verdict === 'right' ? true : verdict === 'wrong' ? false : null,
    verdict,
    ...(encoder && (await rewardsOf(row, extraction, encoder))),
    score,
    scoring_rules: SCORING_RULES,
  });
  return {
    task,
    problem,
    verdict,
    boxes: hasBoxes && task === 'bbox' ? BoxFit.look(row, scoredText(score), sees) : null,
    columns: lacksColumn ? Object.keys(value) : undefined,
    answer: isHeld ? { row, score } : null,
    text: isHeld ? '' : JSON.stringify(await line()),
  };
}

export async function scoreJob(setup: Setup): Promise<RowJob<unknown, CompletionWants>> {
  const encoder = setup.rewards ? await openEncoder({ encoder: 'lexical' }) : null;
  return (chunk, wants) =>
    completionsIn(chunk, { path: setup.input!, map: setup.map }, wants, (row) =>
      scored(row, setup, encoder, wants.boxes),
    );
}

/** Rewards that need only one completion; agreement also needs a completion in another view. */
const ALONE = REWARD_NAMES.filter((name) => name !== 'agreement');

async function rewardsOf(row: CompletionRow['row'], extraction: Extraction, encoder: Encoder) {
  const sample = { ...row, answer: referenceOf(row) } as Sample;
  const reading = readCompletion(row.completion);
  const answer = extraction === 'strict' ? reading.strict : reading.lenient.text;
  const references = [sample.answer, ...(sample.answers ?? [])];
  const pairs = answer === null ? [] : references.map((reference) => [answer, reference] as const);
  const values = await similarities(encoder, pairs);
  return scorerOf(
    sample,
    ALONE,
    extraction,
    (_, reference) => values[references.indexOf(reference)] ?? 0,
  )(reading);
}

/** Returns the row with image references relative to the output's folder, but otherwise unchanged. */
function moved({ value, row }: CompletionRow, input?: string, output?: string): Record<string, unknown> {
  if (!isNamed(input) || !isNamed(output) || !row.images?.length) return value;
  const { images } = relocateImages(row as Sample, dirname(input), dirname(output));
  return value.images === undefined ? { ...value, image: images[0] } : { ...value, images };
}
