import { it } from 'vitest';
import { fuzz, KINDS } from './readers.ts';
import { isSlow } from '../../support/slow.ts';

it.each(Object.keys(KINDS))(
  '%s: reads corrupted files or rejects them with a clear message',
  (name) => fuzz(name, isSlow ? 700 : 20),
  3_600_000,
);
