import type { Call } from './channel.ts';
import type { ChatReply, ChatRequest } from './chat.ts';

/** What a program offers, over `Channel`, that starts chirality with an IPC channel and `--llm host`. */
export interface HostModel {
  /**
   * Answers one request, or says why not; what it throws is about this one request. `call.signal` aborts when nobody
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
