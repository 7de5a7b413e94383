import { isBoxFormat, type Size } from '../../rows/sample/boxes.ts';
import { iou } from './box-overlap.ts';
import { isInsideMask } from '../../rows/sample/rle.ts';
import { declaredSize } from '../../rows/sample/sample.ts';
import { readGraph } from '../../rows/scene-graph/read-graph.ts';
import { readSaid, unwrapped } from '../../rows/read/said.ts';
import {
  conventionOf,
  parseBoxText,
  parsePoints,
  scaled,
  toPixelBox,
  type BoxText,
  type Convention,
  type PixelBox,
} from './read-box.ts';
import { lettersOf } from '../../base/item-names.ts';
import { severalChoices } from '../../rows/sample/choices.ts';
import { choiceSaid, choicesSaid, parseChoice } from './choice.ts';
import { alternatives, optionIn, restatedName } from './asked-options.ts';
import { compareText } from './compare-text.ts';
import { countSaid, parseCount } from './read-count.ts';
import { parseSize } from './distance.ts';
import { scoreFlip } from './flip-json.ts';
import { givesNumber, isMeasure, numberNamed, parseNumber, statedUnit, type Measured } from './number.ts';
import { isSameText } from './plain-text.ts';
import { SEEN_FORMAT, seenByName } from '../seen/families.ts';
import { TASKS, type ScoreInput, type Task } from './score.ts';
import type { TaskScores } from './score-schema.ts';
import { parseSide, sideIn } from './answer-sides.ts';
import { isEstimate, unitAsked } from './task.ts';
import { parseJudge, yesNoOf, yesNoSaid, type YesNo } from './yes-no.ts';
import { choicesOf } from '../../rows/read/inline-options.ts';
import { inEnglish } from '../../rows/read/languages.ts';
import { lengthUnit, type LengthUnit } from '../../base/lengths.ts';

type Scored<T> = T & { problem?: string };

/** Scorers by task. Each scorer receives the extracted answer, the reference answer as text, and the row. */
export const scorers: {
  [T in Task]: (text: string, reference: string, row: ScoreInput) => Scored<TaskScores[T]>;
} = {
  format: () => ({}),
  distance: scoreDistance,
  area: (text, reference, row) => {
    const { parsed, gt, score } = scoreSize(text, reference, row, 2);
    return { parsed_m2: parsed?.size ?? null, gt_m2: gt?.size ?? null, ...score };
  },
  yesno: scoreYesNo,
  mcq: (text, reference, row) => {
    const choices = choicesOf({ question: row.question, choices: row.choices, answer: reference }) ?? [];
    const several = severalChoices(reference, choices);
    const right = several ? lettersOf(several) : parseChoice(reference, choices);
    const said = (several ? choicesSaid : choiceSaid)(text, choices, questionOf(row));
    return compared(said, right, 'one of the choices');
  },
  count: (text, reference, row) => {
    const score = compared(countSaid(text, questionOf(row)), parseCount(reference), 'a count');
    const { parsed, gt_parsed } = score;
    return {
      ...score,
      close_call: parsed !== null && gt_parsed !== null && Math.abs(parsed - gt_parsed) === 1,
    };
  },
  number: (text, reference, row) => {
    const asked = questionOf(row);
    const stated = statedUnit(asked, reference);
    const isMeasured = isMeasure(stated) && isEstimate(asked, reference);
    // An answer to a question about a percentage can be a fraction.
    const inUnit = (read: Measured | null) =>
      read?.unit === null && stated && stated.unit !== '%' ? { ...read, ...stated } : read;
    const gt = inUnit(parseNumber(reference));
    const parsed = inUnit(numberNamed(text, reference, asked));
    const isSame = parsed !== null && gt !== null && givesNumber(parsed, gt, asked);
    const ratio = parsed?.unit === gt?.unit && parsed && gt ? valueOf(parsed) / valueOf(gt) : null;
    return {
      parsed: parsed && numberText(parsed),
      gt_parsed: gt && numberText(gt),
      correct: isSame || (isMeasured && isClose(ratio && round(ratio), row)),
      ...(isMeasured && { within_10: isSame || isClose(ratio && round(ratio), { tolerance: 0.1 }) }),
      ...(gt === null && { problem: 'The reference is not a number.' }),
    };
  },
  bbox: scoreBox,
  point: scorePoint,
  side: (said, stored, row) => {
    const [text, reference] = [inEnglish(said, stored), inEnglish(stored, stored)];
    return compared(
      isSameText(text, reference) ? sideIn(reference) : parseSide(text, reference, questionOf(row)),
      sideIn(reference),
      'a side',
    );
  },
  choice: scoreChoice,
  name: (text, reference, row) => scoreText(text, reference, questionOf(row)),
  open: () => ({}),
  judge: (text) => ({ parsed: parseJudge(text) }),
  scenegraph: (text) => {
    const { graph, source, valid_json } = readGraph(text);
    const [objects, relations] = [graph?.objects.length ?? 0, graph?.relations.length ?? 0];
    return { source, objects, relations, valid_json };
  },
  flipjson: (text, _, row) => scoreFlip(text, row),
  untyped: (text, reference, row) => ({ correct: scoreText(text, reference, questionOf(row)).correct }),
};

/** Whether a row is from a dataset with VQASynth's templates. Only these questions follow paper B's lists (R29). */
export const isVqasynth = (source: unknown): boolean =>
  typeof source === 'string' && /vqasynth|spacellava|openspaces|spacethinker/i.test(source);

/** Whether a row declares its task, or is from a dataset whose questions the papers assign to types. */
export const isTyped = (row: ScoreInput): boolean => isTask(row.task) || isVqasynth(row.source);

export const isTask = (name: unknown): name is Task => (TASKS as readonly unknown[]).includes(name);

/** Maximum number of characters read: at the start of reference answers, at the start and the end of questions. */
const [MOST_OF_REFERENCE, MOST_OF_QUESTION, MOST_OF_END] = [4000, 1000, 5000];
const questionOf = ({ question = '' }: ScoreInput): string =>
  question.slice(0, MOST_OF_QUESTION) + question.slice(MOST_OF_QUESTION).slice(-MOST_OF_END);

/** Scores free text against the reference answer and the alternatives in the question. */
function scoreText(
  text: string,
  reference: string,
  question: string,
  candidates: readonly string[] = [],
): Scored<TaskScores['name']> {
  const gt_parsed = reference.trim() || null;
  if (gt_parsed === null)
    return { parsed: null, gt_parsed, correct: false, problem: 'There is no reference.' };
  const known = reference.slice(0, MOST_OF_REFERENCE);
  const compared = compareText(text, known, question, candidates);
  const name = compared.correct === null && candidates.length === 0 ? restatedName(known, question) : null;
  return { gt_parsed, ...(name === null ? compared : compareText(text, name, question)) };
}

/** Scores an answer that is one of the alternatives in a question, in the question's wording. */
function scoreChoice(text: string, reference: string, row: ScoreInput): Scored<TaskScores['choice']> {
  const question = questionOf(row);
  const options = alternatives(question, reference) ?? [];
  const optionOf = (said: string) => optionIn(said, options, question) ?? said;
  const wanted = optionOf(reference);
  const score = scoreText(text, wanted, question, options);
  const parsed = score.correct ? wanted : score.parsed && optionOf(score.parsed);
  return { ...score, gt_parsed: wanted, parsed };
}

/** Scores yes or no. The reference answers 0 and 1, or wrong and right, mean no and yes. */
function scoreYesNo(said: string, stored: string, row: ScoreInput): Scored<TaskScores['yesno']> {
  const [text, reference] = [inEnglish(said, stored), inEnglish(stored, stored)];
  const isBinary = !isTyped(row) && BINARY.test(reference);
  const binary = (said: string) => (isBinary ? binaryOf(said) : null);
  return compared(
    readSaid(text, binary) ?? yesNoSaid(text, questionOf(row), isTyped(row)),
    binary(reference) ?? yesNoOf(reference, questionOf(row)),
    'yes or no',
  );
}
const BINARY = /^\W*([01]|right|wrong)\W*$/i;
const binaryOf = (said: string): YesNo | null => {
  const word = BINARY.exec(said)?.[1]!.toLowerCase();
  return word === undefined ? null : word === '1' || word === 'right' ? 'yes' : 'no';
};

const valueOf = ({ value, factor }: Measured): number => value * factor;
const numberText = (read: Measured): string =>
  `${Number(valueOf(read).toPrecision(12))}${read.unit === null ? '' : ` ${read.unit}`}`;

function compared<T>(parsed: T | null, gt_parsed: T | null, kind: string) {
  const scored = { parsed, gt_parsed, correct: parsed !== null && parsed === gt_parsed };
  return gt_parsed === null ? { ...scored, problem: `The reference is not ${kind}.` } : scored;
}

/** Compares a size with the reference answer. Success: ratio in the open interval (½, 2) (paper B); never for 0. */
function scoreSize(text: string, reference: string, row: ScoreInput, power: 1 | 2) {
  const question = questionOf(row);
  const declared = declaredUnit(row) ?? 'm';
  const gt = parseSize(reference, power, declared);
  const parsed = readSaid(
    text,
    (stretch) => parseSize(stretch, power, gt?.unit ?? declared, question),
    ({ size }) => size,
  );
  const usable = gt && gt.size > 0;
  const ratio = parsed && usable ? round(parsed.size / gt.size) : null;
  const problem = `The reference is not a positive ${power === 1 ? 'length' : 'area'}.`;
  const score = { completed: parsed !== null, success: isClose(ratio, row), ...(!usable && { problem }) };
  return { parsed, gt, ratio, score };
}

/** Scores a length. R13 and R14 define the accepted ranges. */
function scoreDistance(text: string, reference: string, row: ScoreInput): Scored<TaskScores['distance']> {
  const { parsed, gt, ratio, score } = scoreSize(text, reference, row, 1);
  return {
    parsed_m: parsed?.size ?? null,
    gt_m: gt?.size ?? null,
    ...score,
    in_range: ratio === null ? null : windowOf(ratio),
    within_50_200: ratio !== null && ratio >= 0.5 && ratio <= 2,
    ...(parsed?.assumed_unit && { assumed_unit: true }),
    ...(parsed?.bound && { bound: true }),
  };
}

/** Returns the unit for numbers without a unit: the row's own unit, or the unit in its question. */
const declaredUnit = (row: ScoreInput): LengthUnit | null =>
  row.unit_default === undefined
    ? (unitAsked(questionOf(row))?.name ?? null)
    : lengthUnit(row.unit_default.replace(/^(?:square|sq\.?) ?|[²2]$/gi, ''));

/** Whether a ratio to the reference answer is within the row's tolerance, by default within a factor of two. */
const isClose = (ratio: number | null, { tolerance }: ScoreInput): boolean =>
  ratio !== null &&
  (tolerance === undefined ? ratio > 0.5 && ratio < 2 : round(Math.abs(ratio - 1)) <= tolerance);

/** Removes rounding errors at exact limits: 6 ft / 3 ft is not 2 after conversion, or an IoU of ¾ is below 0.75. */
const round = (ratio: number): number => Number(ratio.toPrecision(12));

function windowOf(ratio: number): TaskScores['distance']['in_range'] {
  if (ratio < 0.5 || ratio > 2) return null;
  if (ratio < 1) return '50-100';
  return ratio < 1.5 ? '100-150' : '150-200';
}

/** Scores a box by paper B's metrics: IoU with the first box of the reference answer, and whether the IoU is ≥ 0.75. */
function scoreBox(text: string, reference: string, row: ScoreInput): Scored<TaskScores['bbox']> {
  const [wanted, said] = [scaled(reference), scaled(unwrapped(text))];
  const [target, read] = [parseBoxText(wanted.text) ?? boxOf(row.boxes?.[0]), parseBoxText(said.text)];
  const { ofRow, ofModel } = conventions(row, target?.numbers ?? []);
  const gt = target && toPixelBox(target, wanted.own ?? ofRow, sizeOf(row));
  const means = said.own ?? ofModel;
  const placed = read && means && toPixelBox(read, means, sizeOf(row));
  const comparable = gt && placed && gt.pixels === placed.pixels;
  const overlap = comparable ? iou(gt.box, placed.box) : 0;
  return {
    completed: read !== null,
    parsed_px: placed?.pixels ? placed.box : null,
    gt_px: gt?.pixels ? gt.box : null,
    iou: overlap,
    acc75: round(overlap) >= 0.75,
    ...(placed?.resorted && { resorted: true }),
    ...(!gt
      ? { problem: 'The reference is not a box.' }
      : read && !means
        ? { problem: NEEDS_FAMILY }
        : placed && !comparable && { problem: NEEDS_SIZE }),
  };
}

const NEEDS_SIZE =
  'The completion and the reference differ in their box format: the image needs "w" and "h".';

const NEEDS_FAMILY =
  'Boxes in xyxy_seen_px need the model family in "sees" (--sees), and the image’s "w" and "h".';

/** Returns width and height of the row's first image, if the row declares them. */
const sizeOf = (row: ScoreInput): Size | undefined => declaredSize(row.image ?? row.images?.[0]);

const boxOf = (numbers: readonly number[] | undefined): BoxText | null =>
  numbers?.length === 4 && numbers.every(Number.isFinite)
    ? { numbers: numbers as BoxText['numbers'], shape: null }
    : null;

/** Returns the box conventions of the row and of the completion, null if unknown. `coord` can be a unit ("norm"). */
function conventions(
  row: ScoreInput,
  numbers: readonly number[],
): { ofRow: Convention; ofModel: Convention | null } {
  const ofRow = conventionOf([row.box_format, row.coord, `xyxy_${row.coord}`].find(isBoxFormat), numbers);
  const { completion_box_format: format, sees } = row;
  if (format !== SEEN_FORMAT) return { ofRow, ofModel: format ? conventionOf(format, []) : ofRow };
  const size = sizeOf(row);
  const seen = size && sees !== undefined ? seenByName(sees, size) : null;
  return { ofRow, ofModel: seen && { shape: 'xyxy', unit: 'px', seen } };
}

/** Scores points by the reference box or mask. A reference point only provides the expected position. */
function scorePoint(text: string, reference: string, row: ScoreInput): Scored<TaskScores['point']> {
  const size = sizeOf(row);
  const [wanted, said] = [scaled(reference), scaled(unwrapped(text))];
  const referencePoint = parsePoints(wanted.text)[0] ?? row.points?.[0];
  const target = parseBoxText(wanted.text) ?? boxOf(row.boxes?.[0]);
  const { ofRow, ofModel } = conventions(row, target?.numbers ?? referencePoint ?? []);
  const convention = wanted.own ?? ofRow;
  const place = ([x, y]: readonly number[], by: Convention): PixelBox =>
    toPixelBox({ numbers: [x!, y!, x!, y!], shape: 'xyxy' }, by, size);
  const means = said.own ?? ofModel;
  const points = means ? parsePoints(said.text).map((point) => place(point, means)) : [];
  const gt = referencePoint && place(referencePoint, convention);
  const inside = target
    ? points.map((point) => contains(toPixelBox(target, convention, size), point))
    : row.masks && insideMasks(row, points);
  const first = points[0];
  return {
    completed: first !== undefined,
    parsed_px: first?.pixels ? [first.box[0], first.box[1]] : null,
    gt_px: gt?.pixels ? [gt.box[0], gt.box[1]] : null,
    ...(inside && { inside: inside[0] ?? false }),
    ...(inside && inside.length > 1 && { inside_share: inside.filter(Boolean).length / inside.length }),
    ...(!inside && !gt
      ? { problem: 'The reference is not a point, box or readable mask.' }
      : !means && { problem: NEEDS_FAMILY }),
  };
}

function contains(region: PixelBox, { box: [x, y], pixels }: PixelBox): boolean {
  const [x1, y1, x2, y2] = region.box;
  return pixels === region.pixels && x1 <= x && x <= x2 && y1 <= y && y <= y2;
}

/** Whether each point is inside one of the masks, in pixels; undefined if a mask is invalid. */
function insideMasks({ masks = [] }: ScoreInput, points: readonly PixelBox[]): boolean[] | undefined {
  try {
    return points.map(
      ({ box: [x, y], pixels }) => pixels && masks.some((mask) => isInsideMask(mask, [x, y])),
    );
  } catch {
    return undefined;
  }
}
