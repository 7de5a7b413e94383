/**
 * What went wrong, for people. A full or read-only disk and a missing permission are said in words; whatever else it
 * was keeps its own message. Errors of other processes arrive as text, so the codes are looked for in it.
 * @param folder where the work was writing; without it the error's own path is named.
 */
export function explainError(error: Error, folder?: string): string {
  const { message, path } = error as NodeJS.ErrnoException;
  const place = folder ?? path;
  const where = place === undefined ? '' : ` of ${place}`;
  if (/\b(ENOSPC|EDQUOT)\b/.test(message)) return `The disk${where} is full: make space, then try again.`;
  if (/\bEROFS\b/.test(message)) return `The disk${where} is read-only.`;
  if (path !== undefined && /^(EACCES|EPERM)\b/.test(message))
    return `There is no permission to read or write ${path}.`;
  // Of a folder that is to be made, or lies above one.
  if (path !== undefined && /^(EEXIST|ENOTDIR)\b.*\bmkdir\b/.test(message))
    return `No folder can be made at ${path}: a file stands in its place or above it.`;
  if (path !== undefined && /^ENOENT\b/.test(message)) return `There is no ${path}.`;
  return message;
}

/** Whether an error says that the disk has no room left. */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && /\b(ENOSPC|EDQUOT)\b/.test(error.message);
