import { it } from 'vitest';
import { fuzz, KINDS } from './readers.ts';

it.each(Object.keys(KINDS))(
  '%s: reads or rejects with a clear message each of 700 corrupted files',
  (name) => fuzz(name, 700),
  3_600_000,
);
