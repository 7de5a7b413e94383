/** The job could not be done: exit code 1. Says which file and line, and what to do, where that is known. */
export class JobError extends Error {
  constructor(
    message: string,
    readonly where: { file?: string; line?: number; fix?: string } = {},
  ) {
    super(message);
  }

  /** `data.qa.jsonl:12: message` and, on a second line, the fix. */
  override toString(): string {
    const { file, line, fix } = this.where;
    const place = file ? `${file}${line ? `:${line}` : ''}: ` : '';
    return `${place}${this.message}${fix ? `\n  ${fix}` : ''}`;
  }
}

/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {}
