/** The job failed: exit code 1. The message says what went wrong, and if known where (file and line) and what to do. */
export class JobError extends Error {
  constructor(
    message: string,
    readonly where: { file?: string; line?: number; fix?: string } = {},
  ) {
    super(message);
  }

  /** Formats `data.qa.jsonl:12: message`, with the fix on a second line. */
  override toString(): string {
    const { file, line, fix } = this.where;
    const place = file ? `${file}${line ? `:${line}` : ''}: ` : '';
    return `${place}${this.message}${fix ? `\n  ${fix}` : ''}`;
  }
}

/** Wrong usage of the command, which includes an input that is not there: exit code 2. */
export class UsageError extends JobError {}
