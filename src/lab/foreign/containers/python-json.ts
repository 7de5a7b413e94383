import { isRecord } from '../../../base/json.ts';
import { printable } from '../../../base/printable.ts';
import { lines } from '../../files/lines.ts';
import { readRange, streamFile } from '../../files/regular.ts';

/** A file with its displayed name and its size in bytes. */
type ReadFile = Readonly<{ path: string; full: string; bytes: number }>;

const OUTSIDE_STRINGS = /"(?:[^"\\]|\\.)*(?:"|$)|-?\bInfinity\b|\bNaN\b/g;

/**
 * Parses JSON as Python's `json` writes it. `NaN` and `Infinity` become null. Skips a byte-order mark from editors on
 * Windows. @throws SyntaxError
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

/** Location of a line in its file, in bytes. Stored in place of the line, which can be read again. */
export class LinePlace {
  constructor(
    private readonly file: string,
    readonly at: number,
    readonly bytes: number,
  ) {}

  /** Reads the object on the line again. If the file was replaced, returns an empty object or throws an error. */
  async again(): Promise<Record<string, unknown>> {
    const value = parsePythonJson((await readRange(this.file, this.at, this.bytes)).toString('utf8'));
    return isRecord(value) ? value : {};
  }
}

/** An object on a line, with the line's number and its location in the file. */
export interface JsonLine {
  value: Record<string, unknown>;
  line: number;
  place: LinePlace;
}

/** Reads the objects of a JSON Lines file, and reports unreadable lines. Omits an incomplete last line. */
export async function jsonLines(file: ReadFile, problems: string[]): Promise<JsonLine[]> {
  const decoded: JsonLine[] = [];
  for await (const line of eachJsonLine(file, problems)) decoded.push(line);
  return decoded;
}

/** Yields objects one by one, which bounds memory. @param problems receives a message for each unreadable line */
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
