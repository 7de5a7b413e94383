import type { GrpoConfig } from '../../core/config/run-config.ts';
import { readCompletion } from '../../core/answers/extract.ts';
import { ownQuestion } from '../../core/rewards/own.ts';
import { probeCompletions, probeRewards, type ProbeResult } from '../../core/rewards/reward-probe.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { similarities, type Encoder } from '../encoders/encoder.ts';
import type { OwnRewards } from '../rollouts/score-pairs.ts';
import type { RowSource } from '../rollouts/draw-groups.ts';
import { ORIGINAL } from '../../rows/view-list.ts';

/** Number of rows to check before a run, and the lower number for custom rewards, which can be slow. */
const ROWS = 200;
const ROWS_OF_PROGRAMS = 20;

/** Computes the rewards of worthless and of opposite answers, for the first rows of the data (R54). */
export async function checkRewards(
  config: Pick<GrpoConfig, 'rewards' | 'coupling' | 'extraction'>,
  rows: RowSource,
  encoder: Encoder | null,
  ownRewards: OwnRewards | null,
): Promise<ProbeResult[]> {
  const samples: Sample[] = [];
  for await (const [original] of rows.all()) {
    samples.push(original!.sample);
    if (samples.length === (ownRewards ? ROWS_OF_PROGRAMS : ROWS)) break;
  }
  const probes = probeCompletions(samples).map((probe) => {
    const { strict, lenient } = readCompletion(probe.completion);
    return { ...probe, read: config.extraction === 'strict' ? strict : lenient.text };
  });
  const pairs = probes.flatMap(({ sample: { answer, answers = [] }, read }) =>
    read === null ? [] : [answer, ...answers].map((reference) => [read, reference] as const),
  );
  const values = encoder ? await similarities(encoder, pairs) : [];
  const cosines = new Map(pairs.map((pair, i) => [JSON.stringify(pair), values[i] ?? 0]));
  const parts = await ownRewards?.programs.values(
    probes.map(({ sample, completion, read }) =>
      ownQuestion(sample, { view: ORIGINAL, index: 0, completion, read }, ownRewards.fileOf),
    ),
  );
  const key = (sample: Sample, completion: string) => JSON.stringify([sample.id, completion]);
  const ownParts =
    parts && new Map(probes.map((probe, i) => [key(probe.sample, probe.completion), parts[i]!]));
  return probeRewards(
    samples,
    { weights: config.rewards, threshold: config.coupling.threshold, extraction: config.extraction },
    (answer, reference) => cosines.get(JSON.stringify([answer, reference])) ?? 0,
    ownParts && ((sample, completion) => ownParts.get(key(sample, completion))!),
  );
}
