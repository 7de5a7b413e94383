/** Something wrong with a row, a graph or a config, in a form that terminals, editors and scripts can show. */
export interface Problem {
  /** `error`: the value cannot be used. `warning`: usable, but probably not what was meant. */
  severity: 'error' | 'warning';
  /** Constant name in kebab case, for filters and quick fixes. */
  code: string;
  /** One sentence, which does not state the position. */
  message: string;
  /** Position in the value, as a dotted path: `boxes[2]`. */
  path?: string;
  /** What the user can do about it, as an imperative sentence. */
  fix?: string;
  /** A word at `path`, and the one that was probably meant. */
  typo?: { word: string; meant: string };
}
