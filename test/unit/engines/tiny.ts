import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { EmbeddedTrainer } from '../../../src/engines/embedded/embedded-engine.ts';
import type { Strategy } from '../../../src/core/prompts/strategy.ts';
import type { ConformanceTask } from '../../../src/engines/conformance/sampler-conformance.ts';
import { openEmbedded, type EmbeddedOptions } from '../../../src/engines/embedded/open-embedded.ts';
import { vocabularyOf } from '../../../src/engines/embedded/tokenizer.ts';
import { folderOfTests } from '../../support/folder.ts';

/** Images of two halves, and questions about them: small enough to learn in a second. */
export const COLOURS = { red: [220, 40, 40], green: [40, 180, 60], blue: [50, 80, 230] } as const;
export type Colour = keyof typeof COLOURS;
export const SIDE = 8;

/** An uncompressed file: its bytes are the pixels, so that tests need no image library. */
export function halves(left: Colour, right: Colour): Uint8Array {
  const rgb = new Uint8Array(SIDE * SIDE * 3);
  for (let i = 0; i < SIDE * SIDE; i++) rgb.set(COLOURS[i % SIDE < SIDE / 2 ? left : right], i * 3);
  return rgb;
}

export const hashOf = (file: Uint8Array) => createHash('sha256').update(file).digest('hex');

export const QUESTION = 'What colour is the left half?';

/** Asks the question as it stands, in one stage. */
export const DIRECT: Strategy = {
  name: 'direct',
  about: '',
  extract: 'whole',
  stages: [{ name: 'answer', user: '{question}', images: 'shown', options: 'none' }],
};

export const answerOf = (left: Colour, right: Colour) =>
  `<think>${left} and ${right}</think> <answer>${left}</answer>`;

export const TINY: EmbeddedOptions = {
  model: {
    shape: {
      width: 16,
      layers: 2,
      heads: 2,
      imageSize: SIDE,
      patchSize: 4,
      promptTokens: 12,
      completionTokens: 24,
    },
    words: vocabularyOf([QUESTION, 'Look first.', ...Object.keys(COLOURS), answerOf('red', 'blue')]),
  },
  seed: 1,
  threads: 1,
  decodeImage: (data, { side }) => Promise.resolve({ width: side, height: side, data }),
};

export const TASK: ConformanceTask = {
  image: halves('red', 'blue'),
  mirrored: halves('blue', 'red'),
  other: halves('green', 'blue'),
  question: QUESTION,
  answers: [answerOf('red', 'blue'), answerOf('green', 'red')],
};

/** An engine of random weights for the tests of a file, which is closed after them. */
export async function tinyEngine(): Promise<EmbeddedTrainer> {
  const engine = await openEmbedded(TINY);
  afterAll(() => engine.close());
  return engine;
}

/** Makes empty folders that live as long as the test file, which calls this once. */
export function scratchFolders(): () => string {
  const root = folderOfTests('chirality-engine-');
  let folders = 0;
  return () => {
    const folder = join(root, String(folders++));
    mkdirSync(folder);
    return folder;
  };
}
