import { join } from 'node:path';
import { SPECIAL, Tokenizer } from '../../engines/embedded/tokenizer.ts';
import { checkpointFolder, listCheckpoints } from '../runs/checkpoints.ts';
import { readText } from '../files/regular.ts';

/**
 * Tokens of a run as texts, by the vocabulary that a checkpoint of it holds; null where there is none, or where the
 * vocabulary is a large model's own business. Special tokens read as their name: `<end>`.
 */
export async function tokenTexts(run: string): Promise<((tokens: readonly number[]) => string[]) | null> {
  const [step] = await listCheckpoints(run);
  if (step === undefined) return null;
  try {
    const path = join(checkpointFolder(run, step), 'config.json');
    const { model, words } = JSON.parse(await readText(path)) as { model?: string; words: string[] };
    if (model !== 'chirality-embedded') return null;
    const tokenizer = new Tokenizer(words);
    const special = new Map(Object.entries(SPECIAL).map(([name, id]) => [id as number, `<${name}>`]));
    return (tokens) => tokens.map((id) => special.get(id) ?? (tokenizer.decode([id]) || `#${id}`));
  } catch {
    return null; // a checkpoint that is being written or removed
  }
}
