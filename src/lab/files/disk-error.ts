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
    return path === undefined ? tooManyFiles : `Cannot open ${path}. ${tooManyFiles}`;
  if (/\bEIO\b/.test(message)) return `Disk error${path === undefined ? '' : ` for ${path}`}: ${message}.`;
  if (/\b(ENOSPC|EDQUOT)\b/.test(message))
    return `The disk${where} is full. Free some space, then try again.`;
  if (path !== undefined && /\bmkd(ir|temp)\b/.test(message)) {
    const reason = Object.entries(NO_FOLDER).find(([code]) => message.startsWith(code))?.[1] ?? message;
    return `Cannot create folder ${path}: ${reason}. Choose another path.`;
  }
  if (/\bEROFS\b/.test(message)) return `The disk${where} is read-only.`;
  if (/^ENOTEMPTY\b/.test(message) && dest !== undefined)
    return `Another program created ${dest}, so it was not overwritten. Choose another folder.`;
  if (dest !== undefined && /^(EACCES|EPERM|EBUSY)\b/.test(message))
    return `Cannot write ${dest}. Check its permissions, and close other programs that use it.`;
  if (path !== undefined && /^(EACCES|EPERM)\b/.test(message))
    return `Cannot read or write ${path}. Check its permissions.`;
  if (path !== undefined && /^ENAMETOOLONG\b/.test(message))
    return `The path ${path} is too long for this file system.`;
  if (path !== undefined && /^ELOOP\b/.test(message)) return `${path} is a circular link.`;
  if (path !== undefined && /^ENOENT\b/.test(message))
    return /\bscandir\b/.test(message)
      ? `Folder ${path} does not exist. Create it, or choose another folder.`
      : `File ${path} does not exist.`;
  return message;
}

/** The message when the system limit of open files is reached. */
const tooManyFiles =
  'Too many files are open. Close other programs, or raise the limit (`ulimit -n 4096` in this shell).';

/** Why a file that the user named cannot be read, in one wording for all inputs. */
export function whyUnreadable(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return UNREADABLE[code] ?? `Cannot read the file: ${message}`;
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'The file does not exist.',
  ENOTDIR: 'The file does not exist.',
  EISDIR: 'The path is a folder, not a file.',
  EFTYPE: 'The path is a pipe or a device, not a file.',
  EACCES: 'You have no permission to read the file.',
  ELOOP: 'The path is a circular link.',
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
  EEXIST: 'a file already exists at this path or above it',
  ENOTDIR: 'a file already exists at this path or above it',
  ENOENT: 'the file system does not allow it',
  EACCES: 'you have no permission to write to this path',
  EPERM: 'you have no permission to write to this path',
  EROFS: 'the disk is read-only',
  ENAMETOOLONG: 'the name is too long',
};

/** Whether an error says that the disk has no room left. */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && /\b(ENOSPC|EDQUOT)\b/.test(error.message);
