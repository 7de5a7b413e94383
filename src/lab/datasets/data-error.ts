import type { Problem } from '../../core/problem.ts';

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
