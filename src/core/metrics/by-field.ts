import { isSpatialQuestion } from '../answers/task.ts';
import { isRecord } from '../../base/json.ts';
import { groupBy, type ScoredRow } from '../evaluation/scored-row.ts';

/** Maximum number of distinct values of a field that divides rows into kinds. */
const MOST = 80;

/**
 * Fields that divide the rows of published sets into kinds: the question types of SAT and Q-Spatial, the
 * relations of VSR, and the spatial and general questions of vqasynth_spacellava [B-64].
 */
export const ROW_FIELDS: Record<string, (row: ScoredRow) => unknown> = {
  question_type: ({ meta }) => (isRecord(meta) ? meta.question_type : undefined),
  relation: ({ meta }) => (isRecord(meta) ? meta.relation : undefined),
  // Visibility of the question's objects to a model family (`eval --sees`).
  seen: ({ meta }) => (isRecord(meta) ? meta.seen : undefined),
  kind: ({ question = '' }) => (isSpatialQuestion(question) ? 'spatial' : 'general'),
};

/** Groups the rows by each field that every row has and that has several distinct values. */
export function rowsByField<R extends ScoredRow>(
  rows: readonly R[],
): { field: string; groups: Map<string, R[]> }[] {
  return Object.entries(ROW_FIELDS).flatMap(([field, valueOf]) => {
    const values = rows.map(valueOf);
    if (!values.every((value) => typeof value === 'string' && value !== '')) return [];
    const groups = groupBy(rows, (row) => valueOf(row) as string);
    return groups.size > 1 && groups.size <= MOST ? [{ field, groups }] : [];
  });
}
