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

// Opening a pipe waits until a program writes to it, which may be never. Windows has no such flag, and no such pipes.
const READ = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);
const NO_LINK = (constants.O_NOFOLLOW as number | undefined) ?? 0;
const APPEND =
  constants.O_WRONLY |
  constants.O_APPEND |
  constants.O_CREAT |
  NO_LINK |
  ((constants.O_NONBLOCK as number | undefined) ?? 0);

/** How long Windows may refuse to open a file, in ms, because it is being replaced. */
const REPLACING_MS = 200;

/** A pipe, a socket, a device, a folder, or a link to be written through, where a file was asked for. */
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

/** Names under which a shell passes on a stream: `<(…)`, `>(…)`, `/dev/stdin`. Their other end exists already. */
export const isShellStream = (path: string): boolean =>
  /^\/dev\/(null|stdin|stdout|stderr|fd\/\d+)$|^\/proc\/self\/fd\/\d+$/.test(path);

/** Opens a file for reading. @throws NotAFile at once for anything but a file, so nothing else is waited for or read */
export const openFile = (path: string): Promise<FileHandle> => openRegular(path, READ);

/** Opens a file for appending, and creates it if there is none. @throws NotAFile, also for a link, wherever it leads */
export const openToAppend = (path: string): Promise<FileHandle> => openRegular(path, APPEND);

async function openRegular(path: string, flags: number): Promise<FileHandle> {
  const opened = untilReleased(() => open(path, flags), REPLACING_MS);
  const file = await opened.catch(async (error: NodeJS.ErrnoException) => {
    // For appending, a link.
    if (error.code === 'ELOOP') throw new NotAFile(path, await lstat(path).catch(() => null));
    // A socket, or, for appending, a pipe that nobody reads.
    throw error.code === 'ENXIO' ? new NotAFile(path, null) : error;
  });
  const stats = await file.stat();
  if (stats.isFile()) return file;
  await file.close();
  throw new NotAFile(path, stats);
}

/** The bytes of a file. @throws NotAFile */
export async function readBytes(path: string): Promise<Buffer> {
  const file = await openFile(path);
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** At most `length` bytes of a file, from an offset on; fewer where it ends before. @throws NotAFile */
export async function readRange(path: string, at: number, length: number): Promise<Buffer> {
  const file = await openFile(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The text of a file. @throws NotAFile */
export const readText = async (path: string): Promise<string> => (await readBytes(path)).toString('utf8');

/** The text of a file, read synchronously. @throws NotAFile */
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

/** The text of a file that the user named, which may also be a stream that a shell passes on. @throws NotAFile */
export const readNamedTextSync = (path: string): string =>
  isShellStream(path) ? readFileSync(path, 'utf8') : readTextSync(path);

/** Streams the bytes of a file in pieces; closes it at the end, and when the reader stops early. @throws NotAFile */
export async function streamFile(path: string, piece = 1 << 18): Promise<ReadStream> {
  return (await openFile(path)).createReadStream({ highWaterMark: piece });
}
