import type { CheckResult, Sample } from '../sample.ts';
import { splitFormat, toPixels } from '../boxes.ts';
import { imageSize, rewriteSample, type MirrorFields, type Rewrite } from './rewrite.ts';
import { swapWord } from './sides.ts';
import { tokenise } from './tokens.ts';

export type Checks = Record<string, CheckResult>;

const YES_NO = /^\W*(yes|yeah|yep|no|nope|not|true|false|correct|incorrect|indeed)\b/i;
const FLIP_WORDS = /\b(?:flip\w*|mirror(?:ed|ing)?|horizontally|original (?:image|picture|photo))\b/i;
/** One spelling for all opposites of clockwise, so that a swap changes one word. */
const counterclockwise = (text: string) =>
  text.replace(/(?:counter|anti|contra)[-\s]?clockwise/gi, 'counterclockwise');

/** question, answer, reasoning, choices[0] … of a sample or a proposal. */
function textsOf(row: Partial<MirrorFields>): Map<string, string> {
  const list: [string, string | undefined][] = [
    ['question', row.question],
    ['answer', row.answer],
    ['reasoning', row.reasoning],
    ...(row.choices ?? []).map((choice, i): [string, string] => [`choices[${i}]`, choice]),
  ];
  return new Map(list.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/**
 * Examines any proposed mirror of a sample, whoever wrote it. Fields that the proposal lacks count as unchanged.
 * A check that does not apply is absent; `fail` and `undecidable` mean that a person should look (R46: a language
 * model that changes anything but chirality may have "corrected" a true label).
 */
export function checkMirror(
  sample: Sample,
  proposal: Partial<MirrorFields>,
  rules = rewriteSample(sample),
): Checks {
  const before = textsOf(sample);
  const after = new Map([...before, ...textsOf(proposal)]);
  return {
    pair_words_only: pairWordsOnly(before, after, rules),
    ...sidesSwapped(before, after, rules),
    double_flip: doubleFlip(sample, proposal),
    ...yesNoKept(sample, proposal),
    ...optionsKept(sample, proposal),
    ...boxesInside(sample, proposal),
    no_flip_mention: [...after].some(
      ([name, text]) => FLIP_WORDS.test(text) && !FLIP_WORDS.test(before.get(name) ?? ''),
    )
      ? 'fail'
      : 'pass',
  };
}

/** Every changed word is replaced by its partner, every changed number by what the rules compute for it. */
function pairWordsOnly(before: Map<string, string>, after: Map<string, string>, rules: Rewrite): CheckResult {
  if (before.size !== after.size) return 'fail';
  for (const [name, text] of before) {
    const old = tokenise(counterclockwise(text));
    const now = tokenise(counterclockwise(after.get(name)!));
    const ruled = tokenise(counterclockwise(rules.texts[name]?.text ?? text));
    if (old.length !== now.length) return 'fail';
    for (const [i, token] of old.entries()) {
      const word = now[i]!.text;
      const partner = swapWord(token.text) !== token.text && swapWord(token.text) === word;
      if (word !== token.text && !partner && word !== ruled[i]?.text) return 'fail';
    }
  }
  return 'pass';
}

/** What the rules surely read as a side has changed, what they surely keep has not; and something sided did change. */
function sidesSwapped(before: Map<string, string>, after: Map<string, string>, rules: Rewrite): Checks {
  let sided = false;
  let changed = false;
  let wrong = false;
  for (const [name, text] of before) {
    const read = rules.texts[name];
    const now = tokenise(counterclockwise(after.get(name) ?? ''));
    const old = tokenise(counterclockwise(text));
    const ruled = tokenise(counterclockwise(read?.text ?? text));
    sided ||=
      old.some((token) => swapWord(token.text) !== token.text) &&
      (read?.changes.length ?? 0) + (read?.notes.length ?? 0) > 0;
    changed ||= after.get(name) !== text;
    const doubtful = (read?.notes ?? []).some((n) => n.rule.startsWith('ambiguous'));
    if (now.length !== ruled.length) continue;
    wrong ||= ruled.some((token, i) => {
      const swapped = token.text !== old[i]!.text;
      return swapped ? now[i]!.text === old[i]!.text : !doubtful && now[i]!.text !== token.text;
    });
  }
  return {
    sides_swapped: wrong ? 'fail' : 'pass',
    ...(sided && { side_changed: changed ? 'pass' : 'fail' }),
  };
}

/** The rules turn the proposal back into the original. Undecidable where they cannot read the proposal. */
function doubleFlip(sample: Sample, proposal: Partial<MirrorFields>): CheckResult {
  const back = rewriteSample({ ...sample, ...proposal }, sample);
  const original = textsOf(sample);
  const same = [...textsOf(back.fields)].every(([name, text]) => original.get(name) === text);
  const numbers = (['boxes', 'points', 'masks'] as const).every(
    (key) => proposal[key] === undefined || close(back.fields[key], sample[key]),
  );
  if (same && numbers) return 'pass';
  return Object.values(back.texts).some((t) => t.notes.length > 0) ? 'undecidable' : 'fail';
}

/** Equal up to what a double can hold (decimal.ts): numbers may differ in their last digit. */
function close(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number')
    return Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(b));
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((v, i) => close(v, b[i]));
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Under swap-words the answer of a yes/no question keeps its polarity. */
function yesNoKept(sample: Sample, proposal: Partial<MirrorFields>): Checks {
  const before = YES_NO.exec(sample.answer)?.[1]?.toLowerCase();
  if (!before) return {};
  const after = YES_NO.exec(proposal.answer ?? sample.answer)?.[1]?.toLowerCase();
  return { yes_no_kept: before === after ? 'pass' : 'fail' };
}

/** As many options as before, and the answer still the same one of them. */
function optionsKept(sample: Sample, proposal: Partial<MirrorFields>): Checks {
  if (!sample.choices) return {};
  const choices = proposal.choices ?? sample.choices;
  const was = sample.choices.indexOf(sample.answer);
  const is = choices.indexOf(proposal.answer ?? sample.answer);
  return { options_kept: choices.length === sample.choices.length && was === is ? 'pass' : 'fail' };
}

/** Boxes that lay inside the image still do. */
function boxesInside(sample: Sample, proposal: Partial<MirrorFields>): Checks {
  const { boxes, box_format: format } = sample;
  const size = imageSize(sample) ?? { w: 1, h: 1 };
  if (!boxes?.length || !proposal.boxes || !format || !splitFormat(format)) return {};
  if (format.endsWith('px') && !imageSize(sample)) return {};
  const inside = (box: readonly number[]) => {
    const [x1, , x2] = toPixels(box, format, size);
    return x1 >= -1e-9 * size.w && x2 <= size.w * (1 + 1e-9);
  };
  const wrong =
    proposal.boxes.length !== boxes.length ||
    boxes.some((box, i) => inside(box) && !inside(proposal.boxes![i]!));
  return { boxes_inside: wrong ? 'fail' : 'pass' };
}
