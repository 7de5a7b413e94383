import { attemptsOf, reviewItem, type ReviewItem } from '../core/annotation/review.ts';
import { percentsText } from '../base/format.ts';
import type { Precision, StateCounts } from '../core/annotation/review-figures.ts';
import { wordDiff, type Piece } from '../base/word-diff.ts';
import { printable } from '../base/printable.ts';
import type { ImageRef, Sample } from '../rows/sample/sample.ts';
import { isUnwritten } from '../rows/sample/variant.ts';
import { checkLabel } from '../base/labels.ts';
import type { VariantName } from '../rows/view-list.ts';

/** Style of marked words in a terminal. Without styles, changed words are in brackets. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  changed(text: string): string;
}

export const PLAIN: Style = { bold: (text) => text, dim: (text) => text, changed: (text) => `[${text}]` };

/** Maximum length of a displayed text, in characters, so that a row fits on a screen. */
const LONGEST = 1500;
const LABEL = 12;

interface Screen {
  sample: Sample;
  variantName: VariantName;
  /** Position of the row in the queue, from 1. */
  place: number;
  total: number;
  counts: StateCounts;
  precision: readonly Precision[];
}

/**
 * Renders a row under review: the original and its variant with marked differences, and evidence for and against the
 * variant.
 */
export function renderScreen(
  { sample, variantName, place, total, counts, precision }: Screen,
  style: Style,
): string {
  const item = reviewItem(sample, variantName)!;
  const variant = sample.variants![variantName]!;
  const { accepted, edited, discarded } = counts;
  const facts = [item.status, item.route, item.category, item.state];
  return [
    style.dim(`${place} of ${total} · ${accepted} accepted, ${edited} edited, ${discarded} discarded`),
    '',
    `${style.bold(printable(sample.id, 100))}  ${facts
      .filter((fact) => fact && fact !== 'none')
      .map((fact) => printable(fact, 40))
      .join(' · ')}`,
    ...(variant.reason ? [`  ${printable(String(variant.reason), 300)}`] : []),
    ...(item.proposal
      ? [`  proposed by ${printable([item.proposal.by, item.proposal.note].filter(Boolean).join(': '), 400)}`]
      : []),
    ...pictures(sample, style),
    ...olderTexts(item, style),
    '',
    ...texts(sample, variant, variantName, style),
    ...(isUnwritten(sample, variantName, variant)
      ? ['', 'The row has no opposite. Press e to write it, or x to discard it.']
      : []),
    ...boxes(sample, variant, style),
    ...answers(sample, variantName, style),
    ...precisionLine(precision, style),
  ].join('\n');
}

/** Returns the texts of the row at the time of an earlier decision. */
function olderTexts({ older, people }: ReviewItem, style: Style): string[] {
  if (!older) return [];
  return [
    '',
    `${printable(people.at(-1)?.said ?? 'decided', 20)} for an older text of this row:`,
    `${label('question', style)}${printable(asText(older.question))}`,
    `${label('answer', style)}${printable(asText(older.answer))}`,
  ];
}

const label = (name: string, style: Style): string => style.dim(name.padEnd(LABEL));

/** Returns the files of images: their paths, or the tables or videos that contain them. */
export const imageFiles = (images: readonly ImageRef[]): string[] =>
  images.flatMap((image) =>
    typeof image === 'string' ? image : (image.video ?? image.path ?? image.parquet ?? []),
  );

function pictures({ images }: Sample, style: Style): string[] {
  const named = imageFiles(images).map((name) => printable(name, 200));
  return named.length === 0 ? [] : [`  ${style.dim(named.join(', '))}`];
}

type Texts = Partial<Pick<Sample, 'question' | 'answer' | 'reasoning' | 'choices'>>;

/** Returns each text of the original, followed by the matching text of the variant. */
function texts(original: Texts, rewritten: Texts, variantName: string, style: Style): string[] {
  const names = ['question', 'choices', 'answer', 'reasoning'] as const;
  return names.flatMap((name) => {
    if (original[name] === undefined && rewritten[name] === undefined) return [];
    const [before, after] = [original[name], rewritten[name] ?? original[name]].map(asText);
    const diff = wordDiff(before!, after!);
    return [
      `${label(name, style)}${marked(diff.before, style)}`,
      `${label(`  ${variantName}`, style)}${marked(diff.after, style)}`,
    ];
  });
}

const asText = (value: string | string[] | undefined): string => {
  const text = Array.isArray(value) ? value.join(' | ') : (value ?? '');
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${text.length} characters)` : text;
};

/** Marks changed pieces of a text. Escapes hidden characters in each piece, so that a mark ends with its piece. */
const marked = (pieces: readonly Piece[], style: Style): string =>
  pieces.map(({ text, changed }) => (changed ? style.changed(printable(text)) : printable(text))).join('');

function boxes({ boxes: before }: Sample, { boxes: after }: { boxes?: number[][] }, style: Style): string[] {
  if (!before?.length || !after) return [];
  const shown = before.slice(0, 6).map((box, i) => `[${box.join(', ')}] → [${after[i]?.join(', ') ?? ''}]`);
  const more = before.length > shown.length ? [`and ${before.length - shown.length} more`] : [];
  return [...shown, ...more].map((line, i) => `${label(i === 0 ? 'boxes' : '', style)}${line}`);
}

/** Returns the answers of the model without and with verification. Marks changes in the second answer. */
function answers(sample: Sample, variantName: VariantName, style: Style): string[] {
  const attempts = attemptsOf(sample.variants![variantName]!);
  let previous: string | null = null;
  const lines = attempts.flatMap(({ prompt, question, answer, error, raw, checks }) => {
    const line = question === undefined ? (error ?? `unreadable: ${raw}`) : `${question} ${answer ?? ''}`;
    const text = asText(line);
    const shown = previous === null ? printable(text) : marked(wordDiff(previous, text).after, style);
    previous = text;
    const failed = Object.entries(checks).flatMap(([name, result]) =>
      result === 'pass' ? [] : [checkLabel(name)],
    );
    return [
      `${label(printable(prompt, LABEL - 1), style)}${shown}`,
      `${' '.repeat(LABEL)}${style.dim(failed.length > 0 ? `not passed: ${printable(failed.join('; '), 200)}` : 'all checks passed')}`,
    ];
  });
  return lines.length > 0 ? ['', ...lines] : [];
}

function precisionLine(precision: readonly Precision[], style: Style): string[] {
  const shown = precision.slice(0, 4).map(describePrecision);
  return shown.length > 0 ? ['', style.dim(`accepted so far: ${shown.join(' · ')}`)] : [];
}

/** Returns a text about the precision of a rule, such as "side.of 5 of 6 (43.6–97.0 %)". */
export function describePrecision({ name, deferred, right, n, interval }: Precision): string {
  return `${printable(name, 40)}${deferred ? ' (deferred)' : ''} ${right} of ${n} (${percentsText(interval)})`;
}
