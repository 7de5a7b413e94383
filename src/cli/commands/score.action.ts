import { type Extraction, SCORING_RULES } from '../../core/answers/score.ts';
import { UsageError } from '../errors.ts';
import { existsSync } from 'node:fs';
import { refuseReplacing, writeLines } from '../write-samples.ts';
import { SetReading } from '../../core/answers/set-reading.ts';
import { ReferenceSet, readCompletions, type CompletionRow } from '../tables.ts';
import { isNamed } from '../input.ts';
import { dirname, basename, resolve } from 'node:path';
import { openEncoder } from '../../lab/encoders/open-encoder.ts';
import { asOneSet, tellMisfits } from '../print-set-reading.ts';
import { READ_COLUMNS } from '../../core/answers/prediction.ts';
import { scoreRow, referenceOf } from '../../core/answers/score-row.ts';
import { rescoreEvaluation } from '../../lab/evaluation/rescore.ts';
import { tellUnjudged, withMeasures } from './eval-rescore.action.ts';
import type { JudgeFlags } from '../command-options.ts';
import { answerVerdict, scoredText } from '../../core/answers/verdict.ts';
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

interface Options extends JudgeFlags {
  output?: string;
  set?: string;
  extraction: Extraction;
  rewards?: boolean;
  evaluation?: string;
  model?: string;
  map?: string;
  json?: boolean;
}

export async function score(
  input: string | undefined,
  { output, set: path, extraction, rewards, evaluation, model, map, json, ...flags }: Options,
): Promise<void> {
  for (const name of ['model', 'judge', 'sbert'] as const)
    if ({ ...flags, model }[name] !== undefined && evaluation === undefined)
      throw new UsageError(`--${name} requires --evaluation.`);
  if (evaluation !== undefined && existsSync(evaluation))
    throw new UsageError(`--evaluation: ${evaluation} already exists. Pass another folder.`);
  await refuseReplacing(input, output);
  const tasks: Record<string, number> = {};
  const problems: Record<string, number> = {};
  let [notJudged, unparsed] = [0, 0];
  const boxes = new BoxFit();
  let columns: string[] | undefined;
  const reading = new SetReading<unknown>();
  const set =
    path === undefined
      ? undefined
      : await ReferenceSet.open(path, isNamed(output) ? dirname(output) : undefined);
  const encoder = rewards ? await openEncoder({ encoder: 'lexical' }) : null;
  const count = (counts: Record<string, number>, name: string) => (counts[name] = (counts[name] ?? 0) + 1);
  async function* scoredRows() {
    const read = readCompletions(input, 'score', { set, map });
    const waits = !isNamed(input) && !isNamed(output);
    for await (const { value, row } of asOneSet(read, reading, { waits, isJoined: set !== undefined })) {
      const scored = scoreRow(row, extraction);
      count(tasks, scored.task);
      if (scored.problem) count(problems, scored.problem);
      if (scored.problem !== undefined && referenceOf(row).trim() === '') columns ??= Object.keys(value);
      const verdict = scored.problem === undefined ? answerVerdict(scored, referenceOf(row)) : null;
      if (scored.task === 'bbox') boxes.add(row, scoredText(scored));
      if (verdict === 'not_judged') notJudged += 1;
      if (verdict === 'unparsed') unparsed += 1;
      yield { value, row, scored, verdict };
    }
  }
  async function* lines(): AsyncGenerator<string> {
    for await (const { value, row, scored, verdict } of scoredRows())
      yield JSON.stringify({
        ...(set ? value : moved({ value, row }, input, output)),
        right: verdict === 'right' ? true : verdict === 'wrong' ? false : null,
        verdict,
        ...(encoder && (await rewardsOf(row, extraction, encoder))),
        score: scored,
        scoring_rules: SCORING_RULES,
      });
  }
  if (evaluation === undefined) await writeLines(output, lines());
  else {
    const answers: GivenAnswer[] = [];
    for await (const { row, scored: score } of scoredRows()) answers.push({ row, score });
    const file = path ?? (isNamed(input) ? input : 'answers');
    await writeGivenAnswers(evaluation, {
      model: model ?? basename(resolve(evaluation)),
      file,
      set: setName(file),
      answers,
    });
    if (flags.judge !== undefined || flags.sbert !== undefined)
      await withMeasures(flags, async (measures) =>
        tellUnjudged(await rescoreEvaluation(evaluation, measures)),
      );
    if (!json) print(evaluation);
  }
  const misfit = boxes.misfit('the completions');
  // If the rows go to standard output, the counts must not.
  if (json)
    printJson(
      {
        tasks,
        problems,
        misfits: reading.summary.misfits,
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
    note(`Scored ${several(total, 'row')}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}.`);
    if (unparsed > 0) note(`Could not parse ${several(unparsed, 'answer')}, which count as wrong.`);
    if (notJudged > 0)
      note(
        `${several(notJudged, 'free-text answer')} not scored, because no rule applies. To narrow the interval, use a judge (\`chirality eval --judge\`) or rate 40 answers (\`score --evaluation FOLDER\`, then \`chirality eval audit FOLDER\`).`,
      );
    for (const [problem, n] of Object.entries(problems)) tell(`${n} cannot be scored: ${problem}`);
    if (columns)
      tell(
        `Rows without a reference answer are not scored. The first row has the columns ${columns.join(', ')}; reference answers are read from ${READ_COLUMNS.reference.join(', ')}. Pass --map answer=COLUMN, or a dataset with --set.`,
      );
    if (misfit !== null)
      tell(`${misfit} If the model uses this format, pass --map completion_box_format:=FORMAT.`);
    tellMisfits(reading.summary, path ?? input ?? null);
  }
}

/** Agreement compares with another view, which a completion alone does not have. */
const ALONE = REWARD_NAMES.filter((name) => name !== 'agreement');

/** What a completion earns, as a trace records it. */
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

/** The row as it was, with image references made relative to the output's folder. */
function moved({ value, row }: CompletionRow, input?: string, output?: string): Record<string, unknown> {
  if (!isNamed(input) || !isNamed(output) || !row.images?.length) return value;
  const { images } = relocateImages(row as Sample, dirname(input), dirname(output));
  return value.images === undefined ? { ...value, image: images[0] } : { ...value, images };
}
