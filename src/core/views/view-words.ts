import { isRecord } from '../json.ts';
import type { RewrittenFields, Sample } from '../sample/sample.ts';
import { composed, isSymmetry, stepsOf, type Symmetry } from '../symmetry.ts';

/**
 * The texts of a row before its picture was turned by a quarter, kept as `meta.view_words`: turned back, "to the left
 * of" would stand where "left of" had stood. With them, turning back gives the same bytes (docs/views.md).
 */
interface ViewWords {
  /** How the picture has been turned since. */
  turned: Symmetry;
  before: Texts;
  /** The texts after the turn. If the row has others now, somebody has edited them, and `before` is of no use. */
  after: Texts;
}

type Texts = Pick<Sample, 'question' | 'answer' | 'reasoning' | 'choices'>;

const textsOf = ({ question, answer, reasoning, choices }: Texts): Texts => ({
  question,
  answer,
  ...(reasoning !== undefined && { reasoning }),
  ...(choices && { choices }),
});

const areSame = (one: Texts, other: unknown): boolean =>
  JSON.stringify(textsOf(one)) === JSON.stringify(other);

/** The stored words of a row, if they are well-formed and the row still has its texts. */
function wordsOf(sample: Sample): ViewWords | null {
  const words = sample.meta?.view_words;
  if (!isRecord(words) || !isSymmetry(words.turned) || !areSame(sample, words.after)) return null;
  const { before } = words;
  const isOfForm =
    isRecord(before) &&
    Object.entries(textsOf(sample)).every(([key, text]) =>
      key === 'choices'
        ? Array.isArray(before[key]) &&
          before[key].length === (text as string[]).length &&
          before[key].every((choice) => typeof choice === 'string')
        : typeof before[key] === 'string',
    );
  return isOfForm ? (words as unknown as ViewWords) : null;
}

/** Returns the fields of a turned row: with the words it had before if it is turned back, else with those to keep. */
export function withViewWords(sample: Sample, symmetry: Symmetry, fields: RewrittenFields): RewrittenFields {
  const stored = wordsOf(sample);
  const changes = stepsOf(symmetry).exchanges && !areSame(sample, textsOf({ ...sample, ...fields }));
  const meta = { ...fields.meta };
  delete meta.view_words;
  const turned = stored ? composed(stored.turned, symmetry) : symmetry;
  if (stored && turned === 'original')
    return { ...fields, ...textsOf({ ...fields, ...stored.before }), ...(fields.meta && { meta }) };
  if (!stored && !changes) return { ...fields, ...(fields.meta && { meta }) };
  const words: ViewWords = {
    turned,
    before: stored?.before ?? textsOf(sample),
    after: textsOf({ ...sample, ...fields }),
  };
  return { ...fields, meta: { ...meta, view_words: words } };
}
