/** Failure of the job (exit code 1). The message describes the problem, with file, line and fix if known. */
export class JobError extends Error {
  constructor(
    message: string,
    readonly where: { file?: string; line?: number; fix?: string } = {},
  ) {
    super(message);
  }

  /** Returns `data.qa.jsonl:12: message`, and the fix, if any, on a second line. */
  override toString(): string {
    const { file, line, fix } = this.where;
    const place = file ? `${file}${line ? `:${line}` : ''}: ` : '';
    return `${place}${this.message}${fix ? `\n  ${fix}` : ''}`;
  }
}

/** Wrong usage of the command, including a missing input (exit code 2). */
export class UsageError extends JobError {}
