import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { scoreRow } from '../../core/answers/score-row.ts';
import { answerVerdict, isRight } from '../../core/answers/verdict.ts';
import { predictionOf } from '../../core/answers/prediction.ts';
import { isRecord, jsonText } from '../../base/json.ts';
import { acuityRecord } from '../../core/psychophysics/build-record.ts';
import type { Asymptotes } from '../../core/psychophysics/observer.ts';
import type { AcuityAnswer } from '../../core/psychophysics/likelihood.ts';
import { questionsOf } from '../../core/psychophysics/plan-stimuli.ts';
import {
  UNREAD_SHOWN,
  type AnyAcuityRecord,
  type StimuliPlan,
} from '../../core/psychophysics/acuity-record.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { MIRROR } from '../../rows/view-list.ts';
import type { AcuityMeta } from '../../core/worlds/acuity/ask-block.ts';
import { mapBackdrop } from '../../core/worlds/acuity/map.ts';
import { wholeOf } from '../../core/worlds/acuity/whole.ts';
import { DataError } from '../datasets/data-error.ts';
import { openTable } from '../datasets/open-table.ts';
import { readQaJsonl, rowNumberText } from '../datasets/rows.ts';
import { sha256, writeAtomically } from '../files/atomic.ts';
import { readText, streamFile } from '../files/regular.ts';
import { encodePng } from '../images/png.ts';
import { programVersions } from '../runs/versions.ts';
import { stimuliName } from './acuity-rows.ts';

export interface Answered extends AcuityAnswer {
  sample: Sample;
  text: string;
  /** Line of the stimulus in its file. */
  line: number;
}

export interface GivenAnswers {
  /** A table of any format with columns for id and answer (`predictionOf`), or the folder of an evaluation. */
  file: string;
  texts: ReadonlyMap<string, string>;
}

/**
 * Returns the answers to the rows of each plan, before the images of the rows are drawn.
 * @throws DataError for an answer whose row is in no plan, or for missing answers
 */
export async function answersToPlans(
  file: string,
  plans: readonly StimuliPlan[],
): Promise<Map<StimuliPlan, GivenAnswers>> {
  const texts = [...(await answerTexts(file))];
  const names = plans.map(stimuliName);
  const stranger = texts.find(([id]) => !names.some((name) => id.startsWith(`${name}-`)));
  if (stranger) throw otherStimuli(file, stranger[0], names.join(', '));
  return new Map(
    plans.map((plan, i) => {
      const ofRun = texts.filter(([id]) => id.startsWith(`${names[i]!}-`));
      // Some cells of a map can lack answers, so their number is not checked.
      if (!plan.map && ofRun.length < questionsOf(plan))
        throw unanswered(file, questionsOf(plan) - ofRun.length, names[i]!);
      return [plan, { file, texts: new Map(ofRun) }];
    }),
  );
}

const otherStimuli = (file: string, id: string, stimuli: string) =>
  new DataError('other-stimuli', `${file} contains an answer to "${id}", which is not a row of ${stimuli}.`, {
    fix: 'Pass the options and the seed that the rows were drawn with.',
  });

const unanswered = (file: string, missing: number, stimuli: string) =>
  new DataError('unanswered', `${file} lacks answers to ${missing} rows of ${stimuli}.`, {
    fix: 'Add an answer to every row. An empty answer counts as unparsed.',
  });

/**
 * Joins the stimuli of a file with the answers so far, and reads each answer's claim about the scene.
 * @throws DataError for an answer whose row is not in the file or already has an answer
 */
export async function readAnswersSoFar(
  stimuli: string,
  given: string | GivenAnswers,
): Promise<{ answers: Answered[]; missing: number }> {
  const file = typeof given === 'string' ? given : given.file;
  const texts = new Map(typeof given === 'string' ? await answerTexts(given) : given.texts);
  const answers: Answered[] = [];
  let missing = 0;
  for await (const { sample, line } of readQaJsonl(await streamFile(stimuli))) {
    if (!isRecord(sample?.meta?.acuity)) continue;
    const text = texts.get(sample.id);
    texts.delete(sample.id);
    if (text === undefined) missing += 1;
    else answers.push({ ...answerTo(sample, text), sample, text, line });
  }
  const [stranger] = texts.keys();
  if (stranger !== undefined) throw otherStimuli(file, stranger, stimuli);
  return { answers, missing };
}

/** Joins stimuli and answers of a complete file. @throws DataError also if a row has no answer */
export async function readAnswers(stimuli: string, given: string | GivenAnswers): Promise<Answered[]> {
  const { answers, missing } = await readAnswersSoFar(stimuli, given);
  if (missing > 0) throw unanswered(typeof given === 'string' ? given : given.file, missing, stimuli);
  return answers;
}

async function answerTexts(given: string): Promise<Map<string, string>> {
  const isEvaluation = (await stat(given)).isDirectory();
  const file = isEvaluation ? join(given, 'rows.jsonl') : given;
  const texts = new Map<string, string>();
  for await (const { value, ...place } of (await openTable(file)).rows) {
    // The last line of a running evaluation can be incomplete.
    if (value === undefined && isEvaluation) continue;
    const { id, text } = isRecord(value) ? predictionOf(value) : { id: null, text: null };
    const where = `${file}:${rowNumberText(place)}`;
    if (id === null || text === null)
      throw new DataError('answer-row', `${where} lacks ${id === null ? '"id"' : '"answer"'}.`, {
        fix: 'Pass a table with the columns id and answer, in any format that `chirality convert` reads.',
      });
    if (texts.has(id))
      throw new DataError('answer-twice', `${where} contains a second answer to "${id}".`, {
        fix: 'Keep one answer per row.',
      });
    texts.set(id, text);
  }
  return texts;
}

/** Returns an answer's claim about its scene: the reference answer's claim if right, and the opposite if wrong. */
function answerTo(sample: Sample, completion: string): AcuityAnswer {
  const { axis, block, x, level, view, word, facing, claim, signs, changes, cell } = sample.meta!
    .acuity as unknown as AcuityMeta;
  const score = scoreRow({ ...sample, completion });
  // A distance of 0 has no logarithm, and is no distance of an object.
  const told = score.task === 'distance' && (score.parsed_m ?? 0) > 0 ? score.parsed_m! : undefined;
  const isRead =
    score.task === 'distance'
      ? told !== undefined
      : ['right', 'wrong'].includes(answerVerdict(score, sample.answer));
  const right = isRight(score) === true;
  const claimed = right ? claim : claim === 1 ? -1 : 1;
  return {
    block,
    x,
    conditions: { view, word, ...(facing && { facing }) },
    claim: isRead ? claimed : null,
    signs,
    right,
    ...(axis === 'own-side' && { bearing: view === MIRROR ? -level : level }),
    ...(changes !== undefined && { changes }),
    ...(cell && { cell }),
    ...(told !== undefined && { told }),
  };
}

/** Subject of the measurement (`model` or `run`), and location of its answers. */
type Measured = Pick<AnyAcuityRecord, 'answers' | 'model' | 'run' | 'step'> & { asymptotes?: Asymptotes };

/**
 * Measures acuity from the answers to all rows of a file, and writes the result.
 * @param out path of the result file
 * @param texts the answers, if the caller has already read them
 */
export async function writeAcuity(
  plan: StimuliPlan,
  rows: string,
  given: Measured,
  out: string,
  texts?: GivenAnswers,
): Promise<AnyAcuityRecord> {
  const result = await recordOf(plan, rows, given, await readAnswers(rows, texts ?? given.answers));
  await writeAtomically(out, jsonText(result), { follow: false });
  return result;
}

/** Returns the acuity record of answers, which can be incomplete. */
export async function recordOf(
  plan: StimuliPlan,
  rows: string,
  given: Measured,
  answers: readonly Answered[],
): Promise<AnyAcuityRecord> {
  const scenes = new Map(answers.map(({ block, sample }) => [block, sample]));
  const whole = wholeOf(plan.axis, plan.size, [...scenes.values()]);
  const unread = answers.filter(({ claim }) => claim === null).slice(0, UNREAD_SHOWN);
  const about = {
    ...given,
    plan,
    rows_sha256: sha256(await readText(rows)),
    ...(whole && { whole }),
    ...(unread.length > 0 && { unread_answers: unread.map(({ text }) => text.slice(0, LONGEST_TEXT)) }),
    versions: programVersions(),
  };
  return acuityRecord(answers, about, await backdropOf(plan));
}

/** Maximum length of an unparsed answer in a record, in characters. */
const LONGEST_TEXT = 300;

/** Maximum side of the background image of a map, in pixels. */
const BACKDROP = 448;

async function backdropOf(plan: StimuliPlan) {
  if (!plan.map) return undefined;
  const { picture, ...rows } = mapBackdrop(plan, BACKDROP);
  const png = await encodePng(picture);
  return { picture: `data:image/png;base64,${Buffer.from(png).toString('base64')}`, ...rows };
}
