import type { Command } from 'commander';
import { flipPolarity } from '../../core/spatial/polarity/flip.ts';
import type { PolarityVariant, Sample } from '../../core/spatial/sample.ts';
import { transformSamples } from '../samples.ts';

interface Flags {
  output?: string;
  tiesExcluded?: true;
  explain?: true;
  json?: true;
}

/** `chirality polarity`: adds the polarity flip of every row, by rules. */
export function addPolarityCommand(program: Command): void {
  program
    .command('polarity')
    .description('Add the opposite question and its answer (variants.polarity) to every row, by rules.')
    .argument('[file]', 'rows to flip (*.qa.jsonl); standard input without it')
    .option('-o, --output <file>', 'where to write; standard output without it')
    .option('--ties-excluded', 'the data guarantee that things which a question compares are never equal')
    .option('--explain', 'say for every row what became of it and why, on standard error')
    .option('--json', 'the summary as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  chirality polarity cvbench.qa.jsonl -o flipped.qa.jsonl
  chirality polarity sat.qa.jsonl --ties-excluded --explain > /dev/null
  head -100 data.qa.jsonl | chirality polarity --json > /dev/null

The picture stays; "closer to" becomes "farther from" and the answer follows. Rows whose opposite answer does not
follow become needs_info, needs_llm or not_applicable and are never evaluated on (docs/polarity.md).
The summary goes to standard error.`,
    )
    .action(polarity);
}

async function polarity(file: string | undefined, flags: Flags): Promise<void> {
  const tables = { status: new Map<string, number>(), rules: new Map(), reasons: new Map() };
  const counts = await transformSamples(file, flags.output, 'polarity', (sample) => {
    const known = flags.tiesExcluded ? { ...sample, meta: { ...sample.meta, no_tie: true } } : sample;
    const variant = flipPolarity(known);
    count(tables.status, variant.status);
    for (const rule of variant.rules) count(tables.rules, rule);
    if (variant.reason !== undefined) count(tables.reasons, variant.reason);
    if (flags.explain) console.error(explain(sample, variant));
    return { ...sample, variants: { ...sample.variants, polarity: variant } };
  });
  const summary = {
    ...counts,
    status: byCount(tables.status),
    rules: byCount(tables.rules),
    reasons: byCount(tables.reasons),
  };
  console.error(flags.json ? JSON.stringify(summary) : describe(summary));
  if (counts.bad > 0) process.exitCode = 1;
}

const count = (table: Map<string, number>, key: string): void => {
  table.set(key, (table.get(key) ?? 0) + 1);
};

const byCount = (table: Map<string, number>): Record<string, number> =>
  Object.fromEntries([...table].sort(([, a], [, b]) => b - a));

interface Summary {
  rows: number;
  bad: number;
  status: Record<string, number>;
  rules: Record<string, number>;
  reasons: Record<string, number>;
}

function describe({ rows, bad, status, rules, reasons }: Summary): string {
  const list = (table: Record<string, number>) =>
    Object.entries(table).map(([name, n]) => `  ${String(n).padStart(8)}  ${name}`);
  return [
    `${rows} rows${bad ? `, ${bad} of them bad` : ''}`,
    ...list(status),
    'rules (rows in which each was used)',
    ...list(rules),
    'why rows were not flipped',
    ...list(reasons),
  ].join('\n');
}

/** The row's id and outcome, its texts before and after, and its checks. */
function explain(
  sample: Sample,
  { status, question, answer, rules, reason, checks }: PolarityVariant,
): string {
  const lines = [`${sample.id}: ${status}${rules.length > 0 ? ` (${rules.join(', ')})` : ''}`];
  if (status === 'flipped' || status === 'needs_info') lines.push(`  ${sample.question}`, `→ ${question}`);
  if (status === 'flipped') {
    lines.push(`  ${sample.answer}`, `→ ${answer}`);
    lines.push(
      `  ${Object.entries(checks)
        .map(([name, result]) => `${name}: ${result}`)
        .join(', ')}`,
    );
  }
  return [...lines, ...(reason ? [`  ${reason}`] : [])].join('\n');
}
