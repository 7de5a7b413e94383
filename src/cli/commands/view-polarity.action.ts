import type { RewriterFlags } from '../command-options.ts';
import { RewrittenTally, Tally, type RewrittenSummary, statusLines, tallyLines } from '../tally.ts';
import { openRewriter, tellRewritten } from '../rewriter.ts';
import type { Sample, PolarityVariant } from '../../rows/sample/sample.ts';
import { isDecided, NO_RULES, polarityRow } from '../../lab/recipes/rewrite-data-set.ts';
import { tell } from '../print.ts';
import { transformSamples } from '../write-samples.ts';
import { POLARITY } from '../../rows/view-list.ts';
import { checkLabel } from '../../base/labels.ts';
import { printable } from '../../base/printable.ts';

interface Flags extends RewriterFlags {
  output?: string;
  tiesExcluded?: true;
  explain?: true;
  json?: true;
}

export async function polarity(file: string | undefined, flags: Flags): Promise<void> {
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
    'rules (number of rows)',
    ...tallyLines(summary.rules),
    'reasons for rows without an opposite',
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
