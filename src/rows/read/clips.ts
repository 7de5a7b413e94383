import { choiceIndex } from '../sample/choices.ts';
import type { Sample } from '../sample/sample.ts';
import { alternativesOf } from './alternatives.ts';
import { verdictOf } from './clause.ts';
import { isMover, isSubject, readMotion, spanned } from './motion.ts';
import { givenAnswer, type Asks } from './sequence-asks.ts';
import {
  EITHER_WAY,
  isClosing,
  OTHER_TO_EACH,
  SAID_TO_EACH,
  SAYS_WAY,
  TIMING,
  TO_EACH,
  WHICH_GOES,
} from './words/clip-words.ts';

/* Questions about motion in clips: which objects, how fast, when, and whether objects move towards each other. */

/** Returns whether a text consists of plain names: "the red cube", "both balls", "the red cube and the blue ball". */
const arePlain = (text: string): boolean =>
  text.split(' and ').every((thing) => isSubject(thing.replace(/^(?:both(?: the)?|these) /i, 'the ')));

/** Returns whether answer and options contain only an object, a number or a speed, and a yes or no without a reason. */
function isBare({ answer, choices = [] }: Sample): boolean {
  const explains = (verdictOf(answer)?.explanation.trim() ?? '') !== '';
  const isOption = choices.length === 0 || choiceIndex(answer, choices) !== null;
  return isOption && !explains && ![answer, ...choices].some((text) => SAYS_WAY.test(text));
}

/** Reads questions with the same answer for the reversed clip: which object moves, how fast, in front of what. */
export function ofEitherWay(sample: Sample): Asks | null {
  const core = spanned(sample);
  if (!core || !isBare(sample)) return null;
  for (const form of EITHER_WAY) {
    const groups = form.exec(core.body)?.groups;
    if (!groups) continue;
    const { n, ...things } = groups;
    const names = [...Object.values(things), ...(n === undefined ? [] : [`the ${n}`])];
    if (names.every((name) => name === undefined || arePlain(name))) return { kind: 'either-way' };
  }
  return null;
}

/** Matches the kind of objects in a question that begins with "which". */
const KIND =
  /^which (?:(?:one )?of the )?(?:two |three |four )?([\p{L}-]+(?: [\p{L}-]+)?) (?:(?:is|are|was|were) )?$/iu;

/** Reads questions about which or how many objects move in a direction. The reversed clip reverses this direction. */
export function ofWhichGoes(sample: Sample): Asks | null {
  const core = spanned(sample);
  const groups = core && WHICH_GOES.exec(core.body)?.groups;
  if (!groups || !isBare(sample)) return null;
  const { lead, does, menu, a, b, n } = groups as Record<'lead' | 'does' | 'menu', string> & typeof groups;
  const kind = n ?? KIND.exec(lead)?.[1];
  const names = [a, b, ...(kind === undefined ? [] : [`the ${kind}`])];
  if (!names.every((name) => name === undefined || isMover(name))) return null;
  const motion = readMotion(does, false, 'any');
  if (motion === 'backwards') return { kind: 'motion', motion };
  if (motion?.kind !== 'direction') return null;
  const question = `${core.scope}${lead}${motion.opposite}${menu}${core.late}${core.mark}`;
  return { kind: 'motion', motion: motion.kind, question };
}

/** Reads questions about which of several objects starts, ends or crosses the middle first or last. */
export function ofTiming(sample: Sample): Asks | null {
  const core = spanned(sample);
  const groups = core && TIMING.exec(core.body)?.groups;
  if (!groups) return null;
  const { begins, ends, which, a } = groups;
  const { choices, question } = sample;
  const things = choices ?? (a === undefined ? [] : alternativesOf(question, null).map(({ text }) => text));
  const event = begins !== undefined ? 'begins' : ends !== undefined ? 'ends' : 'crosses';
  return { kind: 'timing', of: event, which: which!.toLowerCase(), things, given: givenAnswer(sample) };
}

/** Reads questions about whether objects move towards each other or apart. */
export function ofToEachOther(sample: Sample): Asks | null {
  const core = spanned(sample);
  const groups = core && TO_EACH.exec(core.body)?.groups;
  if (!groups || !arePlain(groups.x!)) return null;
  const { lead, one, other } = groups as { lead: string; one: string; other?: string };
  const { answer, choices } = sample;
  if (other === undefined) {
    const opposite = OTHER_TO_EACH.get(one.toLowerCase());
    if (opposite === undefined || verdictOf(answer)?.explanation.trim() !== '') return null;
    const question = `${core.scope}${lead}${opposite}${core.late}${core.mark}`;
    return { kind: 'motion', motion: 'direction', question };
  }
  if (isClosing(one) === isClosing(other)) return null;
  const given = givenAnswer(sample)?.trim();
  const way = given === undefined ? undefined : SAID_TO_EACH.exec(given)?.[1];
  if (given === undefined || way === undefined) return null;
  const opposites = (choices ?? [one, other]).filter((text) => {
    const words = SAID_TO_EACH.exec(text.trim())?.[1];
    return words !== undefined && isClosing(words) !== isClosing(way);
  });
  if (opposites.length !== 1) return null;
  const [opposite] = opposites as [string];
  return { kind: 'motion', motion: 'direction', answer: choices ? opposite : given.replace(way, opposite) };
}
