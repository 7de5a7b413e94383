import type { Problem } from '../../base/problem.ts';
import { whyUnreadable } from '../files/disk-error.ts';

/** Data that cannot be read, as an exception: a problem with its fix, and with the file if it is known. */
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

/** For `catch`: says why the file cannot be read. @throws DataError */
export const cannotRead =
  (file: string) =>
  (error: unknown): never => {
    throw new DataError('no-file', whyUnreadable(error), { file });
  };
