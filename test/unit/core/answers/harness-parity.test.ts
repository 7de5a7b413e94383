import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { referenceOf, scoreRow } from '../../../../src/core/answers/score-row.ts';
import { answerVerdict } from '../../../../src/core/answers/verdict.ts';
import type { ScoreRow } from '../../../../src/core/answers/score.ts';
import { relativeAccuracy } from '../../../../src/core/metrics/measures.ts';

// What other harnesses read in the same completions (test/fixtures/parity/harnesses/make.py). Every difference is of a kind
// that the page about answers lists; in each, what a careful person reads decides who is right.

type Read = 'right' | 'wrong' | 'unread';

interface Case {
  row: number;
  style: string;
  text: string;
  truth: Read;
  read: Record<string, Read>;
}

const ROOT = join(import.meta.dirname, '../../../..');
const { rows, cases, relative } = JSON.parse(
  readFileSync(join(ROOT, 'test/fixtures/parity/harnesses/harnesses.json'), 'utf8'),
) as {
  rows: Omit<ScoreRow, 'completion'>[];
  cases: Case[];
  relative: { said: number; reference: number; accuracy: number }[];
};
const PAGE = readFileSync(join(ROOT, 'test/fixtures/parity/harnesses/README.md'), 'utf8');

function oursOf({ row, text }: Case): string {
  const scored = { ...rows[row]!, completion: text };
  const verdict = answerVerdict(scoreRow(scored), referenceOf(scored));
  return verdict === 'unparsed' ? 'unread' : verdict;
}
const ours = new Map(cases.map((each) => [each, oursOf(each)]));

/** What our rules do not read as a person does, with why that stands. */
const OPEN: Readonly<Record<string, string>> = {
  'a sign': 'A count below zero is not a count, and unread counts as wrong.',
};

/** The kinds of differences, as the page names them: the first that fits the style of a completion. */
const KINDS: readonly { kind: string; styles: RegExp; reader?: RegExp; theirs?: Read; own?: Read }[] = [
  { kind: 'an option that is denied', styles: /^a denied option/ },
  {
    kind: 'an option that is named and rejected',
    styles: /^an explanation (?:before|after), of another option$|^options repeated, then/,
  },
  { kind: 'letter and text that disagree', styles: /^letter and text disagree$/ },
  { kind: 'two answers', styles: /^two |^both|^options repeated$/ },
  {
    kind: 'a letter or word that is not an answer',
    styles: /^(?:refused|no answer|cut off|no number|a letter that is no option)/,
  },
  { kind: 'yes or no inside another phrase', styles: /^(?:the other word|a word that begins|a note)/ },
  { kind: 'a number on the way to the answer', styles: /^(?:a count before|a sum before|an equation)$/ },
  { kind: 'a sign', styles: /^a sign$/ },
  { kind: 'the text of an option', styles: /^the text/ },
  { kind: 'the first word alone', styles: /^(?:hedged|an explanation)/, reader: /fuzzy_matching$/ },
  { kind: 'a wrapped answer', styles: /^/, theirs: 'unread' },
];
const kindOf = (style: string, reader: string, theirs: Read, own: string): string | undefined =>
  KINDS.find(
    (each) =>
      each.styles.test(style) &&
      (each.reader?.test(reader) ?? true) &&
      (each.theirs === undefined || each.theirs === theirs) &&
      (each.own === undefined || each.own === own),
  )?.kind;

const differences = cases.flatMap((each) =>
  Object.entries(each.read)
    .filter(([, theirs]) => theirs !== ours.get(each))
    .map(([reader, theirs]) => ({
      ...each,
      own: ours.get(each),
      reader,
      theirs,
      kind: kindOf(each.style, reader, theirs, ours.get(each)!),
    })),
);

/** The rows of the tables in a Markdown text, as cells. */
const cellsOf = (markdown: string): string[][] =>
  markdown
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.replaceAll('`', '').trim()),
    );

describe('answer reader compared with lmms-eval and VLMEvalKit', () => {
  test('the answer reader matches the human reading, except for the listed styles', () => {
    expect(cases.length).toBeGreaterThan(600);
    const other = cases.filter((each) => ours.get(each) !== each.truth);
    expect([...new Set(other.map(({ style }) => style))].sort()).toEqual(Object.keys(OPEN).sort());
  });

  test('the answer reader differs from harnesses only in documented kinds, each with an example', () => {
    const unlisted = differences.filter(({ kind }) => kind === undefined);
    expect(unlisted.map(({ reader, style, text, theirs }) => [reader, style, text, theirs])).toEqual([]);
    const found = new Set(differences.map(({ kind }) => kind!));
    expect([...found].sort()).toEqual(KINDS.map(({ kind }) => kind).sort());
    const listed = new Set(cellsOf(PAGE).map(([kind]) => kind));
    expect([...found].filter((kind) => !listed.has(kind))).toEqual([]);
  });

  test('the answer reader differs from each harness as often as the documentation states', () => {
    const readers = [...new Set(cases.flatMap(({ read }) => Object.keys(read)))];
    const counted = readers.map((reader) => {
      const asked = cases.filter(({ read }) => reader in read);
      const different = differences.filter((each) => each.reader === reader);
      const weAre = different.filter(({ own, truth }) => own === truth);
      const theyAre = different.filter(({ theirs, truth }) => theirs === truth);
      return [
        reader,
        ...[asked.length, asked.length - different.length, weAre.length, theyAre.length].map(String),
      ];
    });
    // With CHIRALITY_RECORD, what the page is to have, and how often each kind of difference occurs.
    if (process.env.CHIRALITY_RECORD) {
      console.log(
        counted.map(([reader, ...figures]) => `| \`${reader}\` | ${figures.join(' | ')} |`).join('\n'),
      );
      for (const { kind } of KINDS)
        console.log(`${differences.filter((each) => each.kind === kind).length} × ${kind}`);
    }
    const page = cellsOf(PAGE).filter(([reader]) => readers.includes(reader!));
    expect(page).toEqual(counted);
  });

  test('the relative accuracy matches VSI-Bench, except at exact thresholds', () => {
    for (const { said, reference, accuracy } of relative) {
      const twentieths = (20 * Math.abs(said - reference)) / reference;
      const isThreshold = twentieths > 0 && Math.abs(twentieths - Math.round(twentieths)) < 1e-9;
      // They compare with 1 − 0.55, which is less than 0.45.
      if (isThreshold)
        expect([0, 1]).toContain(Math.round(10 * (relativeAccuracy(said, reference) - accuracy)));
      else expect(relativeAccuracy(said, reference)).toBe(accuracy);
    }
    expect(
      relative.some(({ said, reference, accuracy }) => relativeAccuracy(said, reference) > accuracy),
    ).toBe(true);
  });
});
