import type { ChatReply, ChatRequest } from '../../core/protocol/chat.ts';

export type { ChatMessage, ChatPart, ChatReply, ChatRequest, Usage } from '../../core/protocol/chat.ts';

/** Whoever answers: a server (http.ts), or the program that started this one. @throws EndpointError */
export type Ask = (request: ChatRequest, signal: AbortSignal) => Promise<ChatReply>;
