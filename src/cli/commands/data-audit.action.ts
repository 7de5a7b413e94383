import { type ReadingOptions, rowsOf, openSet } from '../tables.ts';
import { auditShortcuts } from '../../core/metrics/question-only.ts';
import { unevenRates } from '../../core/metrics/judged-rates.ts';
import { printJson, print, tell, formatTable } from '../print.ts';
import { auditWords, auditNotes, type Audit, auditEnds } from '../../core/metrics/shortcuts.ts';
import { unevenText } from '../../core/metrics/uneven.ts';
import { inputName } from '../input.ts';
import type { Sample } from '../../core/sample/sample.ts';
import { SetReading, withFoundTask } from '../../core/answers/set-reading.ts';
import { tellMisfits } from '../set-reading.ts';
import { taskLabel } from '../../core/labels.ts';
import { percents, ofRows, percent } from '../../core/format.ts';

interface AuditOptions extends ReadingOptions {
  json?: boolean;
  train?: string;
}

export async function audit(file: string, options: AuditOptions): Promise<void> {
  const rows = await readAll(file, options);
  const learnt = options.train === undefined ? undefined : await readAll(options.train, options);
  const audits = auditShortcuts(rows, learnt);
  const uneven = unevenRates(rows);
  if (options.json) printJson({ ...Object.fromEntries(audits), ...(uneven && { judged_unevenly: uneven }) });
  else {
    const all = audits.get('all')!;
    print(`${[auditWords(all), ...auditNotes(all, rows.length)].join(' ')}\n\n${table(audits)}`);
    if (uneven) tell(unevenText(inputName(file), uneven));
  }
}

async function readAll(file: string, options: AuditOptions): Promise<Sample[]> {
  const samples: Sample[] = [];
  const reading = new SetReading<unknown>();
  for await (const { sample } of rowsOf(await openSet(file, options, { relativeTo: '.' }), file, 'audit'))
    if (sample) {
      samples.push(sample);
      reading.add(sample, sample.id);
    }
  tellMisfits(reading.summary, file);
  return samples.map((sample) => withFoundTask(sample, reading));
}

function table(audits: ReadonlyMap<string, Audit>): string {
  return formatTable(
    ['task', 'rows', 'originals %', 'chance %', 'pairs', 'mirrors %', 'both %'],
    [...audits].map(([task, audit]) => [
      taskLabel(task),
      `${audit.rows}`,
      percents(auditEnds(audit, 'original')),
      ofRows(percent(audit.chance), audit.chance_n),
      `${audit.pairs}`,
      percents(auditEnds(audit, 'mirror')),
      percents(auditEnds(audit, 'both')),
    ]),
  );
}
