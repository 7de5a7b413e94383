import { iou, isBoxFormat, type Size } from '../sample/boxes.ts';
import { declaredSize, type Mask } from '../sample/sample.ts';
import { readGraph } from '../scene-graph/read.ts';
import {
  conventionOf,
  isInsideMask,
  parseBoxText,
  parsePoints,
  toPixelBox,
  undeclaredConvention,
  type BoxText,
  type Convention,
  type PixelBox,
} from './box.ts';
import { parseArea } from './area.ts';
import { parseChoice } from './choice.ts';
import { hasSeveralNumbers, parseCount } from './count.ts';
import { parseDistance } from './distance.ts';
import { scoreFlip } from './flip-json.ts';
import { parseJudge, parseYesNo } from './yes-no.ts';
import { isAccounted } from './accounted.ts';
import type { Verdict } from './accounted-words.ts';
import { hasDetailOf, readYesNo } from './free-yes-no.ts';
import { contentWords, plainWords } from './clauses.ts';
import { NOT_JUDGED, NO_ANSWER, abstains, isEcho, type FreeReading } from './free-reading.ts';
import { alternatives, readChoice } from './alternative.ts';
import { unitAsked } from './task.ts';
import { nameOfSentence, namesIn, readName, readNames } from './name.ts';
import { readNumbers } from './numbers.ts';
import { restated } from './restated.ts';
import { isSameText, withCompoundsOf } from './plain-text.ts';
import { answerSentences } from './sentences.ts';
import { readSide } from './side.ts';
import { isBareSide, sideIn, sidesNamed } from './sides.ts';
import { indexOfLetter } from '../sample/choices.ts';
import { TASKS, type ScoreInput, type Task } from './score.ts';
import type { TaskScores } from './score-schema.ts';
import { isVqasynth } from './vqasynth-traps.ts';
import {
  freeCount,
  isOtherNumber,
  numbersOfKind,
  withoutDeniedLengths,
  withoutOtherDimensions,
  withoutOtherLengths,
} from './free-numbers.ts';
import { inlineOptions } from '../read/options.ts';
import { lengthUnit } from '../sample/lengths.ts';

const RIGHT_ANGLE = /\b(?:a |at )?right angles?\b/gi;

type Scored<T> = T & { problem?: string };

/** One scorer per task. It gets the extracted answer, the reference as text, and the row. */
export const scorers: {
  [T in Task]: (text: string, reference: string, row: ScoreInput) => Scored<TaskScores[T]>;
} = {
  format: () => ({}),
  distance: scoreDistance,
  area: scoreArea,
  yesno: scoreYesNo,
  mcq: (text, reference, { choices }) =>
    compared(parseChoice(text, choices), parseChoice(reference, choices), 'one of the choices'),
  count: (text, reference, row) => {
    const said = /°|\bdegrees?\b/i.test(reference) ? text.replace(RIGHT_ANGLE, '90 degrees') : text;
    const counted = isTyped(row) ? parseCount(text) : freeCount(said.slice(-MOST_READ), questionOf(row));
    const score = compared(counted, parseCount(reference), 'a count');
    const { parsed, gt_parsed } = score;
    if (isUnaccounted(text, reference, row, { task: 'count', parsed, correct: score.correct }))
      return { ...score, correct: null, close_call: false };
    return {
      ...score,
      ...(!isTyped(row) &&
        (parsed === null
          ? hasSeveralNumbers(text.slice(-MOST_READ)) ||
            // "All the doors are closed", asked how many are open; "a man and a woman".
            (!readNumbers(text).some(({ kind }) => kind === 'number') &&
              !abstains(text) &&
              /\b(?:all|every|each|both|an?(?! (?:lot|few|couple|number|bunch|group|crowd)\b))\b/i.test(text))
          : score.correct
            ? isOtherNumber(text.slice(-MOST_READ), parsed, questionOf(row))
            : numbersOfKind(text.slice(-MOST_READ), questionOf(row)).includes(gt_parsed!)) && {
          correct: null,
        }),
      close_call: parsed !== null && gt_parsed !== null && Math.abs(parsed - gt_parsed) === 1,
    };
  },
  bbox: scoreBox,
  point: scorePoint,
  side: (text, reference, row) =>
    free(
      text,
      reference,
      sideIn(reference),
      'a side',
      questionOf(row),
      (said) =>
        BOTH_WAYS.test(questionOf(row))
          ? readStatement(said, reference)
          : readSide(said, reference, questionOf(row)),
      'side',
    ),
  choice: scoreChoice,
  name: (text, whole, row) => {
    const question = questionOf(row);
    const reference = (/\.\s*$/.test(whole) ? nameOfSentence(whole, question) : null) ?? whole;
    const names = namesIn(reference);
    const sides = sidesNamed(reference);
    return free(
      text,
      reference,
      contentWords(reference).join(' ') || null,
      'a name',
      question,
      (said) => {
        const read = names ? readNames(said, names, question) : readName(said, reference, question);
        // "The left lamp" is neither the right one nor any.
        return read.correct && sides !== '' && sides !== sidesNamed(said) ? NOT_JUDGED : read;
      },
      'name',
    );
  },
  open: () => ({}),
  judge: (text) => ({ parsed: parseJudge(text) }),
  scenegraph: (text) => {
    const { graph, source, valid_json } = readGraph(text);
    const [objects, relations] = [graph?.objects.length ?? 0, graph?.relations.length ?? 0];
    return { source, objects, relations, valid_json };
  },
  flipjson: (text, _, row) => scoreFlip(text, row),
  untyped: (_, __, row) => (isTyped(row) ? {} : { correct: null }),
};

/** Whether a row declares its task, or is of a set whose questions the papers type. */
export const isTyped = (row: ScoreInput): boolean => isTask(row.task) || isVqasynth(row.source);

export const isTask = (name: unknown): name is Task => (TASKS as readonly unknown[]).includes(name);

/** How much of a text is read, in characters: what it comes to stands at the end, and rules must end soon. */
const MOST_READ = 4000;
const questionOf = ({ question = '' }: ScoreInput): string => question.slice(0, 1000);

/** An answer of free text, which the same text as the reference always is right of. */
function free(
  text: string,
  reference: string,
  gt_parsed: string | null,
  kind: string,
  question: string,
  read: (text: string) => FreeReading,
  task: Verdict['task'],
  options?: readonly string[],
): Scored<TaskScores['name']> {
  if (gt_parsed === null)
    return { parsed: null, gt_parsed, correct: false, problem: `The reference is not ${kind}.` };
  if (isSameText(text, reference)) return { gt_parsed, parsed: gt_parsed, correct: true };
  if (isEcho(text, question)) return { gt_parsed, ...NO_ANSWER };
  const plain = withCompoundsOf(`${question} ${reference.slice(0, 1000)}`, text.slice(-MOST_READ));
  const said = read(plain);
  const isOpen =
    said.correct !== null &&
    !isAccounted({
      task,
      parsed: said.parsed,
      text: plain,
      reference: reference.slice(0, 1000),
      question,
      correct: said.correct,
      ...(options && { options }),
    });
  return { gt_parsed, ...said, ...(isOpen && { correct: null }) };
}

/** Whether a verdict on the answer to a row without a task may not stand. */
const isUnaccounted = (
  text: string,
  reference: string,
  row: ScoreInput,
  verdict: Omit<Verdict, 'text' | 'question' | 'reference'>,
): boolean =>
  !isTyped(row) &&
  !isSameText(text, reference) &&
  !isAccounted({
    ...verdict,
    text: text.slice(-MOST_READ),
    question: questionOf(row),
    reference: reference.slice(0, MOST_READ),
  });

/** A row that declares its task wants yes or no; where the task was found, any statement may be an answer. */
function scoreYesNo(text: string, reference: string, row: ScoreInput): Scored<TaskScores['yesno']> {
  const score = compared(parseYesNo(text), parseYesNo(reference), 'yes or no');
  if (isTyped(row) || score.problem !== undefined) return score;
  if (isSameText(text, reference)) return { ...score, parsed: score.gt_parsed, correct: true };
  const [said, question] = [text.slice(-MOST_READ), questionOf(row)];
  const read = readYesNo(said, question);
  const parsed = read === 'none' ? null : read;
  const correct = read === null ? null : read === score.gt_parsed;
  const isLeft = correct === null || isUnaccounted(text, reference, row, { task: 'yesno', correct });
  return {
    ...score,
    parsed,
    correct: isLeft ? null : correct && hasDetailOf(reference.slice(0, MOST_READ), said, question),
  };
}

/** "Is the cup behind the jug or is the jug behind the cup?" */
const BOTH_WAYS = /^\W*(?:is|are) (.+?),? or (?:is|are) (.+)$/i;
/** Whether an answer says what a reference states of two things, or the opposite. */
function readStatement(text: string, reference: string): FreeReading {
  const said = restated(text, reference);
  return said === null ? NOT_JUDGED : { parsed: said === 'yes' ? reference : text, correct: said === 'yes' };
}

/** Which of the sides that are the options an answer gives; null if they are no sides. */
function readSideOption(
  text: string,
  options: readonly string[],
  question: string,
): number | FreeReading | null {
  if (options.length < 2 || !options.every((option) => isBareSide(option))) return null;
  const read = options.map((option) => readSide(text, option, question).correct);
  const right = read.flatMap((one, i) => (one ? [i] : []));
  if (right.length === 1) return right[0]!;
  return read.every((one) => one === false) ? NO_ANSWER : NOT_JUDGED;
}

/** "Statement B is true.", "B is correct." */
const STATEMENT =
  /^\W*(?:(?:statement|alternative|description|sentence|caption) \W?([a-z])\b\W?|\W?([a-z])\b\W?(?= is ))(?: is (?:the )?(?:true|correct|right)(?: one)?)?\W*$/i;

function scoreChoice(text: string, reference: string, row: ScoreInput): Scored<TaskScores['name']> {
  const question = questionOf(row);
  const options = row.choices ?? alternatives(question, reference) ?? [];
  const isLettered = inlineOptions(question).length > 1;
  const optionOf = (answer: string): number | FreeReading => {
    const letterOf = (said: string) =>
      parseChoice(isLettered ? said.replace(STATEMENT, '$1$2') : said, options);
    // "…, therefore A."
    const conclusion = answerSentences(answer);
    const concluded =
      isLettered && conclusion.length === 1 && parseChoice(conclusion[0]!) !== null
        ? letterOf(conclusion[0]!)
        : null;
    if (isLettered && /(?:^|\W)[A-Z]\)? or \(?[A-Z]\)?\W*$/.test(answer)) return NO_ANSWER;
    const letter = concluded ?? letterOf(answer);
    const index = letter === null ? -1 : indexOfLetter(letter);
    // "The laptop is below the bottle" names no letter, though it has the text of an option.
    const isLetter =
      parseChoice(isLettered ? answer.replace(STATEMENT, '$1$2') : answer) !== null || concluded !== null;
    if (index >= 0 && (isLettered ? isLetter : /^\W*[a-z]\W*$|\([a-z]\)/i.test(answer))) return index;
    return readSideOption(answer, options, question) ?? readChoice(answer, options, question);
  };
  // "Green", for the one in the green shirt.
  const named = options.filter((option) =>
    contentWords(reference).every((word) => plainWords(option).includes(word)),
  );
  const read = optionOf(reference);
  const gt = typeof read !== 'number' && named.length === 1 ? options.indexOf(named[0]!) : read;
  const gt_parsed = typeof gt === 'number' ? options[gt]! : null;
  return free(
    text,
    reference,
    gt_parsed,
    'one of the alternatives in the question',
    question,
    (said) => {
      const read = optionOf(said);
      return typeof read === 'number' ? { parsed: options[read]!, correct: read === gt } : read;
    },
    'choice',
    options,
  );
}

function compared<T>(parsed: T | null, gt_parsed: T | null, kind: string) {
  const problem = gt_parsed === null ? { problem: `The reference is not ${kind}.` } : {};
  return { parsed, gt_parsed, correct: parsed !== null && parsed === gt_parsed, ...problem };
}

/** "…, which is 2 m wide", ", given that the door is 2 m high": the size of another thing, which is not what is asked. */
const ASIDE =
  /, which (?:is|are|measures) [^,;]{0,60}?\b(?:wide|tall|long|high|deep|thick)\b|,? (?:judging by|judging from|given|assuming|considering|compared (?:to|with)|based on|since|because) [^;\n]*?(?=[.;\n](?!\d)|$)/gi;

/**
 * Scores a distance. Success: p/g within (½, 2), excluding the ends (paper B). Windows: R13, R14. A length of 0 can be
 * parsed but is never a success.
 */
function scoreDistance(text: string, reference: string, row: ScoreInput): Scored<TaskScores['distance']> {
  const declared =
    row.unit_default !== undefined
      ? lengthUnit(row.unit_default)
      : isTyped(row)
        ? null
        : unitAsked(questionOf(row));
  const gt = parseDistance(reference, declared ?? 'm');
  const unit = gt?.unit ?? declared ?? 'm';
  const said = isTyped(row)
    ? text
    : withoutOtherDimensions(
        withoutOtherLengths(withoutDeniedLengths(text), questionOf(row)),
        questionOf(row),
      );
  const direct = isTyped(row) ? null : parseDistance(said.replace(ASIDE, ''), unit);
  const parsed = direct ?? parseDistance(said, unit);
  const usable = gt && gt.metres > 0;
  const ratio = parsed && usable ? round(parsed.metres / gt.metres) : null;
  const success = ratio !== null && ratio > 0.5 && ratio < 2;
  return {
    parsed_m: parsed?.metres ?? null,
    gt_m: gt?.metres ?? null,
    completed: parsed !== null,
    success,
    ...(parsed &&
      isUnaccounted(text, reference, row, { task: 'length', correct: success, metres: parsed.metres }) && {
        correct: null,
      }),
    in_range: ratio === null ? null : windowOf(ratio),
    within_50_200: ratio !== null && ratio >= 0.5 && ratio <= 2,
    ...(parsed?.assumed_unit && { assumed_unit: true }),
    ...(parsed?.bound && { bound: true }),
    ...(!usable && { problem: 'The reference is not a positive length.' }),
  };
}

/** Scores an area as a distance is scored: success is p/g within (½, 2). */
function scoreArea(text: string, reference: string): Scored<TaskScores['area']> {
  const [parsed, gt] = [parseArea(text), parseArea(reference)];
  const usable = gt !== null && gt > 0;
  const ratio = parsed !== null && usable ? round(parsed / gt) : null;
  return {
    parsed_m2: parsed,
    gt_m2: gt,
    completed: parsed !== null,
    success: ratio !== null && ratio > 0.5 && ratio < 2,
    ...(!usable && { problem: 'The reference is not a positive area.' }),
  };
}

/**
 * Rounds away the last digits, in which unit conversion makes 6 ft / 3 ft differ from 2, so that limits are compared
 * exactly.
 */
const round = (ratio: number): number => Number(ratio.toPrecision(12));

function windowOf(ratio: number): TaskScores['distance']['in_range'] {
  if (ratio < 0.5 || ratio > 2) return null;
  if (ratio < 1) return '50-100';
  return ratio < 1.5 ? '100-150' : '150-200';
}

/** Paper B's measures for boxes: IoU with the first box of the reference, and whether IoU ≥ 0.75. */
function scoreBox(text: string, reference: string, row: ScoreInput): Scored<TaskScores['bbox']> {
  const referenceBox = parseBoxText(reference) ?? boxOf(row.boxes?.[0]);
  const read = parseBoxText(text);
  const { of, by } = conventions(row, referenceBox?.numbers ?? []);
  const gt = referenceBox && toPixelBox(referenceBox, of, sizeOf(row));
  const placed = read && toPixelBox(read, by, sizeOf(row));
  const comparable = gt && placed && gt.pixels === placed.pixels;
  const overlap = comparable ? iou(gt.box, placed.box) : 0;
  return {
    completed: read !== null,
    parsed_px: placed?.pixels ? placed.box : null,
    gt_px: gt?.pixels ? gt.box : null,
    iou: overlap,
    acc75: overlap >= 0.75,
    ...(placed?.resorted && { resorted: true }),
    ...(!gt ? { problem: 'The reference is not a box.' } : placed && !comparable && { problem: NEEDS_SIZE }),
  };
}

const NEEDS_SIZE =
  'The completion and the reference differ in their box format: the image needs "w" and "h".';

/** Width and height of the row's (first) image, if the row states them. */
const sizeOf = (row: ScoreInput): Size | undefined => declaredSize(row.image ?? row.images?.[0]);

const boxOf = (numbers: readonly number[] | undefined): BoxText | null =>
  numbers?.length === 4 && numbers.every(Number.isFinite)
    ? { numbers: numbers as BoxText['numbers'], shape: null }
    : null;

/** The conventions of the reference (`of`) and of the completion (`by`). `coord` may be a unit alone ("norm"). */
function conventions(row: ScoreInput, reference: readonly number[]): { of: Convention; by: Convention } {
  const declared = [row.box_format, row.coord, `xyxy_${row.coord}`].find(isBoxFormat);
  const of = declared ? conventionOf(declared) : undeclaredConvention(reference);
  return { of, by: row.completion_box_format ? conventionOf(row.completion_box_format) : of };
}

/** Scores points by the reference box or mask. A reference that is itself a point only gives the expected position. */
function scorePoint(text: string, reference: string, row: ScoreInput): Scored<TaskScores['point']> {
  const size = sizeOf(row);
  const referencePoint = parsePoints(reference)[0] ?? row.points?.[0];
  const target = parseBoxText(reference) ?? boxOf(row.boxes?.[0]);
  const { of, by } = conventions(row, target?.numbers ?? referencePoint ?? []);
  const place = ([x, y]: readonly number[], convention: Convention): PixelBox =>
    toPixelBox({ numbers: [x!, y!, x!, y!], shape: 'xyxy' }, convention, size);
  const points = parsePoints(text).map((point) => place(point, by));
  const gt = referencePoint && place(referencePoint, of);
  const inside = target
    ? points.map((point) => contains(toPixelBox(target, of, size), point))
    : row.masks && insideMasks(row.masks, points);
  const first = points[0];
  return {
    completed: first !== undefined,
    parsed_px: first?.pixels ? [first.box[0], first.box[1]] : null,
    gt_px: gt?.pixels ? [gt.box[0], gt.box[1]] : null,
    ...(inside && { inside: inside[0] ?? false }),
    ...(inside && inside.length > 1 && { inside_share: inside.filter(Boolean).length / inside.length }),
    ...(!inside && !gt && { problem: 'The reference is no point, box or readable mask.' }),
  };
}

function contains(region: PixelBox, { box: [x, y], pixels }: PixelBox): boolean {
  const [x1, y1, x2, y2] = region.box;
  return pixels === region.pixels && x1 <= x && x <= x2 && y1 <= y && y <= y2;
}

/** Whether each point lies in any of the masks, which are in pixels; undefined if a mask is broken. */
function insideMasks(masks: readonly Mask[], points: readonly PixelBox[]): boolean[] | undefined {
  try {
    return points.map(
      ({ box: [x, y], pixels }) => pixels && masks.some((mask) => isInsideMask(mask, [x, y])),
    );
  } catch {
    return undefined;
  }
}
