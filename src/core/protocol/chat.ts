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
