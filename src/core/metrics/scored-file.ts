import { scoreRow } from '../answers/score-row.ts';
import { scoreSchema } from '../answers/score-schema.ts';
import { SCORING_RULES, type ScoreRow } from '../answers/score.ts';
import { isSpatialQuestion } from '../answers/task.ts';
import { isRecord } from '../../base/json.ts';
import {
  compareRuns,
  oodGap,
  oppositePairs,
  shiftMetrics,
  shiftPairs,
  type ComparisonRow,
} from './compare-rows.ts';
import { styleOf, type Style } from './answer-lengths.ts';
import { countReasoningWords } from '../evaluation/reasoning-words.ts';
import type { EvaluationResult, Metric } from '../evaluation/results.ts';
import { groupBy, questionsBeyond, type ScoredRow } from '../evaluation/scored-row.ts';
import { summarise, type MetricRow } from './summarise.ts';
import { ORIGINAL, POLARITY, viewOfRow } from '../../rows/view-list.ts';
import { matrixOf, matrixResults } from './view-matrix.ts';

/**
 * Returns a row with its stored score, or scores the row if it has none.
 * @param beside default version of the rules, for rows that contain no version
 * @returns `version` of the rules that scored the row; null if unknown
 */
function scoredCompletion(
  value: Readonly<Record<string, unknown>>,
  row: ScoreRow & { id: string },
  beside: number | null,
): { version: number | null; row: ScoredRow } {
  const scored = scoreSchema.safeParse(value.score).data;
  const version = typeof value.scoring_rules === 'number' ? value.scoring_rules : beside;
  return {
    version: scored ? version : SCORING_RULES,
    row: { ...row, score: scored ?? scoreRow(row), reasoning_words: countReasoningWords(row.completion) },
  };
}

/** Answers in a file, each with its score. */
export class ScoredFile {
  readonly rows: ScoredRow[] = [];
  private readonly versions = new Set<number | null>();

  static readonly look = scoredCompletion;

  take({ version, row }: ReturnType<typeof scoredCompletion>): void {
    this.versions.add(version);
    this.rows.push(row);
  }

  /** Versions of the rules that scored the rows, ascending; an unknown version is null. */
  get rules(): (number | null)[] {
    return [...this.versions].sort((a, b) => (a ?? 0) - (b ?? 0));
  }

  /** Returns an error if two files have known and different versions of the scoring rules; otherwise null. */
  refusalToCompare(other: ScoredFile): string | null {
    const versions = new Set([...other.rules, ...this.rules].filter((version) => version !== null));
    if (versions.size <= 1) return null;
    return `The two files were scored by different rules (versions ${rulesText([...versions].sort())}). The rules alone can cause a difference.`;
  }

  /** Whether any row has a value in a field, as read by `fieldOf`. */
  has(field: string): boolean {
    return this.rows.some((row) => fieldOf(row, field) !== NONE);
  }

  /**
   * Computes the metrics of the file.
   * @param more field to group by (`fieldOf`); whether view matrices include original, mirror and opposite; another
   * model's answers to the same questions; rows out of distribution
   */
  figures(more: {
    by?: string | undefined;
    allViews?: boolean;
    against?: ScoredFile;
    ood?: ScoredFile;
  }): FileFigures {
    const { by, allViews = false, against, ood } = more;
    const { rows } = this;
    // A single metric over originals and opposite questions would mix two kinds of questions.
    const isOfViews = by === undefined && new Set(rows.map((row) => fieldOf(row, 'view'))).size > 1;
    const apart = isOfViews ? 'view' : by;
    const hasFlips = rows.some((row) => viewOfRow(row) === POLARITY);
    const problems: Record<string, number> = {};
    for (const { score } of rows)
      if (score.problem) problems[score.problem] = (problems[score.problem] ?? 0) + 1;
    const views = [...groupBy(rows, ({ set }) => set ?? '')].flatMap(([set, ofSet]) =>
      (allViews ? matrixOf : matrixResults)(set, ofSet),
    );
    return {
      rows: rows.length,
      scoring_rules: this.rules,
      problems,
      ...(apart !== undefined && { by: apart }),
      metrics: [
        ...summarise(rows, (row) => (apart ? fieldOf(row, apart) : '')),
        ...(isOfViews ? summarise(rows, () => BOTH).filter(({ task }) => task === 'views') : []),
      ].filter(({ metric }) => !OF_FORMAT.includes(metric) || hasFormat(rows)),
      style: styleOf(rows.filter(({ score }) => !score.problem)),
      ...(views.length > 0 && { views }),
      ...(against && {
        comparison: compareRuns(against.rows, rows),
        left_out: { this: questionsBeyond(rows, against.rows), other: questionsBeyond(against.rows, rows) },
      }),
      ...(ood
        ? { shift: shiftOf(shiftPairs(rows, ood.rows)) }
        : hasFlips && { shift: shiftOf(oppositePairs(rows)) }),
    };
  }
}

/** Formats versions of the scoring rules, such as `2`, `1 and 2`, `2 and unknown`. */
export const rulesText = (rules: FileFigures['scoring_rules']): string =>
  rules.map((rule) => rule ?? 'unknown').join(' and ');

export interface FileFigures {
  rows: number;
  scoring_rules: (number | null)[];
  /** Number of rows that cannot be scored, by reason. No metric includes these rows. */
  problems: Record<string, number>;
  /** Field that groups the metrics; absent if the metrics are not grouped. */
  by?: string;
  metrics: MetricRow[];
  style: Style;
  /** View matrix of each set; undefined if the rows have no views. */
  views?: EvaluationResult[];
  /** Comparison with another file; undefined without another file, empty if the files share no rows. */
  comparison?: ComparisonRow[];
  /** Number of questions that only this file contains, and that only the other file contains. */
  left_out?: { this: number; other: number };
  /** `relative`: OOD accuracy (out of distribution) / ID accuracy − 1, in percent. Null if no rows are shared. */
  shift?: { metrics: Record<string, Metric>; relative: number | null } | null;
}

function shiftOf(pairs: ReturnType<typeof shiftPairs>): FileFigures['shift'] {
  if (pairs.length === 0) return null;
  const metrics = shiftMetrics(pairs);
  const [id, changed] = [metrics.id!.value, metrics.ood!.value];
  return { metrics, relative: id === null || changed === null ? null : oodGap(id, changed).relative };
}

const BOTH = 'both';

/** Metrics that have no meaning if the prompt required no format. */
const OF_FORMAT = ['format_ok', 'extracted'];

/** Whether the rows come from an evaluation, or any completion has a tag. Plain files of answers have no tags. */
const hasFormat = (rows: readonly ScoredRow[]): boolean =>
  rows.some(
    (row) =>
      'segments' in row || row.score.extraction !== undefined || !['whole', 'none'].includes(row.score.path),
  );

const NONE = '–';

/** Returns a field of a row by its dotted path, as text; `kind` is `spatial` or `general` [B-64]. */
function fieldOf(row: ScoredRow, path: string): string {
  if (path === 'kind') return isSpatialQuestion(row.question ?? '') ? 'spatial' : 'general';
  const value = path.split('.').reduce<unknown>((node, key) => (isRecord(node) ? node[key] : undefined), row);
  if (value === undefined || value === null)
    return path === 'task' ? row.score.task : path === 'view' ? ORIGINAL : NONE;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
