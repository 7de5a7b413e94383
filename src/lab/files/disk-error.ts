/**
 * Returns an error message for users. Describes a full or read-only disk and a missing permission. Other errors keep
 * their message. Errors of other processes are text, so codes are searched in the message.
 * @param folder folder to which the program wrote. Default: the path in the error.
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
    return `Another program created ${dest}, so Chirality did not overwrite that path. Choose another folder.`;
  if (dest !== undefined && /^(EACCES|EPERM|EBUSY)\b/.test(message))
    return `Cannot write ${dest}. Check the permissions of the path, and close other programs that use the path.`;
  if (path !== undefined && /^(EACCES|EPERM)\b/.test(message))
    return `Cannot read or write ${path}. Check the permissions of the path.`;
  if (path !== undefined && /^ENAMETOOLONG\b/.test(message))
    return `The path ${path} is too long for this file system.`;
  if (path !== undefined && /^ELOOP\b/.test(message)) return `${path} is a circular link.`;
  if (path !== undefined && /^ENOENT\b/.test(message))
    return /\bscandir\b/.test(message)
      ? `Folder ${path} does not exist. Create the folder, or choose another folder.`
      : `File ${path} does not exist.`;
  return message;
}

const tooManyFiles =
  'Too many files are open. Close other programs, or raise the limit (`ulimit -n 4096` in this shell).';

/** Returns the reason why a user's file is unreadable, in the same words for all kinds of input. */
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
 * Handler for `catch` that returns a default value if a file or folder is missing. Rethrows all other errors, such as
 * for an unreadable file.
 */
export const ifMissing =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (isMissing(error)) return instead;
    throw error;
  };

/**
 * Handler for `catch` that returns a default value for a missing or unexpected file. If the system cannot read a file,
 * the content is unknown, so the error is rethrown.
 */
export const unlessUnreadable =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (isUnreadable(error)) throw error;
    return instead;
  };

/** Whether an existing file is unreadable: no permission, too many open files, or a broken disk. */
export const isUnreadable = (error: unknown): boolean =>
  /^E[A-Z]+$/.test(String(codeOf(error))) && !isMissing(error);

/** Handler for `catch` that returns no entries for an unreadable folder. Rethrows if too many files are open. */
export function noEntries(error: unknown): never[] {
  if (/\bE[MN]FILE\b/.test((error as Error).message)) throw error;
  return [];
}

/** Reasons why a folder cannot be created, keyed by the system's error code. */
const NO_FOLDER: Readonly<Record<string, string>> = {
  EEXIST: 'a file already exists at this path or at one of its parent folders',
  ENOTDIR: 'a file already exists at this path or at one of its parent folders',
  ENOENT: 'the file system does not allow folders at this path',
  EACCES: 'you have no permission to write to this path',
  EPERM: 'you have no permission to write to this path',
  EROFS: 'the disk is read-only',
  ENAMETOOLONG: 'the name is too long',
};

export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && /\b(ENOSPC|EDQUOT)\b/.test(error.message);
