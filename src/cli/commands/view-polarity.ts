import type { Command } from 'commander';
import { printable } from '../../core/printable.ts';
import type { PolarityVariant, Sample } from '../../core/sample/sample.ts';
import { isDecided, NO_RULES, polarityRow } from '../../lab/recipes/rewrite-data-set.ts';
import { statusLines, RewrittenTally, Tally, tallyLines, type RewrittenSummary } from '../tally.ts';
import { openRewriter, tellRewritten, withRewriter, type RewriterFlags } from '../rewriter.ts';
import { transformSamples } from '../samples.ts';
import { checkLabel } from '../../core/labels.ts';
import { tell } from '../print.ts';
import { POLARITY } from '../../core/view-list.ts';

interface Flags extends RewriterFlags {
  output?: string;
  tiesExcluded?: true;
  explain?: true;
  json?: true;
}

/**
 * `chirality view polarity`: adds the polarity flip of every row, by rules, or by a language model for rows that the rules
 * defer.
 */
export function addPolarityCommand(program: Command): void {
  const command = program
    .command('polarity')
    .description(
      'Add the opposite question and answer (variants.polarity) to every row, by rules and optionally a language model.',
    )
    .argument('[file]', 'rows to flip (*.qa.jsonl) (default: standard input)')
    .option('-o, --output <file>', 'output file (default: standard output)')
    .option('--ties-excluded', 'assume that the things a question compares are never equal')
    .option('--explain', 'explain on standard error what happened to each row and why')
    .option('--json', 'print the summary as JSON');
  withRewriter(command, POLARITY)
    .addHelpText(
      'after',
      `
Examples:
  chirality view polarity cvbench.qa.jsonl -o flipped.qa.jsonl
  chirality view polarity sat.qa.jsonl --ties-excluded --explain > /dev/null
  head -100 data.qa.jsonl | chirality view polarity --json > /dev/null

The picture stays; "closer to" becomes "farther from" and the answer changes with it. Rows whose opposite cannot be
derived become needs_info, needs_llm or not_applicable and are never evaluated on (docs/polarity.md). With --llm, a
language model rewrites needs_llm rows; rewrites that no scene graph proves wait for chirality review --view polarity
(docs/review.md). Rows that have been reviewed stay unchanged.
The summary goes to standard error.`,
    )
    .action(polarity);
}

async function polarity(file: string | undefined, flags: Flags): Promise<void> {
  const [tally, reasons] = [new RewrittenTally(), new Tally()];
  const model = openRewriter(flags, null, null);
  const flipOne = async (sample: Sample) => {
    const declared = flags.tiesExcluded ? { ...sample, meta: { ...sample.meta, no_tie: true } } : sample;
    const before = sample.variants?.polarity;
    const kept = isDecided(before) ? { ...NO_RULES, ...before! } : null;
    const variant = kept ?? (await polarityRow(declared, model));
    tally.add(variant, kept !== null);
    if (variant.reason !== undefined) reasons.add(variant.reason);
    if (flags.explain) tell(explain(sample, variant));
    return { ...sample, variants: { ...sample.variants, polarity: variant } };
  };
  try {
    const atOnce = model ? 2 * flags.concurrency : 1;
    const counts = await transformSamples(file, flags.output, POLARITY, flipOne, { atOnce });
    const summary = { ...counts, ...tally.summary(), reasons: reasons.summary() };
    tellRewritten(summary, describe, flags, tally, model);
  } finally {
    await model?.endpoint.close();
  }
}

interface Summary extends RewrittenSummary {
  rows: number;
  bad: number;
  reasons: Record<string, number>;
}

function describe(summary: Summary): string {
  return [
    ...statusLines(summary),
    'rules (rows in which each was used)',
    ...tallyLines(summary.rules),
    'why rows were not flipped',
    ...tallyLines(summary.reasons),
  ].join('\n');
}

const RESULT_WORDS = { pass: 'yes', fail: 'no', undecidable: 'undecided' };

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
        .map(([name, result]) => `${checkLabel(name)}: ${RESULT_WORDS[result]}`)
        .join('; ')}`,
    );
  }
  return [...lines, ...(reason ? [`  ${reason}`] : [])].map((line) => printable(line)).join('\n');
}
