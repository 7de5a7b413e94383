import { findJson, type JsonSource } from '../json.ts';

/** What becomes of a first stage that wrote no JSON (R26): its text is shown as it is, or an empty graph. */
export type MissingGraph = 'text' | 'empty';

/**
 * What the second stage is shown of a first stage's text: its JSON, wherever in the text it stands.
 * @returns also where it stood; `raw`: there was none.
 */
export function shownGraph(text: string, missing: MissingGraph): { shown: string; source: JsonSource } {
  const found = findJson(text);
  if (found) return { shown: JSON.stringify(found.value), source: found.source };
  return { shown: missing === 'text' ? text : '{}', source: 'raw' };
}
