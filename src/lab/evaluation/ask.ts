import { assess } from '../../core/metrics/assess-agreement.ts';
import type { ModelAnswers, FinishedStage } from '../../core/metrics/model-answers.ts';
import type { ViewedSample } from '../../rows/views/view.ts';
import { readCompletion } from '../../core/answers/extract.ts';
import { graphIn } from '../../rows/scene-graph/read-graph.ts';
import type { Strategy } from '../../core/prompts/strategy.ts';
import type { Sampler } from '../../engines/sampler.ts';
import type { ImageFiles } from '../datasets/image-files.ts';
import { inCompact } from '../../core/worlds/questions/in-english.ts';
import { answerSamples, requireAskable, answerIn } from './answer-samples.ts';

export interface Question {
  views: readonly ViewedSample[];
  images: ImageFiles;
  strategy: Strategy;
  sampling: ModelAnswers['sampling'];
  /** Signal that aborts the calls, which then reject. */
  signal?: AbortSignal;
}

/**
 * Evaluates a question in all its views, and compares the answers.
 * @param onStage called with every complete segment.
 * @throws DataError if the model cannot process the question, or an image is unreadable
 */
export async function ask(
  sampler: Sampler,
  { views, images, strategy, sampling, signal }: Question,
  onStage: (stage: FinishedStage) => void = () => undefined,
): Promise<ModelAnswers> {
  const { n, temperature, top_p: topP, seed, max_tokens: maxTokens } = sampling;
  const asking = { n, temperature, topP, seed, maxTokens, ...(signal && { signal }) };
  const isClosed = sampler.info().vocabulary !== null;
  const placed = views.map(({ sample, ...view }) => ({
    ...view,
    sample: isClosed ? { ...sample, question: inCompact(sample.question) } : sample,
    images,
  }));
  requireAskable(sampler, 'question', placed, strategy, asking);
  const segments = await answerSamples(sampler, placed, strategy, asking, (f, completion, segment) =>
    onStage({ view: views[f]!.view, completion, segment: withGraph(segment) }),
  );
  const answers = segments.map((group) =>
    group.map((segment) => readCompletion(answerIn(segment, strategy)).lenient.text),
  );
  const { majorities, right, verdict, agreement } = assess(views, answers);
  return {
    model: sampler.info().model,
    strategy: strategy.name,
    sampling,
    views: views.map(({ view, sample: { question, choices, answer } }, f) => ({
      view,
      question,
      ...(placed[f]!.sample.question !== question && { sent: placed[f]!.sample.question }),
      ...(choices && { choices }),
      reference: answer,
      majority: majorities[f]!,
      completions: segments[f]!.map((segment, i) => ({
        segments: segment.map(withGraph),
        answer: answers[f]![i]!,
        right: right[f]![i]!,
      })),
    })),
    verdict,
    agreement,
  };
}

/** Adds the scene graph that a segment's text contains, if any, to the segment. */
function withGraph(segment: FinishedStage['segment']): FinishedStage['segment'] {
  const { graph, repairs } = graphIn(segment.text);
  return graph ? { ...segment, graph: { graph, repairs } } : segment;
}
