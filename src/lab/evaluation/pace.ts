import type { AnswerSegment } from '../../core/metrics/evaluation-row.ts';
import type { Strategy } from '../../core/prompts/strategy.ts';
import type { Sampler } from '../../engines/sampler.ts';
import { answerSamples } from './answer.ts';
import { eachAtOnce } from './at-once.ts';
import type { EvaluationOptions } from './plan.ts';
import type { EvaluationSample } from './samples.ts';

/** How long the first questions of an evaluation took, from which all of them can be estimated. */
export interface Pace {
  tried: number;
  seconds: number;
}

/** A question with its completions, by stage. */
type Answered = [EvaluationSample, AnswerSegment[][]];

/** A rate over a shorter time would be a guess, in seconds. */
const TELLING = 2;
/** How many questions to try first, and how many more each time that they were too fast to tell. */
const [FIRST, GROWTH] = [4, 4];
/** How many questions of an endpoint to try: as many as several connections ask twice. Their answers are cached. */
const OF_ENDPOINT = 8;

/**
 * Asks the first questions of a batch, and more of them until that takes long enough to tell: many at once take less for
 * each. What a model draws later is the same as without it.
 */
export async function measurePace(
  sampler: Sampler,
  batch: readonly EvaluationSample[],
  strategy: Strategy,
  sampling: EvaluationOptions['sampling'] & { signal?: AbortSignal },
): Promise<Pace & { answers: Answered[] }> {
  if (sampler.info().engine === 'openai') {
    const some = batch.slice(0, OF_ENDPOINT);
    const answers: Answered[] = [];
    const start = performance.now();
    await eachAtOnce(
      some,
      OF_ENDPOINT,
      async (one, signal) => answerSamples(sampler, [one], strategy, { ...sampling, n: 1, first: 0, signal }),
      (one, [completions]) => {
        answers.push([one, completions!]);
        return Promise.resolve();
      },
      sampling.signal,
    );
    return { tried: some.length, seconds: (performance.now() - start) / 1000, answers };
  }
  // The first question warms the engine up.
  await answerSamples(sampler, batch.slice(0, 1), strategy, { ...sampling, apart: true });
  for (let count = FIRST; ; count *= GROWTH) {
    const some = batch.slice(0, count);
    const start = performance.now();
    const completions = await answerSamples(sampler, some, strategy, { ...sampling, apart: true });
    const seconds = (performance.now() - start) / 1000;
    if (seconds >= TELLING || some.length === batch.length)
      return { tried: some.length, seconds, answers: some.map((one, i) => [one, completions[i]!]) };
  }
}
