import { FIGURE_COLOURS, type FigureDrawing } from './pair-figure.ts';

/** A picture as PDF takes it: rows of red, green and blue bytes, compressed by zlib. */
interface PdfPicture {
  w: number;
  h: number;
  deflated: Uint8Array;
}

/**
 * Writes a drawing as a PDF file of one page, as large as the drawing (ISO 32000-1), with the standard font Helvetica,
 * which readers have. Letters outside of Windows-1252 become question marks: SVG and LaTeX keep them.
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
  [1, 3, 5].map((from) => (parseInt(colour.slice(from, from + 2), 16) / 255).toFixed(3)).join(' ');

/** Characters of Windows-1252 that have another code than in Unicode. */
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

/** A text inside of parentheses, in which three characters are escaped. */
const pdfText = (text: string): string =>
  Array.from(text, (letter) => {
    const code = WINDOWS[letter] ?? letter.codePointAt(0)!;
    if (code > 0xff || code < 0x20 || (code > 0x7e && code < 0xa0 && WINDOWS[letter] === undefined))
      return '?';
    return /[()\\]/.test(letter) ? `\\${letter}` : String.fromCharCode(code);
  }).join('');
