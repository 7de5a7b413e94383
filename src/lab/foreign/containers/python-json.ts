const OUTSIDE_STRINGS = /"(?:[^"\\]|\\.)*(?:"|$)|-?\bInfinity\b|\bNaN\b/g;

/** Parses JSON as Python's `json` writes it; `NaN` and `Infinity` become null. @throws SyntaxError */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    return JSON.parse(text.replace(OUTSIDE_STRINGS, (found) => (found.startsWith('"') ? found : 'null')));
  }
}
