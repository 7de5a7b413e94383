import type { MirrorVariant, Sample } from '../spatial/sample.ts';
import type { Asked } from './asked.ts';

/**
 * The question with its right answer as a row to keep. What models said stands in `meta.asked`: a row that one of them
 * got wrong is worth finding again.
 */
export function sampleToKeep(sample: Sample, mirror: MirrorVariant | null, asked: readonly Asked[]): Sample {
  const said = asked.map(({ model, strategy, views, verdict }) => ({
    model,
    strategy,
    ...(verdict && { verdict }),
    answers: Object.fromEntries(
      views.map(({ view, completions }) => [view, completions.map(({ answer }) => answer)]),
    ),
  }));
  return {
    ...sample,
    ...(said.length > 0 && { meta: { ...sample.meta, asked: said } }),
    ...(mirror && { variants: { ...sample.variants, mirror } }),
  };
}
