import * as vscode from 'vscode';
import type { Call } from '../../base/call.ts';
import type { ChatMessage, ChatReply, ChatRequest, HostModel, HostRefusal } from '../../base/chat.ts';

/** Maximum length of an answer, in characters. An answer is one small JSON object, so longer answers are cancelled. */
const MAX_CHARACTERS = 1 << 20;

/**
 * Lets a language model of VS Code answer the program's requests. The model receives only text and uses its provider's
 * sampling settings, because VS Code has no common options for temperature and length.
 * @param justification reason that VS Code shows when it asks for the user's consent
 */
export function languageModel(
  model: vscode.LanguageModelChat,
  justification: string,
): Pick<HostModel, 'complete'> {
  let first: Promise<unknown> | null = null;
  let refused: HostRefusal | null = null;
  const ask = async (request: ChatRequest, call: Call): Promise<ChatReply | HostRefusal> => {
    try {
      return await answer(model, request, justification, call.signal);
    } catch (error) {
      const refusal = refusalOf(error as Error);
      if (refusal.fault !== 'server') refused = refusal;
      return refusal;
    }
  };
  return {
    complete: async (request, call) => {
      // VS Code asks for the user's consent only with the first request, so wait for the result of that request.
      if (first) await first;
      if (refused) return refused;
      const asking = ask(request, call);
      first ??= asking;
      return asking;
    },
  };
}

/** @throws the errors of the model's provider */
async function answer(
  model: vscode.LanguageModelChat,
  { messages }: ChatRequest,
  justification: string,
  signal: AbortSignal,
): Promise<ChatReply | HostRefusal> {
  const converted = messages.map(messageOf);
  if (!converted.every((message) => message !== null))
    return { fault: 'image', message: `${model.name} accepts only text.` };
  const stop = new vscode.CancellationTokenSource();
  signal.addEventListener('abort', () => stop.cancel());
  const response = await model.sendRequest(converted, { justification }, stop.token);
  let text = '';
  for await (const part of response.text) {
    text += part;
    if (signal.aborted) break;
    if (text.length > MAX_CHARACTERS)
      return { fault: 'size', message: `${model.name} exceeded the maximum answer length.` };
  }
  return { text, finish: 'stop', usage: { prompt_tokens: 0, completion_tokens: 0 } };
}

/**
 * Converts a message; null if the message contains an image. VS Code's models have no system role, so system messages
 * become user messages, as VS Code recommends.
 */
function messageOf({ role, content }: ChatMessage): vscode.LanguageModelChatMessage | null {
  const parts = typeof content === 'string' ? [content] : content.map((part) => 'text' in part && part.text);
  if (parts.includes(false)) return null;
  const { LanguageModelChatMessage: Message } = vscode;
  return role === 'assistant' ? Message.Assistant(parts.join('')) : Message.User(parts.join(''));
}

/** VS Code's error codes after which further requests would also fail. */
const FATAL: Readonly<Record<string, HostRefusal['fault']>> = {
  NoPermissions: 'key',
  Blocked: 'quota',
  NotFound: 'model',
};

/** Converts an error of VS Code. The message of the model's provider is in the cause of the error. */
function refusalOf(error: Error & { code?: unknown }): HostRefusal {
  const { message } = error.cause instanceof Error ? error.cause : error;
  return { fault: FATAL[String(error.code)] ?? 'server', message };
}
