import { SAYS } from '../../rows/read/patterns.ts';
import { askingSentence } from '../../rows/read/sentence.ts';
import { readOptions } from '../../rows/read/inline-options.ts';
import { Text } from '../../rows/read/tokens.ts';
import { ASKS, SET_SIGNS } from './question-signs.ts';
import { isNumber } from './number.ts';
import { plainPunctuation } from './plain-text.ts';

/** Kind of answer that a question requires, by its words alone. */
export type QuestionForm = 'count' | 'measure' | 'polar' | 'place' | 'which' | 'box' | 'statement' | 'open';

/** Kind of a reference answer, by its text alone. */
export type ReferenceForm = 'empty' | 'letter' | 'verdict' | 'right-wrong' | 'binary' | 'number' | 'text';

/** Maximum length of a question that is classified, in characters. */
const MOST = 2000;

/** Returns the form of a question. Ignores the options and the text after them. */
export function questionForm(question: string): QuestionForm {
  if (question.length > MOST) return 'open';
  const stem = readOptions(question)?.stem || question;
  const text = new Text(plainPunctuation(stem));
  const { core, end, words } = askingSentence(text);
  const asked = text.text.slice(core, end);
  const isOpen = SET_SIGNS.asks.test(asked) || SET_SIGNS.either.test(asked.replace(SET_SIGNS.verdicts, ''));
  if (SET_SIGNS.opening.test(asked)) return isOpen ? 'open' : 'polar';
  const isPolar = SET_SIGNS.opening.test(asked.replace(SET_SIGNS.preamble, '')) || SAYS.asksYesNo.in(words);
  if (isPolar && !isOpen) return 'polar';
  if (ASKS.units.test(asked) || SET_SIGNS.angle.test(asked) || SAYS.asksLength.in(words)) return 'measure';
  if (SET_SIGNS.count.test(asked)) return 'count';
  if (SET_SIGNS.place.test(asked)) return 'place';
  if (SAYS.asksBox.in(text.words)) return 'box';
  if (SET_SIGNS.which.test(asked)) return 'which';
  return /[?？]/.test(text.text) || !/\.\s*$/.test(text.text) ? 'open' : 'statement';
}

const VERDICT = /^\W*(?:yes|no|true|false|yeah|nope|y|n)\W*$|^\W*(?:yes|no|true|false)\s*[,.;:!–-]\s/i;
const RIGHT_WRONG = /^\W*(?:right|wrong|correct|incorrect)\W*$/i;
export function referenceForm(reference: string): ReferenceForm {
  if (reference.trim() === '') return 'empty';
  if (reference.length > 200) return 'text';
  if (/^\W*[A-Ha-h]\W*$/.test(reference)) return 'letter';
  if (/^\W*[01]\W*$/.test(reference) && !/[-−.]/.test(reference)) return 'binary';
  if (RIGHT_WRONG.test(reference)) return 'right-wrong';
  // A reference answer such as "Yes, three chairs." contains a count, so its form is text.
  if (VERDICT.test(reference)) return /\d/.test(reference) ? 'text' : 'verdict';
  // Numbers as reference answers include "3", "three", "about 2.5 m", "3 chairs".
  return isNumber(reference) ? 'number' : 'text';
}
