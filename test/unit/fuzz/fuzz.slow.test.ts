import { it } from 'vitest';
import { fuzz, KINDS } from './readers.ts';

it.each(Object.keys(KINDS))(
  '%s: reads each of 700 corrupted files, or rejects it with a clear message',
  (name) => fuzz(name, 700),
  3_600_000,
);
