import type { Call } from '../call.ts';
import type { ModelAnswers, FinishedStage, SamplingSettings } from '../metrics/model-answers.ts';
import type { MirrorVariant, Sample } from '../spatial/sample.ts';

/** The wire form of chat completions, as OpenAI defined it and vLLM, llama.cpp, Ollama and others speak it. */
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

/** One completion. `finish` is the server's word: `stop`, `length`, `content_filter`, … */
export interface ChatReply {
  text: string;
  finish: string;
  /** Zeros where the server does not count. */
  usage: Usage;
}

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
}

/** What a program offers, over `Channel`, that starts chirality with an IPC channel and `--llm host`. */
export interface HostModel {
  /**
   * Answers one request, or says why not; an exception concerns only this request. `call.signal` aborts when nobody
   * waits any more.
   */
  complete(request: ChatRequest, call: Call): Promise<ChatReply | HostRefusal>;
}

/**
 * Why there is no answer, in the words of endpoints: after `key`, `quota` and `model` no other request is made, after
 * `busy` and `server` this one is made again, the others are about this one alone.
 */
export interface HostRefusal {
  fault: 'key' | 'quota' | 'model' | 'busy' | 'server' | 'image' | 'context' | 'size' | 'request';
  message: string;
}

/** A question to a model in its own process. */
export interface ServedQuestion {
  sample: Sample;
  /** Where its pictures are: references are relative to `folder`, and nothing outside `root` is read. */
  place: { folder: string; root: string };
  /** null: only the original is asked. */
  mirror: MirrorVariant | null;
  /** A name or a file; null: as the model was trained, else directly. */
  strategy: string | null;
  /** Without a longest text: that of the model. */
  sampling: Omit<SamplingSettings, 'max_tokens'> & { max_tokens: number | null };
}

/**
 * What `chirality serve-model` offers over the IPC channel of the program that started it: newline JSON on a pipe of
 * its own. Questions are answered one after the other.
 */
export interface ServedModel {
  /** Opens the model, where it is not open yet. Reports what is being done. @returns the model's name. */
  open(args: null, call: Call<string>): Promise<string>;
  /** Reports every text as it comes; aborted, it ends in the midst of one. */
  ask(args: ServedQuestion, call: Call<FinishedStage>): Promise<ModelAnswers>;
}
