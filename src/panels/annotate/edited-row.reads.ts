import { thousands } from '../../base/format.ts';
import { unwritten } from '../../core/annotation/edit-row.ts';
import { shownState } from '../../core/annotation/review.ts';
import type { OpenRow, RowLine } from './annotate.contract.ts';
import type { PairRow } from '../pair/pair.contract.ts';
import { flipPolarity } from '../../rows/views/polarity/flip.ts';
import type { Variant } from '../../rows/sample/sample.ts';
import { parseJson } from '../../lab/datasets/parse-json.ts';
import { checkRow, type ImageFolders, LONGEST, type PairRows } from '../data-rows.reads.ts';
import type { VariantName } from '../../rows/view-list.ts';

/** Maximum number of characters to show of a row that is too large to edit. Longer texts would block the page. */
const SHOWN = 2000;

/** Returns a row for the editor's card. A row that lacks only a text is unusable, but editable. */
export async function openRow(
  text: string,
  pairs: PairRows,
  place: ImageFolders | null,
): Promise<Omit<OpenRow, 'doubt'>> {
  if (text.length > LONGEST) return { text: text.slice(0, SHOWN), row: tooLong(text), polarity: null };
  const row = await pairs.read({ text, place });
  if (row.sample) {
    return { text, row, polarity: row.sample.variants?.polarity ?? flipPolarity(row.sample) };
  }
  const started = unwritten(parseJson(text).value);
  if (!started) return { text, row, polarity: null };
  const { sample, texts } = started;
  const { images } = await pairs.read({ text: JSON.stringify(sample), place });
  const unfinished: Variant<'needs_llm'> = {
    status: 'needs_llm',
    ...texts,
    route: 'rules',
    rules: [],
    checks: {},
    reason: 'The row needs a question and an answer.',
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
      message: `Cannot edit a row of ${thousands(text.length)} characters in the annotation editor.`,
      fix: 'Open the row as text.',
    },
  ],
  mirror: null,
  mirrorFrom: 'rules',
  images: [],
  viewImages: {},
});

export async function lineOf(
  text: string,
  view: VariantName,
  pairs: PairRows,
  place: ImageFolders | null,
): Promise<RowLine> {
  const { sample, problems } = checkRow(text);
  const variant: Variant | undefined = sample?.variants?.[view];
  const started = sample ? null : unwritten(parseJson(text).value);
  const readable = sample ?? started?.sample;
  const { question = '', answer = '' } = started?.texts ?? {};
  const images = readable ? await pairs.looked(readable, place) : [];
  // Show the id if the row has no text.
  const isBlank = started !== null && (question + answer).trim() === '';
  return {
    id: readable?.id ?? '',
    question: ((isBlank ? readable?.id : readable?.question) ?? text).slice(0, 500),
    state: variant && sample ? shownState(sample, view, variant) : null,
    problems: problems.length,
    image: images.find((image) => 'problem' in image) ?? images[0] ?? null,
  };
}
