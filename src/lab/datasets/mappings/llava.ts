import { DataError } from '../data-error.ts';
import { dialogue, roleOf } from './messages.ts';
import { imageList, otherColumns, type Mapping, type Row } from './mapping.ts';

/**
 * LLaVA conversation files: a list of {id, image, conversations: [{from: "human" | "gpt", value}]}, with `<image>` on a
 * line of its own where the image stands; several images are a list under `image` or `images`. Our own writer puts
 * fields that LLaVA has no place for under `chirality`, so that reading the file again loses nothing.
 */
export const llava: Mapping = {
  name: 'llava',
  about: 'LLaVA conversations (JSON list or JSON lines)',
  columns: ['conversations'],
  sample(row, id) {
    if (!Array.isArray(row.conversations)) throw new DataError('messages', '"conversations" must be a list.');
    const list = row.conversations.map((turn: Row | null) => ({
      role: roleOf(turn?.from ?? turn?.role),
      text: String(turn?.value ?? turn?.content ?? ''),
    }));
    const { turns, system } = dialogue(list);
    const [first, ...later] = turns;
    const own = (row.chirality ?? {}) as Row;
    const meta = {
      ...(own.meta as Row | undefined),
      ...otherColumns(row, ['id', 'image', 'images', 'conversations', 'chirality']),
      ...(system && { system }),
      ...(later.length > 0 && { turns: later }),
    };
    return {
      images: imageList(row.images ?? row.image),
      ...own,
      id: row.id ?? id,
      ...first,
      ...(Object.keys(meta).length > 0 && { meta }),
    };
  },
};
