import { it } from 'vitest';
import { fuzz, KINDS } from './readers.ts';

it.each(Object.keys(KINDS))('%s: reads corrupted files or rejects them with a clear message', (name) =>
  fuzz(name, 20),
);
