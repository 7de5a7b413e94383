import type { OptionsOf } from '../command-options.ts';
import type { addReviewCommand } from './review.command.ts';
import { isInteractive, note, printJson, printLines, printTable } from '../print.ts';
import { Progress } from '../progress.ts';
import { requireFile, LeftOut, commandOfView } from '../input.ts';
import { requireRows } from '../print-usable.ts';
import { ReviewFile } from '../../lab/datasets/review-file.ts';
import { reviewProgress, WAITING } from '../../core/annotation/waiting.ts';
import { FilterError } from '../../core/query/filter-tokens.ts';
import { UsageError } from '../errors.ts';
import { userInfo } from 'node:os';
import { variantNow, type Reviewer, type Decision, type ReviewItem } from '../../core/annotation/review.ts';
import { checkLabel, routeLabel, stateLabel } from '../../base/labels.ts';
import { objectionsTo } from '../../rows/sample/variant.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { printable } from '../../base/printable.ts';
import type { ReviewedTexts } from '../../core/annotation/decisions.ts';
import { percentsText, several } from '../../base/format.ts';
import type { Precision } from '../../core/annotation/review-figures.ts';
import { conflictsOf } from '../../core/annotation/merge-rows.ts';
import { describeAgreement } from '../../core/metrics/people-agreement.ts';

type Flags = OptionsOf<typeof addReviewCommand>;

export async function review(path: string, flags: Flags): Promise<void> {
  const decisions = decisionsOf(flags);
  const isListed = decisions.length === 0;
  // In a terminal, the printed JSON rows already show the progress of reading.
  const progress = isListed && flags.json && isInteractive() ? null : new Progress('row');
  requireRows(path);
  await requireFile(path);
  const leftOut = new LeftOut(path);
  const list = new Listing(flags);
  const file = await ReviewFile.open(path, {
    variant: flags.view,
    filter: flags.where ?? WAITING,
    ids: decisions.map(({ id }) => id),
    leaveOut: (line, problems) => leftOut.add(line, problems),
    onProgress: (rows) => {
      list.print();
      progress?.update(rows);
    },
    ...(isListed && { onRow: (item: ReviewItem, sample: Sample) => list.add(item, sample) }),
  }).catch((error: unknown) => {
    if (error instanceof FilterError) throw new UsageError(`--where: ${error.message}`);
    throw error;
  });
  progress?.end();
  try {
    leftOut.end(file.count);
    const variants = Object.values(file.figures.counts).reduce((sum, n) => sum + n, 0);
    if (file.count > 0 && variants === 0)
      throw new UsageError(
        `${path} has no rows with a ${flags.view} to review. Add it with \`${commandOfView(flags.view)}\`.`,
      );
    const who = { by: flags.by ?? userInfo().username, at: new Date().toISOString() };
    if (isListed) list.end();
    else await decideAll(file, path, decisions, who);
    summarise(file, flags);
  } finally {
    await file.close();
  }
}

interface RowDecision {
  id: string;
  decision: Decision;
}

function decisionsOf(flags: Partial<Flags>): RowDecision[] {
  const { accept = [], although, discard = [], reopen = [], edit = [], settle = [], note } = flags;
  if (although && accept.length === 0)
    throw new UsageError('--although requires --accept. Pass the rows with --accept.');
  const why = note === undefined ? {} : { note };
  const plain =
    (kind: 'discard' | 'reopen') =>
    (id: string): RowDecision => ({ id, decision: { kind, ...why } });
  const edits = edit.map((text): RowDecision => {
    const [, id, json] = /^(.+?)=(\{.*)$/s.exec(text) ?? [];
    if (id === undefined)
      throw new UsageError(`--edit must be id={"answer": "…"}, not "${printable(text, 100)}".`);
    return { id, decision: { kind: 'edit', texts: textsIn(json!), ...why } };
  });
  const settled = settle.map((text): RowDecision => {
    const equals = text.lastIndexOf('=');
    if (equals < 1) throw new UsageError(`--settle must be id=name, not "${printable(text, 100)}".`);
    return { id: text.slice(0, equals), decision: { kind: 'settle', for: text.slice(equals + 1), ...why } };
  });
  const all = [
    ...settled,
    ...accept.map((id): RowDecision => ({
      id,
      decision: { kind: 'accept', ...(although && { although }), ...why },
    })),
    ...discard.map(plain('discard')),
    ...reopen.map(plain('reopen')),
    ...edits,
  ];
  const twice = all.find(({ id }, i) => all.findIndex((other) => other.id === id) < i);
  if (twice) throw new UsageError(`Row "${printable(twice.id, 100)}" has two decisions. Pass only one.`);
  return all;
}

function textsIn(json: string): ReviewedTexts {
  const fix =
    'The value must be an object with question, answer and reasoning as strings, and choices as a list of strings.';
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new UsageError(`--edit: ${(error as Error).message}\n  ${fix}`);
  }
  const isText = (field: unknown) => typeof field === 'string';
  const good = Object.entries(value as object).every(([name, field]: [string, unknown]) =>
    name === 'choices'
      ? Array.isArray(field) && field.every(isText)
      : ['question', 'answer', 'reasoning'].includes(name) && isText(field),
  );
  if (!good) throw new UsageError(`--edit: ${fix}`);
  return value as ReviewedTexts;
}

/** Applies decisions to all rows or none: a missing id stops the command before the first decision. */
async function decideAll(
  file: ReviewFile,
  path: string,
  wanted: readonly RowDecision[],
  who: Reviewer,
): Promise<void> {
  const missing = await file.decideAll(wanted, who);
  if (missing.length === 0) return;
  const names = missing.map((id) => printable(id, 100)).join(', ');
  throw new UsageError(`Cannot find row ${names}.`, { file: path });
}

/** List of rows: printed as JSON during reading, or as a table at the end. */
class Listing {
  private json: string[] = [];
  /** How to decide on the first listed row that awaits review. */
  private next: string | undefined;
  private readonly table: string[][] = [];
  private listed = 0;

  constructor(private readonly flags: Pick<Flags, 'view' | 'limit' | 'json'>) {}

  add(item: ReviewItem, sample: Sample): void {
    const { view, limit = Infinity, json } = this.flags;
    if (this.listed++ >= limit) return;
    if (json) {
      const { question, answer } = sample;
      const { people, consensus, conflict, ...listed } = item;
      const several = people.length > 1 && { people, consensus };
      const differs = conflict && { conflicts: conflictsOf(sample) };
      const row = { ...listed, ...several, ...differs, question, answer, variant: sample.variants![view] };
      this.json.push(JSON.stringify(row));
    } else {
      const { question } = sample.variants![view]!;
      this.table.push([
        printable(item.id, 40),
        stateText(item),
        stateLabel(item.status),
        routeLabel(item.route),
        failedText(item),
        printable(question, 60),
      ]);
      if (item.state === 'pending') this.next ??= this.decisionsOn(sample, item);
    }
  }

  /** Returns the options that decide on a row. A row with failed checks is best edited. */
  private decisionsOn(sample: Sample, { consensus, people }: ReviewItem): string {
    const id = printable(sample.id, 100);
    const although = objectionsTo(sample, variantNow(sample, this.flags.view)!);
    const settle = consensus === 'disagree' ? `\n  --settle ${id}=${printable(people[0]!.by, 60)}` : '';
    return `To decide on ${id}, add one of these options to the command:${settle}
  --accept ${id}${although.length > 0 ? ` --although ${although.join(' ')}` : ''}
  --edit '${id}={"question": "…", "answer": "…"}'
  --discard ${id}`;
  }

  /** Prints the JSON rows added since the last call. */
  print(): void {
    printLines(this.json);
    this.json = [];
  }

  end(): void {
    const { table, flags, next } = this;
    if (table.length > 0) printTable(['id', 'state', 'status', 'route', 'not passed', flags.view], table);
    if (next) note(next);
  }
}

/** Returns the first failed check in words, and the number of others. */
function failedText({ failed: [first, ...others] }: ReviewItem): string {
  if (first === undefined) return '';
  return `${printable(checkLabel(first), 60)}${others.length > 0 ? ` and ${others.length} more` : ''}`;
}

/** Returns a state such as "accepted", "pending (proposed by agent:codex)" or "accepted despite a check". */
function stateText({ state, older, although, people, proposal }: ReviewItem): string {
  if (proposal) return `${state} (proposed by ${printable(proposal.by, 60)})`;
  if (older) return `${state} (${people.at(-1)?.said ?? 'decided'} for an older text)`;
  return although.length > 0 ? `${state} despite a check` : state;
}

function summarise({ figures, queued, unreadable }: ReviewFile, { json }: Flags): void {
  const { counts, precision, agreement } = figures;
  if (json) {
    const several = agreement.length > 0 && { agreement };
    printJson({ summary: { rows: queued, ...counts, unreadable, precision, ...several } });
    return;
  }
  const { accepted, edited, discarded, pending, none } = counts;
  const bad = unreadable > 0 ? [`Kept ${several(unreadable, 'line')} that could not be read as rows.`] : [];
  const sources = precision.slice(0, 12).map((source) => `  ${describePrecision(source)}`);
  note(
    [
      reviewProgress(accepted + edited + discarded, pending, none),
      `${accepted} accepted, ${edited} edited, ${discarded} discarded, ${pending} pending`,
      ...(sources.length > 0 ? ['accepted without edits (95% interval)', ...sources] : []),
      ...agreement.map((figures) => describeAgreement(figures)),
      ...bad,
    ].join('\n'),
  );
}

/** Returns a text about the precision of a rule, such as "side.of 5 of 6 (43.6–97.0 %)". */
function describePrecision({ name, deferred, right, n, interval }: Precision): string {
  return `${printable(name, 40)}${deferred ? ' (deferred)' : ''} ${right} of ${n} (${percentsText(interval)})`;
}
