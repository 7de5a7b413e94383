import { COLOURS, SHAPES } from '../world.ts';

const SOLID = `((?:${COLOURS.join('|')})-(?:${SHAPES.join('|')}))`;
const form = (words: string): RegExp => new RegExp(`^${words} \\?$`);

/** Questions of the compact style, with the first English wording of the same form. */
const FORMS: readonly [compact: RegExp, english: (...words: string[]) => string][] = [
  [form(`where is the ${SOLID} from the ${SOLID}`), (a, b) => `On which side of the ${b} is the ${a}?`],
  [
    form(`is the ${SOLID} (left|right) of the ${SOLID}`),
    (a, side, b) => `Is the ${a} to the ${side} of the ${b}?`,
  ],
  [
    form(`which is (closer|farther) , the ${SOLID} or the ${SOLID}`),
    (more, a, b) =>
      `Which object is ${more} ${more === 'closer' ? 'to' : 'from'} the camera, the ${a} or the ${b}?`,
  ],
  [form(`how far is the ${SOLID} in metres`), (a) => `How far is the ${a} from the camera?`],
  [form(`does the ${SOLID} move (left|right)`), (a, side) => `Does the ${a} move to the ${side}?`],
  [form(`where does the ${SOLID} move`), (a) => `In which direction does the ${a} move?`],
  [
    form(`which moves (faster|slower) , the ${SOLID} or the ${SOLID}`),
    (pace, a, b) => `Which object moves ${pace}, the ${a} or the ${b}?`,
  ],
  [
    form(`which starts (first|last) , the ${SOLID} or the ${SOLID}`),
    (when, a, b) => `Which object starts to move ${when}, the ${a} or the ${b}?`,
  ],
  [
    form(`is the ${SOLID} (left|right) or (left|right) in all frames`),
    (a, one, another) => `Is the ${a} on the ${one} or on the ${another} in all frames?`,
  ],
  [
    form(`do the ${SOLID} and the ${SOLID} move (closer|apart) or (?:closer|apart)`),
    (a, b, first) =>
      `Do the ${a} and the ${b} move ${first === 'closer' ? 'closer together or farther apart' : 'farther apart or closer together'}?`,
  ],
];

/**
 * Rewrites a compact question in English: "where is the red-cube from the blue-ball ?" becomes "On which side of the
 * blue ball is the red cube?" Returns any other text unchanged. The result is only for display: models and files always
 * use the original question.
 */
export function inEnglish(question: string): string {
  for (const [compact, english] of FORMS) {
    const words = compact.exec(question)?.slice(1);
    if (words) return english(...words.map((word) => word.replace('-', ' ')));
  }
  return question;
}
