import type { Call } from './call.ts';

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

export type ChatPart =
  | { type: 'text'; text: string }
  | { type: 'image_url'; image_url: { url: string } }
  /** As vLLM and others have it; OpenAI's own protocol has no videos. */
  | { type: 'video_url'; video_url: { url: string } };

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
