import type { Command } from 'commander';
import { inputName, isNamed, joined } from '../input.ts';
import { formatTable, print, printJson, tell } from '../print.ts';
import { tellMisfits } from '../set-reading.ts';
import { type ReadingOptions, openSet, rowsOf } from '../tables.ts';
import { SetReading, withFoundTask } from '../../core/answers/set-reading.ts';
import { ofRows, percent, percents } from '../../core/format.ts';
import { taskLabel } from '../../core/labels.ts';
import { TRIED_ROWS, unevenRates } from '../../core/metrics/judged-rates.ts';
import { ShortcutAudit } from '../../core/metrics/question-only.ts';
import { type Audit, auditEnds, auditNotes, auditWords } from '../../core/metrics/shortcuts.ts';
import { unevenText } from '../../core/metrics/uneven.ts';
import type { Sample } from '../../core/sample/sample.ts';
import { isShellStream } from '../../lab/files/regular.ts';

interface AuditOptions extends ReadingOptions {
  json?: boolean;
  train?: string;
}

export function addAuditCommand(data: Command): void {
  data
    .command('audit')
    .description('Measure how often answers can be guessed without the picture, for originals and mirrors.')
    .argument('<file>', 'data set in any format that convert reads')
    .option('--train <file>', 'learn the common answers from this file (default: the other rows)')
    .option('--from <format>', 'format of the files, as in chirality convert', 'auto')
    .option('--map <rules>', 'field=column,… as in chirality convert', joined)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
The audit answers each question without its picture, with the most common answer to questions that begin the same way.
If that scores far above chance, the wording gives the answer away. If it scores lower on mirrors than on originals, the
data favours one side. Mirrors come from the file, or else from the rules; rows without one count only as originals.

Examples:
  chirality data audit train.qa.jsonl
  chirality data audit test.qa.jsonl --train train.qa.jsonl --json`,
    )
    .action(audit);
}

async function audit(file: string, options: AuditOptions): Promise<void> {
  const { train } = options;
  const audit = new ShortcutAudit(train === undefined);
  const learn = (row: Sample) => audit.learn(row);
  const rows = await firstReading(file, options, train === undefined ? learn : undefined);
  if (train !== undefined) await firstReading(train, options, learn);
  const tried: Sample[] = [];
  let count = 0;
  for await (const row of rows()) {
    if (++count <= TRIED_ROWS) tried.push(row);
    audit.add(row);
  }
  const audits = audit.audits();
  const uneven = unevenRates(tried);
  if (options.json) printJson({ ...Object.fromEntries(audits), ...(uneven && { judged_unevenly: uneven }) });
  else {
    const all = audits.get('all')!;
    print(`${[auditWords(all), ...auditNotes(all, count)].join(' ')}\n\n${table(audits)}`);
    if (uneven) tell(unevenText(inputName(file), uneven));
  }
}

/**
 * Reads a data set to tell how its rows are read. What it returns yields them in a second reading, so that none is held
 * in memory; a pipe, which cannot be read twice, is held.
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
  for await (const { sample } of rowsOf(await open(), file, 'audit')) {
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
