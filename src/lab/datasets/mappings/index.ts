import { LABEL_FILES } from '../label-formats/label-format.ts';
import { BENCHMARKS } from './benchmarks.ts';
import { type Mapping, native } from './mapping.ts';
import { CHATS } from './messages.ts';
import { CHOICES, vlmEvalKit } from './multiple-choice.ts';
import { TRAINERS } from './trainers.ts';

/** All recognised formats, the most specific first. */
const MAPPINGS: readonly Mapping[] = [...TRAINERS, ...BENCHMARKS, ...CHATS, ...CHOICES, native, vlmEvalKit];

/** Returns the first mapping whose columns are all present and whose hint, if any, matches the path. */
export function recognise(columns: readonly string[], path: string): Mapping | undefined {
  return MAPPINGS.find(
    (mapping) => mapping.columns.every((c) => columns.includes(c)) && (mapping.hint?.test(path) ?? true),
  );
}

/** All formats that can be read: tables and label files. */
export const FORMATS: readonly { name: string; about: string }[] = [...MAPPINGS, ...LABEL_FILES];

export const mappingOf = (format: string): Mapping | undefined =>
  MAPPINGS.find(({ name }) => name === format);
