import { member, NotJson, parseJson, type JsonNode } from '../core/annotation/json-node.ts';

/** A part of a line: UTF-16 columns from 0, the end exclusive. */
export interface Range {
  from: number;
  to: number;
}

/**
 * Where a problem at `path` (`boxes[2]`, `variants.mirror.status`) stands in a row's JSON text: the value itself, or
 * the nearest part around it that exists. A problem of the row as a whole stands at its id, so that the eye finds a
 * name and not a long underlined line. In a text that is not JSON, it is the first character that cannot stand there.
 */
export function problemRange(text: string, path: string | undefined): Range {
  const whole = { from: Math.max(text.search(/\S/), 0), to: text.trimEnd().length };
  let row: JsonNode;
  try {
    row = parseJson(text);
  } catch (error) {
    if (!(error instanceof NotJson)) return whole; // nested too deeply to walk
    const from = Math.max(Math.min(error.at, whole.to - 1), 0);
    return { from, to: from + 1 };
  }
  let node = row;
  for (const step of path?.match(/[^.[\]]+/g) ?? []) {
    const inner = member(node, step);
    if (!inner) break;
    node = inner;
  }
  if (node === row) node = member(row, 'id') ?? row;
  return { from: node.from, to: node.to };
}
