import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  type ReadStream,
  type Stats,
} from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { untilReleased } from './in-use.ts';

// Opening a named pipe would wait for a writer, perhaps forever. Windows has neither this flag nor such pipes.
const READ = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);
const NO_LINK = (constants.O_NOFOLLOW as number | undefined) ?? 0;
const APPEND =
  constants.O_WRONLY |
  constants.O_APPEND |
  constants.O_CREAT |
  NO_LINK |
  ((constants.O_NONBLOCK as number | undefined) ?? 0);

/** Maximum time to retry opening a file that is being replaced on Windows, in ms. */
const REPLACING_MS = 200;

/** Error for a pipe, socket, device, folder, or link in place of a file. */
export class NotAFile extends Error {
  readonly code: 'EISDIR' | 'EFTYPE';

  constructor(
    readonly path: string,
    stats: Stats | null,
  ) {
    super(`${path} is ${kindOf(stats)}, not a file.`);
    this.code = stats?.isDirectory() ? 'EISDIR' : 'EFTYPE';
  }
}

function kindOf(stats: Stats | null): string {
  if (stats?.isDirectory()) return 'a folder';
  if (stats?.isSymbolicLink()) return 'a link';
  if (stats?.isFIFO()) return 'a pipe';
  return stats?.isCharacterDevice() || stats?.isBlockDevice() ? 'a device' : 'a socket';
}

/** Whether a path is a stream from a shell, such as `<(…)`, `>(…)` or `/dev/stdin`, whose other end is already open. */
export const isShellStream = (path: string): boolean =>
  /^\/dev\/(null|stdin|stdout|stderr|fd\/\d+)$|^\/proc\/self\/fd\/\d+$/.test(path);

/** Opens a file for reading. @throws NotAFile at once for pipes, devices and folders */
export const openFile = (path: string): Promise<FileHandle> => openRegular(path, READ);

/** Opens a file for appending, and creates a missing file. @throws NotAFile, also for any link */
export const openToAppend = (path: string): Promise<FileHandle> => openRegular(path, APPEND);

async function openRegular(path: string, flags: number): Promise<FileHandle> {
  const opened = untilReleased(() => open(path, flags), REPLACING_MS);
  const file = await opened.catch(async (error: NodeJS.ErrnoException) => {
    // This error occurs when appending to a link.
    if (error.code === 'ELOOP') throw new NotAFile(path, await lstat(path).catch(() => null));
    // This error occurs for a socket, or when appending to a pipe without reader.
    throw error.code === 'ENXIO' ? new NotAFile(path, null) : error;
  });
  const stats = await file.stat();
  if (stats.isFile()) return file;
  await file.close();
  throw new NotAFile(path, stats);
}

/** Reads the bytes of a file. @throws NotAFile */
export async function readBytes(path: string): Promise<Buffer> {
  const file = await openFile(path);
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** Reads at most `length` bytes of a file, starting at an offset. @throws NotAFile */
export async function readRange(path: string, at: number, length: number): Promise<Buffer> {
  const file = await openFile(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Reads the text of a file. @throws NotAFile */
export const readText = async (path: string): Promise<string> => (await readBytes(path)).toString('utf8');

/** Reads the text of a file synchronously. @throws NotAFile */
export function readTextSync(path: string): string {
  const file = openSync(path, READ);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new NotAFile(path, stats);
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** Reads the text of a file that the user passed, which can also be a stream from a shell. @throws NotAFile */
export const readNamedTextSync = (path: string): string =>
  isShellStream(path) ? readFileSync(path, 'utf8') : readTextSync(path);

/** Streams the bytes of a file in pieces. Closes the file at the end, or when the reader stops. @throws NotAFile */
export async function streamFile(path: string, piece = 1 << 18): Promise<ReadStream> {
  const file = await openFile(path);
  const { size } = await file.stat();
  // A stream allocates a whole piece for each read. For many small files, garbage collection would take most of the time.
  return file.createReadStream({ highWaterMark: Math.min(piece, Math.max(size, 4096)) });
}
