import type { GrpoConfig } from '../../core/config/run.ts';
import { readCompletion } from '../../core/answers/extract.ts';
import { answerOf } from '../../core/rewards/parts.ts';
import { probeCompletions, probeRewards, type ProbeResult } from '../../core/rewards/probe.ts';
import type { Sample } from '../../core/sample/sample.ts';
import { trustedVariant } from '../../core/sample/variant.ts';
import { variantFor } from '../../core/views/view.ts';
import { similarities, type Encoder } from '../encoders/encoder.ts';
import type { RowSource } from '../rollouts/source.ts';
import { VARIANT_NAMES } from '../../core/views/list.ts';

/** Stored variants first, then those of the rules, but only trusted ones, since others may not be opposites. */
function trustedVariants(sample: Sample): NonNullable<Sample['variants']> {
  return Object.fromEntries(
    VARIANT_NAMES.flatMap((name) => {
      const variants = { [name]: variantFor(sample, name) };
      const trusted = trustedVariant({ ...sample, variants }, name);
      return trusted ? [[name, trusted]] : [];
    }),
  );
}

/** How many rows to check before a run. */
const ROWS = 200;

/** Checks which rewards worthless and opposite answers would get, over the first rows of the data (R54). */
export async function checkRewards(
  config: Pick<GrpoConfig, 'rewards' | 'coupling' | 'extraction'>,
  rows: RowSource,
  encoder: Encoder | null,
): Promise<ProbeResult[]> {
  const samples: Sample[] = [];
  for await (const [original] of rows.all()) {
    const { sample } = original!;
    samples.push({ ...sample, variants: trustedVariants(sample) });
    if (samples.length === ROWS) break;
  }
  const pairs = probeCompletions(samples).flatMap(({ sample, completion }) => {
    const answer = answerOf(readCompletion(completion), config.extraction);
    return answer === null ? [] : [[answer, sample.answer] as const];
  });
  const values = encoder ? await similarities(encoder, pairs) : [];
  const rewards = new Map(pairs.map((pair, i) => [JSON.stringify(pair), values[i] ?? 0]));
  return probeRewards(
    samples,
    { weights: config.rewards, threshold: config.coupling.threshold, extraction: config.extraction },
    (answer, reference) => rewards.get(JSON.stringify([answer, reference])) ?? 0,
  );
}
