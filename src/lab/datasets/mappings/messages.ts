import { isRecord } from '../../../base/json.ts';
import { isBoxFormat } from '../../../rows/sample/boxes.ts';
import { DataError } from '../data-error.ts';
import { isEmpty } from './named-columns.ts';
import { type Mapping, otherColumns, type Row, untagged } from './mapping.ts';
import { picturesAndVideos } from './video-mapping.ts';
import type { Turn } from '../dialogue-turns.ts';

/**
 * Reads chat rows of the datasets library: `messages` is a list of {role, content}, content a text or a list of parts
 * {type: "text" | "image", text, index}, `images` a list of images, which can also be in the parts. Later turns become
 * `meta.turns`.
 */
function messagesSample(row: Row, id: string, used: readonly string[] = []): Row {
  const { turns, system } = dialogue(messageList(row.messages));
  const [{ question, answer, reasoning }, ...later] = turns;
  const meta = {
    ...otherColumns(row, ['id', 'messages', 'images', 'videos', ...used]),
    ...(system && { system }),
    ...(later.length > 0 && { turns: later }),
  };
  return {
    id: row.id ?? id,
    question,
    answer,
    ...(reasoning !== undefined && { reasoning }),
    ...shownIn(row.messages, row),
    ...(Object.keys(meta).length > 0 && { meta }),
  };
}

/** Returns the messages of a row. @throws DataError if the value is not a list of messages */
export function messageList(messages: unknown): Message[] {
  if (!Array.isArray(messages)) throw new DataError('messages', 'The messages must be a list.');
  return messages.map((message: Row | null) => ({
    role: roleOf(message?.role),
    text: contentText(message?.content),
  }));
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content))
    throw new DataError('messages', 'The content of a message must be a string or a list.');
  return content
    .map((part: Row | null) =>
      part?.type === 'video' ? '<video>' : isImage(part) ? '<image>' : String(part?.text ?? ''),
    )
    .filter((text) => text !== '')
    .join('\n');
}

/** Whether a part of a message is an image: `{type: "image", image}`, or `image_url` and `input_image` of OpenAI. */
const isImage = (part: Row | null): boolean => /^(?:image|image_url|input_image)$/.test(String(part?.type));

/** Returns the images or the video of a row: from its columns, else from the parts of its messages. */
export function shownIn(messages: unknown, { images, videos }: Row): Row {
  const parts = (Array.isArray(messages) ? (messages as (Row | null)[]) : []).flatMap((message) => {
    const content = message?.content ?? message?.value;
    return Array.isArray(content) ? (content as (Row | null)[]) : [];
  });
  const inParts = parts.filter(isImage).flatMap((part): unknown[] => {
    const { image, image_url: link, source, path, url } = part!;
    const held = image ?? link ?? source ?? path ?? url;
    return held == null ? [] : [isRecord(held) ? (held.url ?? held.data ?? held) : held];
  });
  const clips = parts.filter((part) => part?.type === 'video' && part.video != null);
  return picturesAndVideos(
    isEmpty(images) ? inParts : images,
    videos ?? (clips.length > 0 ? clips : undefined),
  );
}

/** One message of a dialogue: the role, and the text with `<image>` at the position of an image. */
export interface Message {
  role: 'system' | 'user' | 'assistant';
  text: string;
}

const ROLES: Record<string, Message['role']> = {
  human: 'user',
  user: 'user',
  gpt: 'assistant',
  assistant: 'assistant',
  model: 'assistant',
  system: 'system',
};

function roleOf(name: unknown): Message['role'] {
  const role = ROLES[String(name).toLowerCase()];
  if (!role) throw new DataError('role', `Speaker ${JSON.stringify(name)} is not supported.`);
  return role;
}

/** Image placeholders at either end of a text, which are redundant. Placeholders inside the text identify an image. */
const OUTER_PLACEHOLDERS = /^(?:\s*<(?:image|video)>)+\s*|\s*(?:<(?:image|video)>\s*)+$/g;

/**
 * Pairs questions with answers. Consecutive messages of one role are joined, and a question without a reply is dropped.
 * A reply `<think>…</think><answer>…</answer>` is split into reasoning and answer.
 * @throws DataError if no question has an answer.
 */
export function dialogue(messages: readonly Message[]): { turns: [Turn, ...Turn[]]; system?: string } {
  const merged: Message[] = [];
  for (const { role, text } of messages) {
    const last = merged.at(-1);
    if (last?.role === role) last.text += `\n${text}`;
    else merged.push({ role, text });
  }
  const system = merged.find(({ role }) => role === 'system')?.text;
  const spoken = merged.filter(({ role }) => role !== 'system');
  const turns: Turn[] = [];
  spoken.forEach((message, i) => {
    const reply = spoken[i + 1];
    if (message.role !== 'user' || reply?.role !== 'assistant') return;
    const bare = message.text.replace(OUTER_PLACEHOLDERS, '');
    const question = (/<(?:image|video)>/.test(bare) ? message.text : bare).trim();
    turns.push({ question, ...(untagged(reply.text) ?? { answer: reply.text.trim() }) });
  });
  const [first, ...later] = turns;
  if (!first) throw new DataError('no-turns', 'The row has no question followed by an answer.');
  return { turns: [first, ...later], ...(system && { system }) };
}

/**
 * LLaVA conversation files: a list of {id, image, conversations: [{from: "human" | "gpt", value}]}, with `<image>` on
 * its own line at the position of the image. Several images are a list under `image` or `images`. Chirality stores
 * fields that LLaVA lacks under `chirality`, and reads these fields again.
 */
const llava: Mapping = {
  name: 'llava',
  about: 'LLaVA conversations (JSON list or JSON Lines)',
  columns: ['conversations'],
  sample(row, id) {
    if (!Array.isArray(row.conversations)) throw new DataError('messages', '"conversations" must be a list.');
    const list = row.conversations.map((turn: Row | null) => ({
      role: roleOf(turn?.from ?? turn?.role),
      text: contentText(turn?.value ?? turn?.content ?? ''),
    }));
    const { turns, system } = dialogue(list);
    const [first, ...later] = turns;
    const ours = (row.chirality ?? {}) as Row;
    const { source, box_format } = row;
    const meta = {
      ...(ours.meta as Row | undefined),
      ...otherColumns(row, [
        'id',
        'image',
        'images',
        'video',
        'videos',
        'conversations',
        'chirality',
        ...(typeof source === 'string' ? ['source'] : []),
        ...(isBoxFormat(box_format) ? ['box_format'] : []),
      ]),
      ...(system && { system }),
      ...(later.length > 0 && { turns: later }),
    };
    return {
      ...shownIn(row.conversations, { images: row.images ?? row.image, videos: row.videos ?? row.video }),
      ...(typeof source === 'string' && { source }),
      ...(isBoxFormat(box_format) && { box_format }),
      ...ours,
      id: row.id ?? id,
      ...first,
      ...(Object.keys(meta).length > 0 && { meta }),
    };
  },
};

export const CHATS: readonly Mapping[] = [
  /**
   * remyxai/SpaceThinker (about 11.4 k + 1.25 k rows): the reply is `<think>…</think><answer>…</answer>`. The columns
   * `input`, `output` and `reasoning` repeat the messages and are omitted.
   */
  {
    name: 'spacethinker',
    about: 'remyxai/SpaceThinker (parquet)',
    columns: ['messages', 'images', 'input', 'output', 'reasoning'],
    sample: (row, id) => ({
      ...messagesSample(row, id, ['input', 'output', 'reasoning']),
      source: 'SpaceThinker',
    }),
  },
  /**
   * remyxai/vqasynth_spacellava (25 235 + 2 804 dialogues): VQASynth questions mixed with LLaVA-1.5 instruction data.
   * Boxes in texts are x1, y1, x2, y2 from 0 to 1 of the square-padded image. Mirroring maps x to 1 − x also in the
   * padded image, because the padding is symmetric.
   */
  {
    name: 'spacellava',
    about: 'remyxai/vqasynth_spacellava (parquet)',
    columns: ['messages', 'images'],
    hint: /spacellava/i,
    sample: (row, id) => ({
      ...messagesSample(row, id),
      box_format: 'xyxy_norm',
      source: 'vqasynth_spacellava',
    }),
  },
  /** remyxai/OpenSpaces (9 255 + 1 029 dialogues, about five questions each): template sentences, no boxes. */
  {
    name: 'openspaces',
    about: 'remyxai/OpenSpaces (parquet)',
    columns: ['messages', 'images'],
    hint: /openspaces/i,
    sample: (row, id) => ({ ...messagesSample(row, id), source: 'OpenSpaces' }),
  },
  {
    name: 'messages',
    about: 'chat rows of the datasets library: messages, images',
    columns: ['messages'],
    sample: (row, id) => messagesSample(row, id),
  },
  /** HuggingFaceM4/the_cauldron and datasets in its format: turns of a user and an assistant, and a list of images. */
  {
    name: 'cauldron',
    about: 'HuggingFaceM4/the_cauldron (parquet)',
    columns: ['texts', 'images'],
    sample(row, id) {
      const exchanges = Array.isArray(row.texts) ? (row.texts as (Row | null)[]) : [];
      const messages = exchanges.flatMap((exchange) =>
        ['user', 'assistant'].map((role) => ({ role, content: exchange?.[role] })),
      );
      return messagesSample({ ...row, messages }, id, ['texts']);
    },
  },
  /** The dialogues of `spacellava` as a LLaVA file, which contains neither source nor box format. */
  {
    ...llava,
    name: 'spacellava-json',
    about: 'remyxai/vqasynth_spacellava as LLaVA conversations',
    hint: /spacellava/i,
    sample: (row, id) => ({
      box_format: 'xyxy_norm' as const,
      source: 'vqasynth_spacellava',
      ...llava.sample(row, id),
    }),
  },
  llava,
];
