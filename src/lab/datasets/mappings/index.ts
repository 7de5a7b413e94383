import { LABEL_FILES } from '../label-formats/label-format.ts';
import { clevr, cvBench, gqa, pixmoCount, sat, vsr } from './benchmarks.ts';
import {
  cauldron,
  llava,
  messages,
  openspaces,
  spacellava,
  spacellavaJson,
  spacethinker,
} from './messages.ts';
import { type Mapping, native } from './mapping.ts';
import {
  blink,
  dsiBench,
  embSpatial,
  mindCube,
  mmsi,
  omniSpatial,
  spar,
  viewSpatial,
  vlmEvalKit,
  whatsUp,
  whatsUpPairs,
} from './multiple-choice.ts';
import { qSpatial, vsiBench } from './measured-mapping.ts';
import { refSpatial, roboSpatial, spatialRgpt } from './regions.ts';
import { easyR1Rows, msSwiftRows, trlRows, verlRows } from './trainers.ts';

/** All recognised formats, the most specific first. */
const MAPPINGS: readonly Mapping[] = [
  trlRows,
  verlRows,
  msSwiftRows,
  easyR1Rows,
  spacethinker,
  spacellava,
  openspaces,
  messages,
  cauldron,
  spatialRgpt,
  spacellavaJson,
  llava,
  sat,
  qSpatial,
  cvBench,
  vsr,
  clevr,
  gqa,
  pixmoCount,
  blink,
  dsiBench,
  whatsUp,
  whatsUpPairs,
  embSpatial,
  omniSpatial,
  viewSpatial,
  mmsi,
  mindCube,
  spar,
  roboSpatial,
  refSpatial,
  vsiBench,
  native,
  vlmEvalKit,
];

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
