import type { Verdict } from '../answers/pair-verdict.ts';
import type { graphIn } from '../../rows/scene-graph/read-graph.ts';
import type { ViewId } from '../../rows/view-list.ts';
import type { Agreement, Majority } from './assess-agreement.ts';

export interface SamplingSettings {
  n: number;
  /** Sampling temperature; 0 means greedy decoding. */
  temperature: number;
  top_p: number;
  seed: number;
  /** Maximum length in tokens, for stages without a limit of their own. */
  max_tokens: number;
}

interface WrittenSegment {
  stage: string;
  text: string;
  stop_reason: string;
  /** Scene graph in the generated text, if any. */
  graph?: Pick<ReturnType<typeof graphIn>, 'graph' | 'repairs'>;
  error?: string;
}

/** A finished stage, sent while other stages are still being generated. */
export interface FinishedStage {
  view: ViewId;
  completion: number;
  segment: WrittenSegment;
}

interface ViewAnswers {
  view: ViewId;
  question: string;
  /** Question that the model received, if its vocabulary requires the compact wording. */
  sent?: string;
  choices?: readonly string[];
  /** Reference answer to the question; '' if unknown. */
  reference: string;
  majority: Majority;
  completions: readonly { segments: readonly WrittenSegment[]; answer: string; right: boolean | null }[];
}

/** A model's answers to a question about an image and about its mirror. */
export interface ModelAnswers {
  model: string;
  strategy: string;
  sampling: SamplingSettings;
  views: readonly ViewAnswers[];
  verdict: Verdict | null;
  agreement: Agreement | null;
}
