import { DataError } from '../data-error.ts';
import { dialogue, roleOf, type Message } from './dialogue.ts';
import { imageList, rest, type Mapping, type Row } from './mapping.ts';

/**
 * Chat rows of the datasets library: `messages` is a list of {role, content}, content a text or a list of parts
 * {type: "text" | "image", text, index}; `images` is a list of images. Later turns go to `meta.turns`.
 */
export function messagesSample(row: Row, id: string, used: readonly string[] = []): Row {
  const { turns, system } = dialogue(messageList(row.messages));
  const [{ question, answer, reasoning }, ...later] = turns;
  const meta = {
    ...rest(row, ['id', 'messages', 'images', ...used]),
    ...(system && { system }),
    ...(later.length > 0 && { turns: later }),
  };
  return {
    id: row.id ?? id,
    question,
    answer,
    ...(reasoning !== undefined && { reasoning }),
    images: imageList(row.images),
    ...(Object.keys(meta).length > 0 && { meta }),
  };
}

function messageList(messages: unknown): Message[] {
  if (!Array.isArray(messages)) throw new DataError('messages', '"messages" must be a list.');
  return messages.map((message: Row | null) => ({
    role: roleOf(message?.role),
    text: contentText(message?.content),
  }));
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content))
    throw new DataError('messages', 'The content of a message is neither text nor a list.');
  return content
    .map((part: Row | null) => (part?.type === 'image' ? '<image>' : String(part?.text ?? '')))
    .filter((text) => text !== '')
    .join('\n');
}

export const messages: Mapping = {
  name: 'messages',
  about: 'chat rows of the datasets library: messages, images',
  columns: ['messages'],
  sample: (row, id) => messagesSample(row, id),
};
