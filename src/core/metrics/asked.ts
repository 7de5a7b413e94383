import type { Verdict } from '../answers/pair-verdict.ts';
import type { ViewId } from '../spatial/views/list.ts';
import type { Agreement, Majority } from './agreement.ts';

/** How completions are drawn. */
export interface AskSampling {
  n: number;
  /** 0 is greedy. */
  temperature: number;
  top_p: number;
  seed: number;
  /** Longest text of a stage that has no limit of its own. */
  max_tokens: number;
}

/** What a model wrote in one stage of a strategy. */
export interface AskedSegment {
  stage: string;
  text: string;
  stop_reason: string;
  /** Why there is no text. */
  error?: string;
}

/** A stage that is done, while others are under way. */
export interface AskedStage {
  view: ViewId;
  completion: number;
  segment: AskedSegment;
}

export interface AskedView {
  view: ViewId;
  question: string;
  choices?: string[];
  /** The right answer; '' where nobody has said it. */
  reference: string;
  majority: Majority;
  completions: { segments: AskedSegment[]; answer: string; right: boolean | null }[];
}

/** What a model said to a question about a picture and about its mirror image. */
export interface Asked {
  model: string;
  strategy: string;
  sampling: AskSampling;
  views: AskedView[];
  verdict: Verdict | null;
  agreement: Agreement | null;
}
