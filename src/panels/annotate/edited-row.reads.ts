import { thousands } from '../../core/format.ts';
import { setInJson } from '../../core/annotation/edit-json.ts';
import { reviewState } from '../../core/annotation/review.ts';
import type { OpenRow, RowLine } from './annotate.contract.ts';
import type { PairRow } from '../pair/pair.contract.ts';
import { mirrorSample } from '../../core/views/mirror/mirror-sample.ts';
import { parseSample } from '../../core/sample/parse-sample.ts';
import { flipPolarity } from '../../core/views/polarity/flip.ts';
import type { Sample, Variant } from '../../core/sample/sample.ts';
import { parseJson } from '../../lab/datasets/json.ts';
import { checkRow, type ImageFolders, LONGEST, type PairRows } from '../data-rows.reads.ts';
import type { VariantName } from '../../core/view-list.ts';

/** Replaces a text that is not written yet. */
const BLANK = '…';

/** How much to show of a row that is too large to edit: its fields would block the page, and the rules the service. */
const SHOWN = 2000;

/** A row for the card. A row that is unusable only because a text is missing can still be edited. */
export async function openRow(text: string, pairs: PairRows, place: ImageFolders | null): Promise<OpenRow> {
  if (text.length > LONGEST) return { text: text.slice(0, SHOWN), row: tooLong(text), polarity: null };
  const row = await pairs.read({ text, place });
  if (row.sample) {
    return { text, row, polarity: row.sample.variants?.polarity ?? flipPolarity(row.sample) };
  }
  const unwritten = filled(text);
  if (!unwritten) return { text, row, polarity: null };
  const { sample, texts } = unwritten;
  const { images } = await pairs.read({ text: JSON.stringify(sample), place });
  const unfinished: Variant<'needs_llm'> = {
    status: 'needs_llm',
    ...texts,
    route: 'rules',
    rules: [],
    checks: {},
    reason: 'The row is not finished.',
  };
  return {
    text,
    row: { ...row, sample: { ...sample, ...texts }, mirror: unfinished, images },
    polarity: unfinished,
  };
}

const tooLong = (text: string): PairRow => ({
  sample: null,
  problems: [
    {
      severity: 'error',
      code: 'long-line',
      message: `The row is ${thousands(text.length)} characters long.`,
      fix: 'Open it as text.',
    },
  ],
  mirror: null,
  mirrorFrom: 'rules',
  images: [],
  viewImages: {},
});

/**
 * A row with placeholders for texts that are not written yet, beside those texts as they are: empty, or blanks of
 * a user who is still typing. Null if the line is not a row at all.
 */
function filled(text: string): { sample: Sample; texts: Pick<Sample, 'question' | 'answer'> } | null {
  const { value } = parseJson(text);
  if (typeof value !== 'object' || value === null) return null;
  const { question = '', answer = '' } = value as Partial<Sample>;
  const written = (text: unknown) => (text === null || String(text).trim() === '' ? BLANK : text);
  const { sample } = parseSample({ ...value, question: written(question), answer: written(answer) });
  if (!sample) return null;
  const asWritten = (key: 'question' | 'answer', text: unknown) =>
    sample[key] === BLANK ? String(text ?? '') : sample[key];
  return {
    sample,
    texts: { question: asWritten('question', question), answer: asWritten('answer', answer) },
  };
}

/** The id of a row, even of one that is unusable. */
export const idOf = (text: string): string | undefined => filled(text)?.sample.id;

/** A row as the list shows it. */
export async function lineOf(
  text: string,
  view: VariantName,
  pairs: PairRows,
  place: ImageFolders | null,
): Promise<RowLine> {
  const { sample, problems } = checkRow(text);
  const variant: Variant | undefined = sample?.variants?.[view];
  const unwritten = sample ? null : filled(text);
  const readable = sample ?? unwritten?.sample;
  const { question = '', answer = '' } = unwritten?.texts ?? {};
  // A row of which nothing is written yet is known by its id.
  const isBlank = unwritten !== null && (question + answer).trim() === '';
  return {
    id: readable?.id ?? '',
    question: ((isBlank ? readable?.id : readable?.question) ?? text).slice(0, 500),
    state: (variant && (reviewState(sample!, view, variant) ?? variant.status)) ?? null,
    problems: problems.length,
    image: readable ? ((await pairs.images(readable, place))[0] ?? null) : null,
  };
}

/** A copy with a new id, without its variants. */
export function copyOf(text: string, row: number): string {
  const copy = setInJson(text, ['id'], `${checkRow(text).sample?.id ?? row + 1}-copy`);
  return setInJson(copy, ['variants'], undefined);
}

/**
 * Computes the variants again that the rules made from the row before it was edited, unless a person has decided on
 * them.
 */
export function followRules(text: string): string {
  const { sample } = checkRow(text);
  if (!sample) return text;
  const { variants = {}, ...original } = sample;
  const { mirror, polarity } = variants;
  let followed = text;
  const put = (view: VariantName, stored: Variant, made: Variant) => {
    if (JSON.stringify(made) !== JSON.stringify(stored))
      followed = setInJson(followed, ['variants', view], made);
  };
  if (mirror && isOpen(mirror)) {
    const { strategy } = mirror as { strategy?: 'swap-words' | 'keep-question' };
    put('mirror', mirror, mirrorSample(original, strategy ? { strategy } : {}));
  }
  if (polarity && isOpen(polarity)) put('polarity', polarity, flipPolarity(original));
  return followed;
}

const isOpen = ({ route, review }: Variant): boolean =>
  route === 'rules' && (!review || review.state === 'pending');
