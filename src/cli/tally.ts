import { partOf } from '../core/format.ts';
import { printable } from '../core/printable.ts';
import type { Variant } from '../core/sample/sample.ts';
import { checkLabel } from '../core/labels.ts';

/** Counts how often each name occurs. */
export class Tally {
  private readonly counts = new Map<string, number>();

  add(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  /** The counts, the most frequent name first. */
  summary(): Record<string, number> {
    return Object.fromEntries([...this.counts].sort(([, a], [, b]) => b - a));
  }
}

/** A tally's summary as text, a line for each name. @param about what to add to some of the names */
export const tallyLines = (
  counts: Record<string, number>,
  about: ReadonlyMap<string, string> = new Map(),
): string[] =>
  Object.entries(counts).map(([name, n]) => {
    const more = about.get(name);
    return `  ${String(n).padStart(8)}  ${printable(more ? `${name}: ${more}` : name, 200)}`;
  });

/** Counts the outcomes of rows that a language model was asked about. */
class RewriteTally {
  private readonly asked = { rows: 0, trusted: 0, review: 0, unanswered: 0 };
  private readonly checks: Record<string, number> = {};
  /** Why the first row without an answer has none. */
  private why: string | undefined;

  add(variant: Variant): void {
    if (!variant.llm) return;
    const { attempts } = variant.llm;
    this.asked.rows += 1;
    const failed = attempts.find(({ error }) => error !== undefined);
    if (failed) {
      this.asked.unanswered += 1;
      this.why ??= failed.error;
    } else if (variant.review?.state !== 'pending') this.asked.trusted += 1;
    else {
      this.asked.review += 1;
      for (const [name, result] of Object.entries(variant.checks))
        if (result !== 'pass') this.checks[name] = (this.checks[name] ?? 0) + 1;
    }
  }

  /** `failed_checks`: how often each check sent a row to review. */
  summary(): RewriteTally['asked'] & { failed_checks: Record<string, number> } {
    return { ...this.asked, failed_checks: this.checks };
  }

  describe(): string {
    const { rows, trusted, review, unanswered } = this.asked;
    const failed = Object.entries(this.checks).map(([name, n]) => `${checkLabel(name)}: ${n}`);
    return [
      `language model: ${rows} rows asked, ${trusted} trusted`,
      `${review} for review${failed.length > 0 ? ` (not passed: ${failed.join('; ')})` : ''}`,
      ...(unanswered > 0 ? [`${unanswered} not answered (${printable(this.why!, 500)})`] : []),
    ].join(', ');
  }
}

/** Counts what became of the rows that a command rewrites. */
export class RewrittenTally {
  readonly llm = new RewriteTally();
  private readonly statuses = new Tally();
  private readonly rules = new Tally();
  private decided = 0;

  /** @param isKept whether it had been reviewed before */
  add(variant: Variant, isKept: boolean): void {
    if (isKept) this.decided += 1;
    else this.llm.add(variant);
    this.statuses.add(variant.status);
    for (const rule of variant.rules) this.rules.add(rule);
  }

  /** A row that the command itself leaves out. */
  addLeftOut({ status }: { status: string }): void {
    this.statuses.add(status);
  }

  summary(): RewrittenSummary {
    return {
      ...(this.decided > 0 && { decided: this.decided }),
      status: this.statuses.summary(),
      rules: this.rules.summary(),
    };
  }
}

export interface RewrittenSummary {
  /** Rows that had been reviewed before, which were not changed. */
  decided?: number;
  status: Record<string, number>;
  rules: Record<string, number>;
}

/** What became of rows by their status. @param done what to call those that are trusted, with their share */
export function statusLines(
  {
    rows,
    bad,
    status,
    decided,
  }: Pick<RewrittenSummary, 'status' | 'decided'> & { rows: number; bad: number },
  done?: string,
): string[] {
  const trusted = (status.flipped ?? 0) + (status.invariant ?? 0);
  const share = partOf(trusted, rows - bad);
  return [
    `${rows} rows${bad ? `, ${bad} of them bad` : ''}${done === undefined ? '' : `; ${share} ${done}`}`,
    ...tallyLines(status),
    ...(decided ? [`${decided} rows had already been reviewed and stay as they were`] : []),
  ];
}
