import { join } from 'node:path';
import { SPECIAL, Tokenizer } from '../../engines/embedded/tokenizer.ts';
import { checkpointFolder, listCheckpoints } from '../runs/checkpoints.ts';
import { z } from 'zod';
import { parseRecord } from '../../core/record.ts';
import { readText } from '../files/regular.ts';

/** What of an embedded model's `config.json` names its tokens; other models' fail it. */
const vocabularySchema = z.object({ model: z.literal('chirality-embedded'), words: z.array(z.string()) });

/**
 * Tokens of a run as texts, by the vocabulary that a checkpoint of it holds; null where there is none, or where the
 * vocabulary is a large model's own business. Special tokens read as their name: `<end>`.
 */
export async function tokenTexts(run: string): Promise<((tokens: readonly number[]) => string[]) | null> {
  const [step] = await listCheckpoints(run);
  if (step === undefined) return null;
  try {
    const path = join(checkpointFolder(run, step), 'config.json');
    const { words } = parseRecord(vocabularySchema, await readText(path), { file: path });
    const tokenizer = new Tokenizer(words);
    const special = new Map(Object.entries(SPECIAL).map(([name, id]) => [id as number, `<${name}>`]));
    return (tokens) => tokens.map((id) => special.get(id) ?? (tokenizer.decode([id]) || `#${id}`));
  } catch {
    return null; // another kind of model, or a checkpoint that is being written or removed
  }
}
