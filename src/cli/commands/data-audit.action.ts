import { isShellStream } from '../../lab/files/regular.ts';
import { type ReadingOptions, rowsOf, openSet } from '../tables.ts';
import { ShortcutAudit } from '../../core/metrics/question-only.ts';
import { RuleTrials } from '../../core/metrics/judged-rates.ts';
import { formatTable } from '../../base/printable.ts';
import { printJson, print, tell } from '../print.ts';
import { auditTexts, auditEnds, type Audit } from '../../core/metrics/shortcuts.ts';
import { unevenText } from '../../core/metrics/uneven.ts';
import { isNamed, inputName } from '../input.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { SetReading, withFoundTask } from '../../core/answers/set-reading.ts';
import { tellMisfits } from '../print-set-reading.ts';
import { taskLabel } from '../../base/labels.ts';
import { percents, ofRows, percent } from '../../base/format.ts';
import { ORIGINAL } from '../../rows/view-list.ts';

interface AuditOptions extends ReadingOptions {
  json?: boolean;
  train?: string;
}

export async function audit(file: string, options: AuditOptions): Promise<void> {
  const { train } = options;
  const audit = new ShortcutAudit(train === undefined);
  const learn = (row: Sample) => audit.learn(row);
  const rows = await firstReading(file, options, train === undefined ? learn : undefined);
  if (train !== undefined) await firstReading(train, options, learn);
  const trials = new RuleTrials();
  let count = 0;
  for await (const row of rows()) {
    count += 1;
    trials.add(file, ORIGINAL, row);
    audit.add(row);
  }
  const audits = audit.audits();
  const uneven = trials.uneven().get(file);
  if (options.json) printJson({ ...Object.fromEntries(audits), ...(uneven && { judged_unevenly: uneven }) });
  else {
    const all = audits.get('all')!;
    const { meaning, notes } = auditTexts(all, count);
    print(`${[meaning, ...notes].join(' ')}\n\n${table(audits)}`);
    if (uneven) tell(unevenText(inputName(file), uneven));
  }
}

/**
 * Reads a dataset to determine the format of its rows. Returns a function that reads the rows a second time, so that
 * they need not fit in memory. Rows from a pipe, which cannot be read twice, stay in memory.
 * @param take gets each row at the first reading
 */
async function firstReading(
  file: string,
  options: AuditOptions,
  take: (row: Sample) => void = () => undefined,
): Promise<() => AsyncGenerator<Sample>> {
  const reading = new SetReading<unknown>();
  const open = () => openSet(file, options, { relativeTo: '.' });
  const held: { sample: Sample }[] | null = isNamed(file) && !isShellStream(file) ? null : [];
  for await (const { sample } of rowsOf(await open(), file)) {
    if (!sample) continue;
    take(sample);
    reading.add(sample, sample.id);
    held?.push({ sample });
  }
  tellMisfits(reading.summary, file);
  return async function* () {
    for await (const { sample } of held ?? (await open()).rows)
      if (sample) yield withFoundTask(sample, reading);
  };
}

function table(audits: ReadonlyMap<string, Audit>): string {
  return formatTable(
    ['task', 'rows', 'originals %', 'one answer %', 'chance %', 'pairs', 'mirrors %', 'both %'],
    [...audits].map(([task, audit]) => [
      taskLabel(task),
      `${audit.rows}`,
      percents(auditEnds(audit, 'original')),
      percent(audit.constant),
      ofRows(percent(audit.chance), audit.chance_n),
      `${audit.pairs}`,
      percents(auditEnds(audit, 'mirror')),
      percents(auditEnds(audit, 'both')),
    ]),
  );
}
