import type { OptionsOf } from '../command-options.ts';
import type { addPolarityCommand } from './view-polarity.command.ts';
import {
  type RewrittenRow,
  rewrittenRow,
  RewrittenTally,
  Tally,
  type RewrittenSummary,
  statusLines,
  tallyLines,
} from '../tally.ts';
import { openRewriter, tellRewritten } from '../rewriter.ts';
import type { Sample, PolarityVariant } from '../../rows/sample/sample.ts';
import { isDecided, NO_RULES, polarityRow } from '../../lab/recipes/rewrite-data-set.ts';
import { flipPolarity } from '../../rows/views/polarity/flip.ts';
import { transformJob, transformSamples } from '../write-samples.ts';
import { checkLabel } from '../../base/labels.ts';
import { printable } from '../../base/printable.ts';

type Flags = OptionsOf<typeof addPolarityCommand>;

const declared = (sample: Sample, { tiesExcluded }: Pick<Flags, 'tiesExcluded'>): Sample =>
  tiesExcluded ? { ...sample, meta: { ...sample.meta, no_tie: true } } : sample;

/** Returns the opposite question of a row if a reviewer has decided about it; else null. */
function keptOf({ variants }: Sample): PolarityVariant | null {
  const before = variants?.polarity;
  return isDecided(before) ? { ...NO_RULES, ...before! } : null;
}

const withPolarity = (sample: Sample, polarity: PolarityVariant, isExplained?: true) => ({
  out: { ...sample, variants: { ...sample.variants, polarity } },
  note: rewrittenRow(
    polarity,
    isDecided(sample.variants?.polarity) ? 'kept' : 'new',
    isExplained && (() => explain(sample, polarity)),
  ),
});

export const polarityJob = transformJob((setup: Pick<Flags, 'tiesExcluded' | 'explain'>) => (sample) => {
  const variant = keptOf(sample) ?? flipPolarity(declared(sample, setup));
  return withPolarity(sample, variant, setup.explain);
});

export async function polarity(file: string | undefined, flags: Flags): Promise<void> {
  const [tally, reasons] = [new RewrittenTally(), new Tally()];
  const model = openRewriter(flags, null, null);
  const { tiesExcluded, explain: isExplained } = flags;
  const take = (row: RewrittenRow) => {
    tally.add(row);
    if (row.variant.reason !== undefined) reasons.add(row.variant.reason);
  };
  const flipOne = async (sample: Sample) => {
    const variant = keptOf(sample) ?? (await polarityRow(declared(sample, flags), model));
    const { out, note } = withPolarity(sample, variant, isExplained);
    take(note);
    return out;
  };
  try {
    const counts = await transformSamples(file, flags.output, flipOne, {
      atOnce: model ? 2 * flags.concurrency : 1,
      threaded: model ? null : { job: 'polarity', setup: { tiesExcluded, explain: isExplained }, take },
    });
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

/** Returns the row's id and outcome, its texts before and after, and its checks. */
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
