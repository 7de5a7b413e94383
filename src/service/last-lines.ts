import { open } from 'node:fs/promises';
import { parseLine, type RowReader } from '../core/record.ts';

/** How much of a file's end is read at first; four times as much while that holds too few lines. */
const FIRST_BYTES = 16 * 1024;

/**
 * The rows of the last complete lines of a file of JSON lines, at most `count`, in their order; nothing above them is
 * read. What cannot be read is left out: those who read the whole file tell of it. A file that does not exist has none.
 */
export async function lastLines<T>(path: string, count: number, row: RowReader<T>): Promise<T[]> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (!file) return [];
  try {
    const { size } = await file.stat();
    for (let length = FIRST_BYTES; ; length *= 4) {
      const from = Math.max(0, size - length);
      const bytes = Buffer.alloc(size - from);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
      const whole = bytes.subarray(0, bytesRead);
      // In the middle of the file, the first line may be the end of a longer one.
      const start = from === 0 ? 0 : whole.indexOf(10) + 1;
      const lines = whole
        .subarray(start, whole.lastIndexOf(10) + 1)
        .toString('utf8')
        .split('\n');
      const full = lines.filter((line) => line.trim() !== '');
      if (full.length >= count || from === 0)
        return full.slice(-count).flatMap((text) => parseLine(text, { file: path }, row, () => undefined));
    }
  } finally {
    await file.close();
  }
}
