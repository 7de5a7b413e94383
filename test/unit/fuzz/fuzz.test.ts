import { it } from 'vitest';
import { fuzz, KINDS } from './readers.ts';

it.each(Object.keys(KINDS))('%s: whatever is in the file, it is read or refused in words', (name) =>
  fuzz(name, 20),
);
