import type { Problem } from '../../base/problem.ts';
import { whyUnreadable } from '../files/disk-error.ts';

/** Error for unreadable data: a problem with its fix, and the file if known. */
export class DataError extends Error {
  readonly problem: Problem;

  constructor(
    code: string,
    message: string,
    readonly where: { file?: string; fix?: string } = {},
  ) {
    super(`${where.file ? `${where.file}: ` : ''}${message}${where.fix ? `\n  ${where.fix}` : ''}`);
    this.problem = { severity: 'error', code, message, ...(where.fix && { fix: where.fix }) };
  }
}

/** Returns a `catch` handler that reports why a file is unreadable. @throws DataError */
export const cannotRead =
  (file: string) =>
  (error: unknown): never => {
    throw new DataError('no-file', whyUnreadable(error), { file });
  };
