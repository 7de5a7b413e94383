import type { GrpoConfig } from '../../core/config/run.ts';
import { readCompletion } from '../../core/answers/extract.ts';
import { answerOf } from '../../core/rewards/parts.ts';
import { probeCompletions, probeRewards, type ProbeResult } from '../../core/rewards/probe.ts';
import type { Sample } from '../../core/spatial/sample.ts';
import { flipPolarity } from '../../core/spatial/polarity/flip.ts';
import { mirrorSample } from '../../core/spatial/mirror/mirror-sample.ts';
import { trustedVariant } from '../../core/spatial/variant.ts';
import { similarities, type Encoder } from '../encoders/encoder.ts';
import type { RowSource } from '../rollouts/source.ts';

/** Stored variants first, then those of the rules; what cannot be trusted is no opposite answer. */
function trustedVariants(sample: Sample): NonNullable<Sample['variants']> {
  const { mirror = mirrorSample(sample), polarity = flipPolarity(sample) } = sample.variants ?? {};
  const both = { ...sample, variants: { mirror, polarity } };
  return {
    ...(trustedVariant(both, 'mirror') && { mirror }),
    ...(trustedVariant(both, 'polarity') && { polarity }),
  };
}

/** How many rows the check before a run looks at. */
const ROWS = 200;

/** What the configured rewards give to worthless and to opposite answers, over the first rows of the data (R54). */
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
  const known = new Map(pairs.map((pair, i) => [JSON.stringify(pair), values[i] ?? 0]));
  return probeRewards(
    samples,
    { weights: config.rewards, threshold: config.coupling.threshold, extraction: config.extraction },
    (answer, reference) => known.get(JSON.stringify([answer, reference])) ?? 0,
  );
}
