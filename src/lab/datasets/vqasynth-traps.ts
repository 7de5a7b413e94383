import { parseDistance } from '../../core/answers/distance.ts';
import { isVqasynth } from '../../core/answers/score-tasks.ts';

/**
 * A known fault of VQASynth's reference answers. Replies that begin with "In fact," or "Actually," (no) and "Indeed,"
 * (yes) are no faults: `parseYesNo` reads such replies.
 */
type Trap =
  /** Two questions in one text, because the comma between two templates is missing. */
  | 'fused-questions'
  /** "Vertial gap …" asks for the horizontal distance. */
  | 'vertial-gap'
  /** Heights that are computed from the horizontal extent. */
  | 'height-from-width'
  /** A length of less than a centimetre or more than 100 metres, because the pipeline scales and averages distances. */
  | 'odd-length';

const FUSED = /horizontal distance between the .+\?\s?Could you provide the horizontal distance/is;
const VERTIAL = /^\W*vertial gap\b/i;
const HEIGHT =
  /\b(?:how tall|height of|vertical dimensions of|in terms of height|(?:vertical|vericall) size|occupy vertically)\b/i;
const LENGTH =
  /\b(?:how (?:far|close|distant|tall|wide|big|much (?:distance|space))|distance|dimensions|width|height|size|radius|gap)\b/i;

/** Returns the faults of a question and its reference answer. @param source dataset; only VQASynth has these faults */
export function vqasynthTraps(question: string, reference: string, source: string | undefined): Trap[] {
  if (!isVqasynth(source)) return [];
  const traps: Trap[] = [];
  if (FUSED.test(question)) traps.push('fused-questions');
  if (VERTIAL.test(question)) traps.push('vertial-gap');
  const length = LENGTH.test(question) ? parseDistance(reference) : null;
  if (length && HEIGHT.test(question)) traps.push('height-from-width');
  if (length && (length.size < 0.01 || length.size > 100)) traps.push('odd-length');
  return traps;
}
