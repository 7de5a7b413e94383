import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { viewsToAsk } from '../../src/cli/asked-model.ts';
import { mirrorToAsk } from '../../src/rows/views/view.ts';
import { missingFor } from '../../src/core/prompts/strategy.ts';
import type { Sampler } from '../../src/engines/sampler.ts';
import { ImageFiles } from '../../src/lab/datasets/image-files.ts';
import { ask } from '../../src/lab/evaluation/ask.ts';
import { listStrategies } from '../../src/lab/strategies.ts';
import { ASKED_ROW } from '../support/asked-row.ts';
import { BLUE, GREEN, halves, RED } from './open.ts';

/** Texts end after so many tokens: what is tried here is the way of asking. */
const SHORT = 4;

/**
 * Asks a model about a row and its mirror by every strategy that comes with the program.
 * @returns those by which every stage wrote a text in both views, and why it is not asked by the others.
 */
export async function askByAll(
  sampler: Sampler,
): Promise<{ asked: string[]; refused: Record<string, string> }> {
  const folder = await mkdtemp(join(tmpdir(), 'strategies-'));
  const pictures = { 'a.png': [RED, BLUE], 'b.png': [GREEN, BLUE], 'depth.png': [RED, GREEN] } as const;
  for (const [name, [left, right]] of Object.entries(pictures))
    await writeFile(join(folder, name), await halves(left, right));
  const images = new ImageFiles(folder, folder);
  const asked: string[] = [];
  const refused: Record<string, string> = {};
  for (const strategy of listStrategies()) {
    const row =
      missingFor(strategy, ASKED_ROW) === null ? ASKED_ROW : { ...ASKED_ROW, images: ['a.png', 'b.png'] };
    const stages = strategy.stages.map((stage) => ({ ...stage, max_tokens: SHORT }));
    try {
      const { views } = await ask(sampler, {
        views: viewsToAsk(row, mirrorToAsk(row)),
        images,
        strategy: { ...strategy, stages },
        sampling: { n: 1, temperature: 0, top_p: 1, seed: 0, max_tokens: SHORT },
      });
      const written = views.map(({ completions: [one] }) =>
        one!.segments.flatMap(({ stage, stop_reason: reason }) => (reason === 'failed' ? [] : [stage])),
      );
      const names = stages.map(({ name }) => name);
      if (JSON.stringify(written) === JSON.stringify([names, names])) asked.push(strategy.name);
      else refused[strategy.name] = `Of ${names.join()}, there is only ${JSON.stringify(written)}.`;
    } catch (error) {
      refused[strategy.name] = (error as Error).message;
    }
  }
  await images.close();
  await rm(folder, { recursive: true });
  return { asked, refused };
}

export const ALL = listStrategies().map(({ name }) => name);
