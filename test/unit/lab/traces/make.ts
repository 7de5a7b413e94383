import type { TracedPair, TracedCompletion } from '../../../../src/core/run-data/trace.ts';
import type { ViewId } from '../../../../src/rows/view-list.ts';

export function completion(text: string, over: Partial<TracedCompletion> = {}): TracedCompletion {
  return {
    segments: [{ stage: 'answer', text, stop_reason: 'end' }],
    answer_text: text,
    right: true,
    rewards: { semantic: { value: 1, why: '' } },
    penalty: 0,
    reward: 1,
    advantage: 0,
    ...over,
  };
}

export const view = (
  name: ViewId,
  question: string,
  group: TracedCompletion[],
): TracedPair['views'][number] => ({
  view: name,
  question,
  answer: 'left',
  images: ['a.png'],
  group,
});

/** A pair with a view and a completion, unless something else is asked for. */
export function tracedPair(step: number, pair: number, over: Partial<TracedPair> = {}): TracedPair {
  return {
    step,
    pair,
    sample: `row-${step * 10 + pair}`,
    kept: true,
    why: 'varies',
    views: [view('original', 'Where is the cup?', [completion('left')])],
    delta: null,
    penalised: null,
    effect: null,
    verdict: null,
    ...over,
  };
}
