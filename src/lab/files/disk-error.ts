/**
 * Explains an error to people. A full or read-only disk and a missing permission are put in words; any other error
 * keeps its own message. Errors from other processes arrive as text, so the codes are searched for in the message.
 * @param folder where the work was writing; without it the error's own path is named.
 */
export function explainError(error: Error, folder?: string): string {
  const { message, path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  const place = folder ?? path;
  const where = place === undefined ? '' : ` of ${place}`;
  if (/\bE[MN]FILE\b/.test(message))
    return path === undefined ? tooManyFiles : `${tooManyFiles} ${path} could not be opened.`;
  if (/\bEIO\b/.test(message))
    return `The disk gives an error${path === undefined ? '' : ` for ${path}`}: ${message}.`;
  if (/\b(ENOSPC|EDQUOT)\b/.test(message)) return `The disk${where} is full: make space, then try again.`;
  if (path !== undefined && /\bmkd(ir|temp)\b/.test(message)) {
    const reason = Object.entries(NO_FOLDER).find(([code]) => message.startsWith(code))?.[1] ?? message;
    return `No folder can be made at ${path}: ${reason}. Choose another place.`;
  }
  if (/\bEROFS\b/.test(message)) return `The disk${where} is read-only.`;
  if (/^ENOTEMPTY\b/.test(message) && dest !== undefined)
    return `${dest} was made by another program meanwhile, and stays as it is. Name another folder.`;
  if (dest !== undefined && /^(EACCES|EPERM|EBUSY)\b/.test(message))
    return `${dest} cannot be written: there is no permission, or another program has it open.`;
  if (path !== undefined && /^(EACCES|EPERM)\b/.test(message))
    return `There is no permission to read or write ${path}.`;
  if (path !== undefined && /^ENAMETOOLONG\b/.test(message))
    return `The name ${path} is longer than this file system allows.`;
  if (path !== undefined && /^ELOOP\b/.test(message)) return `${path} is a link that leads to itself.`;
  if (path !== undefined && /^ENOENT\b/.test(message))
    return /\bscandir\b/.test(message)
      ? `There is no folder ${path}. Make it, or name another.`
      : `There is no file ${path}.`;
  return message;
}

/** What people read when the system's limit of open files is reached. */
const tooManyFiles =
  'Too many files are open. Close other programs, or raise the limit (`ulimit -n 4096` in this shell).';

/** Why a file that the user named cannot be read, in one wording for all inputs. */
export function whyUnreadable(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return UNREADABLE[code] ?? `It cannot be read: ${message}`;
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file.',
  ENOTDIR: 'There is no such file.',
  EISDIR: 'This is a folder, not a file.',
  EFTYPE: 'This is a pipe or a device, not a file.',
  EACCES: 'There is no permission to read this file.',
  ELOOP: 'This is a link that leads to itself.',
  EMFILE: tooManyFiles,
  ENFILE: tooManyFiles,
};

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException).code;

export const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(codeOf(error) as string);

/**
 * For `catch`: the value to use for a missing file or folder. Any other error is thrown again, such as that of one
 * that exists and cannot be read.
 */
export const ifMissing =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (isMissing(error)) return instead;
    throw error;
  };

/**
 * For `catch`: the value to use for a file that is missing or holds something unexpected. If the system refuses to
 * read a file, nothing is known about its content, so that error is thrown again.
 */
export const unlessUnreadable =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (isUnreadable(error)) throw error;
    return instead;
  };

/** Whether the system refuses to read a file that exists: permission or handles are missing, or the disk is broken. */
export const isUnreadable = (error: unknown): boolean =>
  /^E[A-Z]+$/.test(String(codeOf(error))) && !isMissing(error);

/** The entries of a folder that cannot be listed: none. But that too many files are open does not make it empty. */
export function noEntries(error: unknown): never[] {
  if (/\bE[MN]FILE\b/.test((error as Error).message)) throw error;
  return [];
}

/** Why a folder cannot be made, by the system's error code. */
const NO_FOLDER: Readonly<Record<string, string>> = {
  EEXIST: 'a file stands in its place or above it',
  ENOTDIR: 'a file stands in its place or above it',
  ENOENT: 'the file system takes none there',
  EACCES: 'there is no permission to write there',
  EPERM: 'there is no permission to write there',
  EROFS: 'the disk is read-only',
  ENAMETOOLONG: 'the name is too long',
};

/** Whether an error says that the disk has no room left. */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && /\b(ENOSPC|EDQUOT)\b/.test(error.message);
