import { sign } from '../../read/words/sets.ts';
import { inCaseOf } from '../../read/tokens.ts';
import { CHANGES, COME, DIRECTED, MOVE, STILL, SYMMETRIC, THING, WAYS } from '../../read/words/pictures.ts';
import { choiceIndex } from '../../sample/choices.ts';
import { verdictOf } from '../../read/clause.ts';
import type { Sample } from '../../sample/sample.ts';
import { RELATIONS } from '../../read/words/signs.ts';
import { defer, discard, type Refusal } from '../view-variant.ts';
import type { Sequence } from '../../view-parts.ts';
import { answerWith, CLIP, givenAnswer, PICTURE, turnsRound, type Read, type Reader } from './questions.ts';

/* Questions about what happens while the pictures are seen: motion, events, and when they happen (docs/views.md). */

/** A text that states a motion or a change, and nothing else. */
interface Motion {
  /** The same text for the other order. */
  swapped: string;
  /**
   * `direction`: something moves somewhere. `change`: something is different afterwards, so the event cannot simply
   * happen again.
   */
  kind: 'direction' | 'change';
}

const OF_CAMERA = /^(?:pan|tilt|zoom)/i;
/** A car that turns left turns neither left nor right while it backs. */
const TURNS = /^(?:turn|rotat|spin|spun)/i;
/**
 * Words that are reversed for the camera. Of anything else, they say which way it faces while it moves, which makes no
 * sense in the other order.
 */
const AHEAD = /^(?:for|back)wards?$/i;
const WAY = sign`^((?:(?:to|towards?) the )?)(${[...WAYS.keys()].join('|')})((?: side)?)$`;
const TO_THING = new RegExp(`^(towards?|away from|closer to|nearer to) (${THING})$`, 'iu');

/** The required form of a verb: after "does" and "did", after "is" and "was", after "has", or any, or no verb. */
type VerbForm = 'base' | 'ing' | 'past' | 'any';

/**
 * Reads a text that states a motion; `backwards` if it makes no sense in the other order, null if it states something
 * else. @param camera whether it is the camera that moves
 */
function readMotion(text: string, camera: boolean, form: VerbForm): Motion | 'backwards' | null {
  const allowed = (list: readonly string[], at: number) =>
    form === 'any' || at === { base: 0, past: 2, ing: list.length - 1 }[form];
  for (const [a, b, after] of CHANGES)
    for (const [here, there] of [
      [a, b],
      [b, a],
    ] as const)
      for (const [i, verb] of here.entries()) {
        // "left" as an answer is a side.
        if (!allowed(here, i) || verb === 'left') continue;
        const rest = new RegExp(`^${verb}(${after})$`, 'iu').exec(text)?.[1];
        if (rest !== undefined)
          return { swapped: `${inCaseOf(text.slice(0, verb.length), there[i]!)}${rest}`, kind: 'change' };
      }
  const [first = '', ...others] = text.split(' ');
  const list = DIRECTED.find((verb) => verb.includes(first.toLowerCase()));
  if (list ? !allowed(list, list.indexOf(first.toLowerCase())) : form !== 'any') return null;
  if (OF_CAMERA.test(first) && !camera) return null;
  const rest = list ? others.join(' ') : text;
  const way = WAY.exec(rest);
  if (way) {
    const [, to, word, side] = way as unknown as [string, string, string, string];
    if (AHEAD.test(word) && !camera) return 'backwards';
    if ((TURNS.test(first) && !/clockwise/i.test(word) && !camera) || (/^(?:in|out)$/i.test(word) && !camera))
      return null;
    const turned = `${to}${inCaseOf(word, WAYS.get(word.toLowerCase())!)}${side}`;
    return { swapped: list ? `${first} ${turned}` : turned, kind: 'direction' };
  }
  const thing = TO_THING.exec(rest);
  if (!thing) return null;
  const [, to, name] = thing as unknown as [string, string, string];
  const back = /^away/i.test(to) ? 'towards' : 'away from';
  const verb = list === COME ? inCaseOf(first, MOVE[COME.indexOf(first.toLowerCase())]!) : first;
  const turned = `${list ? back : inCaseOf(to, back)} ${name}`;
  return { swapped: list ? `${verb} ${turned}` : turned, kind: 'direction' };
}

/** Whether a text is a verb of motion without a direction, as in "In which direction does it move?". */
const isMotionVerb = (text: string): boolean => DIRECTED.some((list) => list.includes(text.toLowerCase()));

const SPAN = `(?:from the first (?:${PICTURE} )?to the (?:second|last)(?: (?:one|${PICTURE}))?|between the (?:two ${PICTURE}s|first and (?:the )?(?:second|last) ${PICTURE}s?))`;
const SCOPE = sign`^(?:${SPAN}|in (?:the|this) ${CLIP}), `;
const SCOPE_LAST = sign` (?:${SPAN}|(?:in|during) (?:the|this) ${CLIP})$`;
const SUBJECT = new RegExp(`^${THING}$`, 'iu');

const BACKWARDS = discard('arrow_of_time', 'In the other order it would go backwards.');
const CHANGED = discard('change', 'What has changed cannot change again without changing back.');

/** "Does the car move to the left?", "Does the car move to the left or to the right?", "Which way does it move?" */
export const ofMotion: Reader = (sample, one) => {
  const { question, images } = sample;
  const scope = SCOPE.exec(question)?.[0] ?? '';
  const parts = /^(.+?)((?<!\s)\s*\?\s*)$/s.exec(question.slice(scope.length));
  if (!parts) return null;
  const [, body, mark] = parts as unknown as [string, string, string];
  const late = SCOPE_LAST.exec(body)?.[0] ?? '';
  // Of more than two, the first and the second are others in reverse.
  if (images.length > 2 && /\b(?:second|two)\b/i.test(scope + late)) return null;
  const core = spelledOut(body.slice(0, body.length - late.length));
  const open =
    /^(?:in )?(?:which|what) (?:direction|way) (?:does|do|did|is|are|was|were) (.+) (\S+)$|^how (?:does|do|did|is|was) (the camera) (\S+)$/i.exec(
      core,
    );
  if (open && isSubject(open[1] ?? open[3]!) && isMotionVerb(open[2] ?? open[4]!))
    return answeredMotion(sample, open[1] ?? open[3]!, null, one);
  const plain = /^((does|do|did|is|are|was|were|has|have) )(.+)$/is.exec(core);
  if (!plain) return null;
  const [, lead, aux, predicate] = plain as unknown as [string, string, string, string];
  const [first, ...others] = predicate.split(/,\s*(?:or\s+)?|\s+or\s+/);
  const motion = predicateOf(first!, formAfter(aux));
  if (motion === 'backwards') return BACKWARDS;
  if (!motion) return null;
  if (others.length > 0) return answeredMotion(sample, motion.subject, others, one);
  const verdict = verdictOf(sample.answer);
  const isPlain = verdict?.explanation.trim() === '' || isVerdictLetter(sample);
  if (!isPlain) return null;
  if (one.op === 'repeat' && motion.kind === 'change') return CHANGED;
  return turnsRound(one)
    ? { rule: 'motion', question: `${scope}${lead}${motion.subject} ${motion.swapped}${late}${mark}` }
    : { rule: 'motion' };
};

/** "to the left or the right", "towards or away from the door": with both motions in full. */
const spelledOut = (core: string): string =>
  core
    .replace(/\b(to the (?:left|right) or) (?=the (?:left|right)$)/i, '$1 to ')
    .replace(/\b(towards?|closer to|away from) or (towards?|closer to|away from) (.+)$/i, '$1 $3 or $2 $3');

/** Whether a text is a plain name: "the man on the left" may be another one later. */
const isSubject = (text: string): boolean => SUBJECT.test(text) && !RELATIONS.referring.test(text);

const isCamera = (subject: string): boolean => / camera$/i.test(subject);

const isVerdictLetter = ({ answer, choices }: Sample): boolean =>
  choices !== undefined &&
  choices.every((choice) => verdictOf(choice) !== null) &&
  choiceIndex(answer, choices) !== null;

/** A direction as the answer. @param menu what else the question offers after the first one; null if it offers none */
function answeredMotion(
  sample: Sample,
  subject: string,
  menu: readonly string[] | null,
  one: Sequence,
): Read | Refusal | null {
  const camera = isCamera(subject);
  const lead = sign`^(?:(?:it|${subject}) (?:is |was )?)?`;
  if (menu?.some((text) => !STILL.test(text) && !readMotion(text, camera, 'any'))) return null;
  const given = givenAnswer(sample)?.trim();
  if (given === undefined) return null;
  if (STILL.test(given)) return { rule: 'motion' };
  const [start, end] = [lead.exec(given)![0], given.endsWith('.') ? '.' : ''];
  const answered = given.slice(start.length, given.length - end.length);
  const motion = readMotion(answered, camera, 'any') ?? (menu && lonePart(answered));
  if (motion === 'backwards') return BACKWARDS;
  if (!motion) return null;
  if (one.op === 'repeat' && motion.kind === 'change') return CHANGED;
  if (!turnsRound(one)) return { rule: 'motion' };
  const answer = answerWith(sample, `${start}${motion.swapped}${end}`);
  return answer === null
    ? discard('no_option', 'The opposite direction is none of the options.')
    : { rule: 'motion', answer };
}

/** One of two motions that the question offers, by its first word. */
function lonePart(said: string): Motion | null {
  const at = /^(towards?)$|^(away)(?: from)?$/i.exec(said);
  return at && { swapped: inCaseOf(said, at[1] ? 'away' : 'towards'), kind: 'direction' };
}

const EVENTS =
  /^(how (?:often|many times) (does|do|did|is|are|was|were) )(.+?)((?: in (?:the|this) (?:clip|video|sequence))?\s*\?\s*)$/is;
const STAMP = /^(at (?:what|which) (?:second|time) (does|do|did|is|are|was|were) )(.+?)(\s*\?\s*)$/is;

/** A question about an event, as it is in the other order; null if it asks about none. */
function turnedEvent(question: string, form: RegExp): string | null {
  const [, lead, aux, core, tail] = form.exec(question) ?? [];
  const event = core === undefined ? null : predicateOf(core, formAfter(aux!), true);
  return event && event !== 'backwards' ? `${lead}${event.subject} ${event.swapped}${tail}` : null;
}

/** "How often does the door open?" */
export const ofEvents: Reader = ({ question, answer, choices }, one) => {
  const turned = turnedEvent(question, EVENTS);
  if (turned === null || choices || !/^\d+(?: times)?\.?$/i.test(answer.trim())) return null;
  if (one.op === 'every') return discard('events', 'Some of the events may not be seen any more.');
  if (one.op === 'repeat')
    return { rule: 'events', answer: answer.replace(/\d+/, (n) => String(Number(n) * one.k)) };
  return { rule: 'events', question: turned };
};

const formAfter = (aux: string): VerbForm =>
  /^(?:do|did)/i.test(aux) ? 'base' : /^ha/i.test(aux) ? 'past' : 'ing';

/** A subject and what it does. @param events whether symmetric events count, too */
function predicateOf(
  core: string,
  form: VerbForm,
  events = false,
): (Motion & { subject: string }) | 'backwards' | null {
  const words = core.split(' ');
  for (let i = 2; i < words.length; i++) {
    const [subject, predicate] = [words.slice(0, i).join(' '), words.slice(i).join(' ')];
    if (!isSubject(subject)) continue;
    if (events && SYMMETRIC.test(predicate)) return { subject, swapped: predicate, kind: 'direction' };
    const motion = readMotion(predicate, isCamera(subject), form);
    if (motion) return motion === 'backwards' ? motion : { ...motion, subject };
  }
  return null;
}

/** "At what second does the door open?" */
export const ofStamp: Reader = ({ question, answer, choices, meta }, one) => {
  const turned = turnedEvent(question, STAMP);
  const [, stamp] = /^(\d+(?:\.\d+)?) ?(?:s|sec|seconds?)?\.?$/i.exec(answer) ?? [];
  if (turned === null || choices || stamp === undefined) return null;
  if (one.op === 'every') return { rule: 'stamp' };
  if (one.op !== 'reverse') return discard('about_clip', 'It asks when something happens.');
  const length = meta?.duration_s;
  if (typeof length !== 'number')
    return defer('no_duration', 'The length of the clip is not known (meta.duration_s).');
  const digits = Math.max(...[stamp, String(length)].map((text) => text.split('.')[1]?.length ?? 0));
  const left = String(Number((length - Number(stamp)).toFixed(digits)));
  return { rule: 'stamp', question: turned, answer: answer.replace(stamp, left) };
};
