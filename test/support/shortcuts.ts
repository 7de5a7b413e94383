import { ShortcutAudit } from '../../src/core/metrics/question-only.ts';
import type { Sample } from '../../src/rows/sample/sample.ts';

/** The audit of rows that are held. @param learnt rows that the baseline learns; by default, the audited rows themselves */
export function auditShortcuts(
  rows: readonly Sample[],
  learnt: readonly Sample[] = rows,
): ReturnType<ShortcutAudit['audits']> {
  const audit = new ShortcutAudit(learnt === rows);
  for (const row of learnt) audit.learn(row);
  for (const row of rows) audit.add(row);
  return audit.audits();
}
