import type { Node } from 'jsonc-parser';
import { jsonTree, NotJson, valueAt } from '../core/annotation/edit-json.ts';

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
  let row: Node;
  try {
    row = jsonTree(text);
  } catch (error) {
    if (!(error instanceof NotJson)) return whole; // nested too deeply to walk
    const from = Math.max(Math.min(error.at, whole.to - 1), 0);
    return { from, to: from + 1 };
  }
  let node = row;
  for (const step of path?.match(/[^.[\]]+/g) ?? []) {
    const inner = valueAt(node, step);
    if (!inner) break;
    node = inner;
  }
  if (node === row) node = valueAt(row, 'id') ?? row;
  return { from: node.offset, to: node.offset + node.length };
}
