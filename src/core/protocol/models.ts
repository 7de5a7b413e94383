import type { Call } from '../call.ts';
import type { Look } from '../insight/look.ts';
import type { ModelAnswers, FinishedStage, SamplingSettings } from '../metrics/model-answers.ts';
import type { MirrorVariant, Sample } from '../sample/sample.ts';

/**
 * A chat completion request as sent over HTTP, defined by OpenAI and understood by vLLM, llama.cpp, Ollama and others.
 */
export interface ChatRequest {
  model: string;
  messages: ChatMessage[];
  max_tokens: number;
  temperature: number;
  top_p?: number;
  stop?: string[];
  seed?: number;
}

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string | ChatPart[];
}

export type ChatPart = { type: 'text'; text: string } | { type: 'image_url'; image_url: { url: string } };

/** One completion. `finish` is the server's reason for ending: `stop`, `length`, `content_filter`, … */
export interface ChatReply {
  text: string;
  finish: string;
  /** Zeros if the server does not count tokens. */
  usage: Usage;
}

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
}

/** The calls that a program must handle if it starts chirality with an IPC channel and `--llm host`. */
export interface HostModel {
  /**
   * Answers one request or gives the reason why not; an exception only affects this request. `call.signal` aborts when
   * the answer is no longer needed.
   */
  complete(request: ChatRequest, call: Call): Promise<ChatReply | HostRefusal>;
}

/**
 * Why there is no answer, in the same terms as for endpoints. After `key`, `quota` and `model`, no further request is
 * made; after `busy` and `server`, the request is repeated; the others concern only this request.
 */
export interface HostRefusal {
  fault: 'key' | 'quota' | 'model' | 'busy' | 'server' | 'image' | 'context' | 'size' | 'request';
  message: string;
}

/** A question for a model that runs in its own process. */
export interface ServedQuestion {
  sample: Sample;
  /** Where its pictures are: references are relative to `folder`, and nothing outside `root` is read. */
  place: { folder: string; root: string };
  /** Null: ask only the original. */
  mirror: MirrorVariant | null;
  /** A name or a file; null: the strategy the model was trained with, else `direct`. */
  strategy: string | null;
  /** `max_tokens` null: the model's own maximum. */
  sampling: Omit<SamplingSettings, 'max_tokens'> & { max_tokens: number | null };
}

/** A row whose answer is to be looked into. */
export interface ServedLook extends Pick<ServedQuestion, 'sample' | 'place' | 'mirror' | 'strategy'> {
  /** Words whose attention is asked for, besides those that the row names. */
  queries: readonly string[];
}

/**
 * Calls that `chirality serve-model` handles over the IPC channel of the program that started it: newline-delimited
 * JSON on a separate pipe. Questions are answered one after the other.
 */
export interface ServedModel {
  /** Opens the model if it is not open yet, reporting what is being done. @returns the model's name. */
  open(args: null, call: Call<string>): Promise<string>;
  /** Reports every text as it is finished. Aborting ends it in the middle of a text. */
  ask(args: ServedQuestion, call: Call<FinishedStage>): Promise<ModelAnswers>;
  /** Looks where the model looks while it answers. Reports what is being done. */
  look(args: ServedLook, call: Call<string>): Promise<Look>;
}
