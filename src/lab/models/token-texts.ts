import { join } from 'node:path';
import * as z from 'zod';
import { parseRecord } from '../../base/record.ts';
import { SPECIAL, Tokenizer } from '../../engines/embedded/tokenizer.ts';
import { unlessUnreadable } from '../files/disk-error.ts';
import { readText } from '../files/regular.ts';
import { checkpointFolder, listCheckpoints } from '../runs/checkpoints.ts';

/** Fields with the tokens in an embedded model's `config.json`. Configs of other models do not match. */
const vocabularySchema = z.object({ model: z.literal('chirality-embedded'), words: z.array(z.string()) });

/**
 * Returns a function that decodes a run's tokens with the vocabulary in a checkpoint. Null without a vocabulary, as for
 * large models. Special tokens become their names: `<end>`.
 */
export async function tokenTexts(run: string): Promise<((tokens: readonly number[]) => string[]) | null> {
  const [step] = await listCheckpoints(run);
  if (step === undefined) return null;
  const path = join(checkpointFolder(run, step), 'config.json');
  // Null for another kind of model, or for a checkpoint that is currently written or removed.
  const config = await readText(path)
    .then((text) => parseRecord(vocabularySchema, text, { file: path }))
    .catch(unlessUnreadable(null));
  if (!config) return null;
  const tokenizer = new Tokenizer(config.words);
  const special = new Map(Object.entries(SPECIAL).map(([name, id]) => [id as number, `<${name}>`]));
  return (tokens) => tokens.map((id) => special.get(id) ?? (tokenizer.decode([id]) || `#${id}`));
}
