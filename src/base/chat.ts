import type { Call } from './call.ts';

/** A chat completion request as sent over HTTP. Defined by OpenAI; supported by vLLM, llama.cpp, Ollama and others. */
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

export type ChatPart =
  | { type: 'text'; text: string }
  | { type: 'image_url'; image_url: { url: string } }
  /** Video part in the form of vLLM and others. OpenAI's own protocol has no videos. */
  | { type: 'video_url'; video_url: { url: string } };

/** One completion. `finish` is the server's reason for the end of the text: `stop`, `length`, `content_filter`, … */
export interface ChatReply {
  text: string;
  finish: string;
  /** Token counts of the completion, or zeros if the server does not count tokens. */
  usage: Usage;
}

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
}

/** Calls that a program must handle if it starts chirality with an IPC channel and `--llm host`. */
export interface HostModel {
  /**
   * Answers one request, or returns the reason why the request has no answer. An exception only affects this request.
   * `call.signal` aborts when the answer is no longer needed.
   */
  complete(request: ChatRequest, call: Call): Promise<ChatReply | HostRefusal>;
}

/**
 * Reason why a request has no answer. The kinds of faults are the kinds for endpoints. `key`, `quota` and `model` stop
 * all further requests. `busy` and `server` cause a retry. Other faults concern only this request.
 */
export interface HostRefusal {
  fault: 'key' | 'quota' | 'model' | 'busy' | 'server' | 'image' | 'context' | 'size' | 'request';
  message: string;
}
