import { isRecord } from '../../../base/json.ts';
import { printable } from '../../../base/printable.ts';
import { lines } from '../../files/lines.ts';
import { readRange, streamFile } from '../../files/regular.ts';

/** A file, its name to show and its size. */
type ReadFile = Readonly<{ path: string; full: string; bytes: number }>;

const OUTSIDE_STRINGS = /"(?:[^"\\]|\\.)*(?:"|$)|-?\bInfinity\b|\bNaN\b/g;

/**
 * Parses JSON as Python's `json` writes it; `NaN` and `Infinity` become null, and a byte-order mark at the start, which
 * editors on Windows add, is passed over. @throws SyntaxError
 */
export function parsePythonJson(marked: string): unknown {
  const text = marked.replace(/^\uFEFF/, '');
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    return JSON.parse(text.replace(OUTSIDE_STRINGS, (found) => (found.startsWith('"') ? found : 'null')));
  }
}

/** Where a line lies in its file, in bytes: enough to read it again, and little to keep. */
export class LinePlace {
  constructor(
    private readonly file: string,
    readonly at: number,
    readonly bytes: number,
  ) {}

  /** The object on the line; an empty one, or an error, if the file has been replaced. */
  async again(): Promise<Record<string, unknown>> {
    const value = parsePythonJson((await readRange(this.file, this.at, this.bytes)).toString('utf8'));
    return isRecord(value) ? value : {};
  }
}

/** An object on a line, the line's number, and its place. */
export interface JsonLine {
  value: Record<string, unknown>;
  line: number;
  place: LinePlace;
}

/**
 * Reads the objects of a file of JSON lines, and reports what cannot be read. Leaves out a last line that is still
 * being written.
 */
export async function jsonLines(file: ReadFile, problems: string[]): Promise<JsonLine[]> {
  const decoded: JsonLine[] = [];
  for await (const line of eachJsonLine(file, problems)) decoded.push(line);
  return decoded;
}

/** The same one line at a time, for lines of which little is kept. @param problems takes what cannot be read */
export async function* eachJsonLine(file: ReadFile, problems: string[]): AsyncGenerator<JsonLine> {
  for await (const { number: line, text, at, bytes } of lines(await streamFile(file.full))) {
    if (text?.trim() === '') continue;
    try {
      if (text === null) throw new Error('the line is longer than 64 MiB');
      const value = parsePythonJson(text);
      if (!isRecord(value)) throw new Error('the line is not an object');
      yield { value, line, place: new LinePlace(file.full, at, bytes) };
    } catch (error) {
      const isLast = at + bytes >= file.bytes;
      if (!isLast)
        problems.push(`Cannot read ${file.path}:${line}: ${printable((error as Error).message, 200)}.`);
    }
  }
}
