import type { Command } from 'commander';
import { ofRows, percent, taskLabel } from '../../core/labels.ts';
import { auditShortcuts, auditNotes, auditWords, type Audit } from '../../core/metrics/question-only.ts';
import type { Sample } from '../../core/sample/sample.ts';
import { columnMapping } from '../../lab/datasets/mappings/columns.ts';
import { openDataset } from '../../lab/datasets/read.ts';
import { Progress } from '../progress.ts';
import { datasetInput, inputName, LeftOut } from '../input.ts';
import { usage } from '../samples.ts';
import { rowNumberText } from '../../lab/datasets/rows.ts';
import { UsageError } from '../errors.ts';
import { formatTable, print, printJson } from '../print.ts';

interface AuditOptions {
  from: string;
  map?: string;
  json?: boolean;
  train?: string;
}

export function addAuditCommand(data: Command): void {
  data
    .command('audit')
    .description('Measure how often answers can be guessed without the picture, on originals and on mirrors.')
    .argument('<file>', 'data set in any format that convert reads')
    .option('--train <file>', 'learn which answers are frequent from this file (default: the other rows)')
    .option('--from <format>', 'format of the files, as in chirality convert', 'auto')
    .option('--map <rules>', 'field=column,… as in chirality convert')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
The audit answers each question without its picture, with the most frequent answer to questions that begin alike. If
that scores far above chance, the wording gives the answer away. If it scores lower on mirrors than on originals, the
data leans to one side. Mirrors come from the file, or else from the rules; rows without one count as originals only.

Examples:
  chirality data audit train.qa.jsonl
  chirality data audit test.qa.jsonl --train train.qa.jsonl --json`,
    )
    .action(audit);
}

async function audit(file: string, options: AuditOptions): Promise<void> {
  const rows = await readAll(file, options);
  const learnt = options.train === undefined ? undefined : await readAll(options.train, options);
  const audits = auditShortcuts(rows, learnt);
  if (options.json) printJson(Object.fromEntries(audits));
  else {
    const all = audits.get('all')!;
    print(`${[auditWords(all), ...auditNotes(all, rows.length)].join(' ')}\n\n${table(audits)}`);
  }
}

async function readAll(file: string, { from, map }: AuditOptions): Promise<Sample[]> {
  if (map !== undefined) usage(() => columnMapping(map));
  const input = await datasetInput(file);
  const source = await openDataset(input, { from, relativeTo: '.', ...(map !== undefined && { map }) });
  const progress = new Progress(`audit ${inputName(file)}`, source.total);
  const leftOut = new LeftOut(file);
  const samples: Sample[] = [];
  for await (const { sample, problems, ...place } of source.rows) {
    if (sample) samples.push(sample);
    else leftOut.add(rowNumberText(place), problems);
    progress.update(samples.length);
  }
  progress.end();
  leftOut.end(samples.length + leftOut.bad);
  if (samples.length === 0) throw new UsageError(`${inputName(file)}: There are no rows.`);
  return samples;
}

function table(audits: ReadonlyMap<string, Audit>): string {
  return formatTable(
    ['task', 'rows', 'originals %', 'chance %', 'pairs', 'mirrors %', 'both %'],
    [...audits].map(([task, { rows, original, chance, chance_n, pairs, mirror, both }]) => [
      taskLabel(task),
      `${rows}`,
      percent(original),
      ofRows(percent(chance), chance_n),
      `${pairs}`,
      percent(mirror),
      percent(both),
    ]),
  );
}
