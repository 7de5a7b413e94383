import { htmlText as escape, oneLine, visible } from '../../base/escape.ts';
import type { RecordedPair } from '../run-data/trace.ts';
import type { Size } from '../../rows/sample/boxes.ts';
import { viewOf } from '../../rows/view-list.ts';
import { inEnglish } from '../worlds/questions/in-english.ts';
import { textsOf } from './pair-texts.ts';
import { VERDICT_WORDS } from './pair-words.ts';

interface NamedPair {
  name: string;
  pair: RecordedPair;
}

/** Image of a view as a data: URL, with its size. */
interface FigurePicture extends Size {
  url: string;
}

/** Returns a pair as an SVG figure for a paper: both views, and the answers of one or several models. */
export const pairFigureFile = (answered: readonly NamedPair[], pictures: readonly FigurePicture[]): string =>
  pairFigureSvg(
    pairFigure(answered, pictures),
    pictures.map(({ url }) => url),
  );

export const pairFigure = (answered: readonly NamedPair[], pictures: readonly Size[]): PairFigure => ({
  views: answered[0]!.pair.views.map(({ view, question, answer }, v) => ({
    label: viewOf(view).label,
    question: inEnglish(question),
    reference: answer,
    picture: { w: pictures[v]!.w, h: pictures[v]!.h },
  })),
  models: answered.map(({ name, pair }) => ({
    name,
    verdict: pair.verdict && VERDICT_WORDS[pair.verdict].label,
    answers: answered[0]!.pair.views.map(({ view }) => {
      const group = pair.views.find((drawn) => drawn.view === view)?.group ?? [];
      if (group.length === 0) return { text: 'not evaluated', right: null };
      const right = group.filter((completion) => completion.right).length;
      const several = group.length > 1 ? ` (${right} of ${group.length} correct)` : '';
      return { text: `${textsOf(group[0]!).answer ?? ''}${several}`, right: group[0]!.right };
    }),
  })),
});

/** A pair as a figure for a paper: the views next to each other, with model answers. */
export interface PairFigure {
  views: FigureView[];
  models: {
    name: string;
    /** Outcome of the pair; null unless both views are scored. */
    verdict: string | null;
    /** Answers of the model to the question, by view. */
    answers: { text: string; right: boolean | null }[];
  }[];
}

interface FigureView {
  label: string;
  question: string;
  /** Reference answer in this view; null if unknown. */
  reference: string | null;
  /** Size of the image in this view, in pixels. */
  picture: Size;
}

/** Element of a drawing, with its position in points from the top left. */
type FigureMark =
  | { kind: 'picture'; x: number; y: number; w: number; h: number; view: number }
  | { kind: 'text'; x: number; y: number; size: number; text: string; bold: boolean; colour: Colour }
  | { kind: 'rule'; x: number; y: number; w: number };

/** Green means right and red means wrong, as in panels; words repeat the outcome for readers with colour blindness. */
export const FIGURE_COLOURS = { text: '#222222', right: '#1a7f37', wrong: '#b3261e' } as const;
type Colour = keyof typeof FIGURE_COLOURS;

interface FigureDrawing {
  width: number;
  height: number;
  marks: FigureMark[];
}

const COLUMN = 230;
const GAP = 20;
const SIZE = 9;
const LINE = 12;
/** Maximum length of an answer in a figure for a paper, in characters. */
const LONGEST = 300;

export function drawPairFigure({ views, models }: PairFigure): FigureDrawing {
  const marks: FigureMark[] = [];
  const width = views.length * COLUMN + (views.length - 1) * GAP;
  const left = (v: number) => v * (COLUMN + GAP);
  /** Writes texts next to each other, each in its own column. @returns the position below the longest text */
  const write = (texts: { text: string; bold?: boolean; colour?: Colour }[], top: number, room = COLUMN) => {
    const columns = texts.map(({ text }) => wrapped(text, room));
    for (const [v, lines] of columns.entries())
      for (const [i, text] of lines.entries()) {
        const { bold = false, colour = 'text' } = texts[v]!;
        marks.push({ kind: 'text', x: left(v), y: top + (i + 1) * LINE - 3, size: SIZE, text, bold, colour });
      }
    return top + LINE * Math.max(...columns.map((lines) => lines.length));
  };
  let y = write(
    views.map(({ label }) => ({ text: label, bold: true })),
    0,
  );
  const heights = views.map(({ picture: { w, h } }) => (COLUMN * h) / w);
  const tallest = Math.max(...heights);
  for (const [v, h] of heights.entries())
    marks.push({ kind: 'picture', x: left(v), y: y + 2, w: COLUMN, h, view: v });
  y += tallest + 6;
  y = write(
    views.map(({ question }) => ({ text: question })),
    y,
  );
  y = write(
    views.map(({ reference }) => ({ text: `Reference answer: ${reference ?? 'unknown'}` })),
    y,
  );
  for (const { name, verdict, answers } of models) {
    marks.push({ kind: 'rule', x: 0, y: y + 4, w: width });
    y = write([{ text: verdict === null ? name : `${name}: ${verdict}`, bold: true }], y + 6, width);
    y = write(answers.map(answerText), y);
  }
  return { width, height: y + 4, marks };
}

function answerText({ text, right }: { text: string; right: boolean | null }): {
  text: string;
  colour: Colour;
} {
  const answer = oneLine(text, LONGEST) || 'no answer';
  if (right === null) return { text: `not scored: ${answer}`, colour: 'text' };
  return right
    ? { text: `correct: ${answer}`, colour: 'right' }
    : { text: `wrong: ${answer}`, colour: 'wrong' };
}

/** Breaks a text into lines that are at most `room` points wide. */
function wrapped(text: string, room: number): string[] {
  const lines = [''];
  for (const word of visible(text)
    .split(/\s+/)
    .filter(Boolean)
    .flatMap((part) => pieces(part, room))) {
    const longer = lines.at(-1) === '' ? word : `${lines.at(-1)} ${word}`;
    if (lines.at(-1) !== '' && widthOf(longer) > room) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

/** Splits a word that is longer than a line into pieces. */
function pieces(word: string, room: number): string[] {
  const parts = [''];
  for (const letter of word)
    if (widthOf(parts.at(-1)! + letter) > room) parts.push(letter);
    else parts[parts.length - 1] += letter;
  return parts;
}

/** Returns the approximate width of a text in Helvetica, in points, rounded up. */
const widthOf = (text: string): number => [...text].reduce((sum, letter) => sum + SIZE * emOf(letter), 0);

const emOf = (letter: string): number =>
  /[ijlft.,:;!'|()[\] ]/.test(letter)
    ? 0.34
    : /[mwMW@%]/.test(letter)
      ? 0.95
      : /[A-Z]/.test(letter)
        ? 0.75
        : 0.58;

/** Returns a figure as SVG. @param pictures data: URL of the image in each view */
export function pairFigureSvg(figure: PairFigure, pictures: readonly string[]): string {
  const { width, height, marks } = drawPairFigure(figure);
  const parts = marks.map((mark) => {
    if (mark.kind === 'picture')
      return `<image x="${mark.x}" y="${mark.y}" width="${mark.w}" height="${mark.h}" href="${escape(pictures[mark.view]!)}"/>`;
    if (mark.kind === 'rule')
      return `<path d="M${mark.x} ${mark.y}h${mark.w}" stroke="#999" stroke-width="0.5"/>`;
    const { x, y, size, text, bold, colour } = mark;
    return `<text x="${x}" y="${y}" font-size="${size}"${bold ? ' font-weight="bold"' : ''} fill="${FIGURE_COLOURS[colour]}">${escape(text)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, sans-serif"><rect width="100%" height="100%" fill="#fff"/>${parts.join('\n')}</svg>\n`;
}
