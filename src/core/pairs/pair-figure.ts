import { fixed } from '../../base/format.ts';
import { htmlText as escape, oneLine, visible } from '../../base/escape.ts';
import { latexPrelude, latexText } from '../../base/latex-text.ts';
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

/** Image of each view in the form that the file format requires: a data: URL for SVG, a file name for LaTeX. */
type FigurePictures =
  | { format: 'svg'; pictures: (Size & { url: string })[] }
  | { format: 'latex'; pictures: (Size & { file: string })[] }
  | { format: 'pdf'; pictures: PdfPicture[] };

/** Returns a file with a pair as a figure for a paper: both views, and the answers of one or several models. */
export function pairFigureFile(answered: readonly NamedPair[], shown: FigurePictures): string | Uint8Array {
  const figure = pairFigure(answered, shown.pictures);
  switch (shown.format) {
    case 'svg':
      return pairFigureSvg(
        figure,
        shown.pictures.map(({ url }) => url),
      );
    case 'latex':
      return pairFigureLatex(
        figure,
        shown.pictures.map(({ file }) => file),
      );
    case 'pdf':
      return drawingPdf(drawPairFigure(figure), shown.pictures);
  }
}

const pairFigure = (answered: readonly NamedPair[], pictures: readonly Size[]): PairFigure => ({
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
const FIGURE_COLOURS = { text: '#222222', right: '#1a7f37', wrong: '#b3261e' } as const;
type Colour = keyof typeof FIGURE_COLOURS;

export interface FigureDrawing {
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

/** Returns a figure for LaTeX, with booktabs and graphicx. @param pictures file name of the image in each view */
export function pairFigureLatex({ views, models }: PairFigure, pictures: readonly string[]): string {
  const share = fixed(0.98 / views.length, 2);
  const line = (cells: readonly string[]) => `${cells.join(' & ')} \\\\`;
  const across = (text: string) => `\\multicolumn{${views.length}}{@{}l@{}}{${text}} \\\\`;
  const figure = [
    '\\begin{figure}',
    '\\centering\\small',
    `\\begin{tabular}{@{}${views.map(() => `p{${share}\\linewidth}`).join('@{\\hspace{0.02\\linewidth}}')}@{}}`,
    line(views.map(({ label }) => `\\textbf{${latexText(label)}}`)),
    line(pictures.map((file) => `\\includegraphics[width=\\linewidth]{${file}}`)),
    line(views.map(({ question }) => latexText(question))),
    line(views.map(({ reference }) => `Reference answer: ${latexText(reference ?? 'unknown')}`)),
    ...models.flatMap(({ name, verdict, answers }) => [
      '\\midrule',
      across(`\\textbf{${latexText(name)}}${verdict === null ? '' : `: ${latexText(verdict)}`}`),
      line(answers.map((answer) => latexText(answerText(answer).text))),
    ]),
    '\\end{tabular}',
    '\\caption{}',
    '\\end{figure}',
    '',
  ].join('\n');
  return ['% \\usepackage{booktabs} \\usepackage{graphicx}', ...latexPrelude(figure), figure].join('\n');
}

/** Image for PDF: rows of red, green and blue bytes, with zlib compression. */
interface PdfPicture extends Size {
  deflated: Uint8Array;
}

/**
 * Writes a drawing as a PDF file with one page of the drawing's size (ISO 32000-1), in the standard font Helvetica.
 * Letters outside Windows-1252 become question marks; SVG and LaTeX files contain these letters.
 */
export function drawingPdf(
  { width, height, marks }: FigureDrawing,
  pictures: readonly PdfPicture[],
): Uint8Array {
  const content = marks.map((mark) => {
    if (mark.kind === 'picture')
      return `q ${mark.w} 0 0 ${mark.h} ${mark.x} ${height - mark.y - mark.h} cm /P${mark.view} Do Q`;
    if (mark.kind === 'rule')
      return `q 0.6 G 0.5 w ${mark.x} ${height - mark.y} m ${mark.x + mark.w} ${height - mark.y} l S Q`;
    const { x, y, size, text, bold, colour } = mark;
    return `q ${rgb(FIGURE_COLOURS[colour])} rg BT /${bold ? 'B' : 'F'} ${size} Tf ${x} ${height - y} Td (${pdfText(text)}) Tj ET Q`;
  });
  const font = (name: string) =>
    `<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`;
  const first = 6;
  const named = pictures.map((_, i) => `/P${i} ${first + i} 0 R`).join(' ');
  const objects: (string | [head: string, bytes: Uint8Array])[] = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${width} ${height}] /Contents ${first + pictures.length} 0 R /Resources << /Font << /F 4 0 R /B 5 0 R >> /XObject << ${named} >> >> >>`,
    font('Helvetica'),
    font('Helvetica-Bold'),
    ...pictures.map(({ w, h, deflated }): [string, Uint8Array] => [
      `/Type /XObject /Subtype /Image /Width ${w} /Height ${h} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode`,
      deflated,
    ]),
    ['', latin1(content.join('\n'))],
  ];
  const parts: Uint8Array[] = [latin1('%PDF-1.4\n')];
  const places: number[] = [];
  let at = parts[0]!.length;
  const add = (...more: Uint8Array[]) => {
    for (const part of more) {
      parts.push(part);
      at += part.length;
    }
  };
  for (const [i, object] of objects.entries()) {
    places.push(at);
    add(latin1(`${i + 1} 0 obj\n`));
    if (typeof object === 'string') add(latin1(object));
    else {
      const [head, bytes] = object;
      add(latin1(`<< ${head} /Length ${bytes.length} >>\nstream\n`), bytes, latin1('\nendstream'));
    }
    add(latin1('\nendobj\n'));
  }
  const table = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  const count = objects.length + 1;
  const start = at;
  add(
    latin1(
      `xref\n0 ${count}\n0000000000 65535 f \n${table}trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`,
    ),
  );
  const file = new Uint8Array(at);
  let to = 0;
  for (const part of parts) {
    file.set(part, to);
    to += part.length;
  }
  return file;
}

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

const rgb = (colour: string): string =>
  [1, 3, 5].map((from) => fixed(parseInt(colour.slice(from, from + 2), 16) / 255, 3)).join(' ');

/** Characters whose code in Windows-1252 differs from their Unicode code point. */
const WINDOWS: Readonly<Record<string, number>> = {
  '€': 0x80,
  '…': 0x85,
  '‘': 0x91,
  '’': 0x92,
  '“': 0x93,
  '”': 0x94,
  '•': 0x95,
  '–': 0x96,
  '—': 0x97,
};

/** Escapes a text for PDF strings in parentheses. */
const pdfText = (text: string): string =>
  Array.from(text, (letter) => {
    const code = WINDOWS[letter] ?? letter.codePointAt(0)!;
    if (code > 0xff || code < 0x20 || (code > 0x7e && code < 0xa0 && WINDOWS[letter] === undefined))
      return '?';
    return /[()\\]/.test(letter) ? `\\${letter}` : String.fromCharCode(code);
  }).join('');
