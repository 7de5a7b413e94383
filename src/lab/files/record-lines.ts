import { parseLine, RecordError, type RowReader } from '../../base/record.ts';
import { ifMissing } from './disk-error.ts';
import { lines } from './lines.ts';
import { streamFile } from './regular.ts';

/**
 * Yields the records in the lines of a file. Reports and omits unusable lines. Yields nothing for a missing file.
 * @param most maximum number of lines to read
 */
export async function* recordsIn<T>(
  file: string,
  read: RowReader<T>,
  leaveOut: (why: RecordError) => void = () => undefined,
  most = Infinity,
): AsyncGenerator<T> {
  const stream = await streamFile(file).catch(ifMissing(null));
  if (!stream) return;
  for await (const { number: line, text } of lines(stream)) {
    if (line > most) return;
    if (text === null) leaveOut(new RecordError({ file, line }, 'the line is longer than 64 MiB.'));
    else yield* parseLine(text, { file, line }, read, leaveOut);
  }
}
