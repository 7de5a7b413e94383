import { partOf, several, thousands } from '../base/format.ts';
import { printable } from '../base/printable.ts';
import { tell } from './print.ts';
import type { Variant } from '../rows/sample/sample.ts';
import { checkLabel } from '../base/labels.ts';

export class Tally {
  private readonly counts = new Map<string, number>();

  add(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  /** Returns the counts, the most frequent name first. */
  summary(): Record<string, number> {
    return Object.fromEntries([...this.counts].sort(([, a], [, b]) => b - a));
  }
}

/** Returns a tally's summary as text, one line per name. @param about texts to add to some of the names */
export const tallyLines = (
  counts: Record<string, number>,
  about: ReadonlyMap<string, string> = new Map(),
): string[] =>
  Object.entries(counts).map(([name, n]) => {
    const more = about.get(name);
    return `  ${String(n).padStart(8)}  ${printable(more ? `${name}: ${more}` : name, 200)}`;
  });

/** Tally of the outcomes of rows sent to a language model. */
class RewriteTally {
  private readonly asked = { rows: 0, trusted: 0, review: 0, unanswered: 0 };
  private readonly checks: Record<string, number> = {};
  /** Reason why the first unanswered row has no answer. */
  private why: string | undefined;

  add(variant: Variant): void {
    const { attempts } = variant.llm!;
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

  /** Returns the counts. `failed_checks`: number of rows that each check sent to review. */
  summary(): RewriteTally['asked'] & { failed_checks: Record<string, number> } {
    return { ...this.asked, failed_checks: this.checks };
  }

  describe(): string {
    const { rows, trusted, review, unanswered } = this.asked;
    const failed = Object.entries(this.checks).map(([name, n]) => `${checkLabel(name)}: ${n}`);
    return [
      `language model: ${rows} rows sent, ${trusted} trusted`,
      `${review} for review${failed.length > 0 ? ` (not passed: ${failed.join('; ')})` : ''}`,
      ...(unanswered > 0 ? [`${unanswered} not answered (${printable(this.why!, 500)})`] : []),
    ].join(', ');
  }
}

/** Whether an attempt is right according to the checks, and according to a reviewer's decision; null if unknown. */
interface AttemptVerdict {
  prompt: string;
  byRules: boolean | null;
  byReview: boolean | null;
}

/** Returns the verdicts on a model's attempts at a row, in the order of the prompts: naive, then verified. */
function attemptVerdicts(variant: Variant): AttemptVerdict[] {
  const { state } = variant.review ?? { state: 'pending' };
  return (variant.llm?.attempts ?? [])
    .filter(({ error }) => error === undefined)
    .map((attempt) => {
      const results = Object.values(attempt.checks);
      const isSure = results.every((result) => result === 'pass');
      return {
        prompt: attempt.prompt,
        byRules: isSure || (results.includes('fail') ? false : null),
        byReview:
          state === 'pending'
            ? null
            : state !== 'discarded' && attempt.question !== undefined && plain(attempt) === plain(variant),
      };
    });
}

/** Returns the text of a rewrite without differences in case, spaces and full stops. */
const plain = ({ question = '', answer = '' }: { question?: string; answer?: string }): string =>
  [question, answer]
    .map((text) =>
      text
        .toLowerCase()
        .replace(/[\s.]+/g, ' ')
        .trim(),
    )
    .join('\n');

interface AttemptCounts {
  prompt: string;
  rows: number;
  right_by_rules: number;
  judged_by_rules: number;
  right_by_review: number;
  reviewed: number;
}

/** Counts of right naive and right verified rewrites of the same rows. */
class AttemptTally {
  private readonly counts: AttemptCounts[] = [];

  add(variant: Variant): void {
    for (const [i, { prompt, byRules, byReview }] of attemptVerdicts(variant).entries()) {
      const counts = (this.counts[i] ??= {
        prompt,
        rows: 0,
        right_by_rules: 0,
        judged_by_rules: 0,
        right_by_review: 0,
        reviewed: 0,
      });
      counts.rows += 1;
      counts.right_by_rules += Number(byRules === true);
      counts.judged_by_rules += Number(byRules !== null);
      counts.right_by_review += Number(byReview === true);
      counts.reviewed += Number(byReview !== null);
    }
  }

  summary(): AttemptCounts[] {
    return this.counts;
  }

  /** Returns a table as lines; no lines if no model was asked. */
  describe(): string[] {
    if (this.counts.length === 0) return [];
    const share = (right: number, n: number) => (n === 0 ? 'none' : `${right} of ${n} (${partOf(right, n)})`);
    const rows = this.counts.map((counts, i) => [
      `${i === 0 ? 'naive' : 'verified'} (${printable(counts.prompt, 60)})`,
      String(counts.rows),
      share(counts.right_by_rules, counts.judged_by_rules),
      share(counts.right_by_review, counts.reviewed),
    ]);
    const table = [['rewrites by the model', 'rows', 'correct by the rules', 'correct by review'], ...rows];
    const widths = table[0]!.map((_, c) => Math.max(...table.map((row) => row[c]!.length)));
    return table.map(
      (row) =>
        `  ${row
          .map((cell, c) => cell.padEnd(widths[c]!))
          .join('  ')
          .trimEnd()}`,
    );
  }
}

/** Part of a variant that is counted: the whole variant only if a language model was asked. */
type Counted = Variant | (Pick<Variant, 'status' | 'rules' | 'reason'> & { llm?: undefined });

/** Counted values of a row, and the text that `--explain` prints for it. */
export interface RewrittenRow {
  variant: Counted;
  kind: 'kept' | 'left-out' | 'new';
  text: string | undefined;
}

/** @param explain returns a text about the row's changes */
export function rewrittenRow(
  variant: Variant,
  kind: RewrittenRow['kind'],
  explain?: () => string,
): RewrittenRow {
  const { status, rules, reason, llm } = variant;
  const counted = llm ? variant : { status, rules, ...(reason !== undefined && { reason }) };
  return { variant: counted, kind, text: kind === 'left-out' ? undefined : explain?.() };
}

/** Tally of the outcomes of rows that a command rewrites. */
export class RewrittenTally {
  readonly llm = new RewriteTally();
  readonly attempts = new AttemptTally();
  private readonly statuses = new Tally();
  private readonly rules = new Tally();
  private decided = 0;

  /** Counts a row. If the command excludes the row, counts only the exclusion. */
  add({ variant, kind, text }: RewrittenRow): void {
    if (text !== undefined) tell(text);
    this.statuses.add(variant.status);
    if (kind === 'left-out') return;
    if (kind === 'kept') this.decided += 1;
    if (variant.llm) {
      if (kind === 'new') this.llm.add(variant);
      this.attempts.add(variant);
    }
    for (const rule of variant.rules) this.rules.add(rule);
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
  /** Number of rows that were already reviewed, and therefore not changed. */
  decided?: number;
  status: Record<string, number>;
  rules: Record<string, number>;
}

/** Returns lines with the number of rows per status. @param done label of the trusted rows, which get their share */
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
    `${several(rows, 'row')}${bad ? ` (${thousands(bad)} bad)` : ''}${done === undefined ? '' : `; ${share} ${done}`}`,
    ...tallyLines(status),
    ...(decided ? [`${decided} reviewed rows unchanged`] : []),
  ];
}
