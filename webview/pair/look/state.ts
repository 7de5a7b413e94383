import type { Look } from '../../../src/core/insight/look.ts';
import { firstChoice, type MapChoice } from '../../ui/look/choice.ts';

/** A look as the panel shows it. */
export interface LookState extends MapChoice {
  /** The row that is looked at. Showing another row ends the look. */
  uri: string;
  line: number;
  /** What is being done, in words; null when it is finished. */
  doing: string | null;
  /** Why it failed, in words; null if it did not. */
  failed: string | null;
  /** The last look at this row, which stays until the next one is finished. */
  look: Look | null;
  /** The look by another model before it, with which it is compared. */
  earlier: Look | null;
  /** Words that the user asked for, in addition to those that the row names. */
  queries: string[];
}

/** The state before a look. */
export const newLook = (uri: string, line: number): LookState => ({
  uri,
  line,
  doing: 'Starting',
  failed: null,
  look: null,
  earlier: null,
  queries: [],
  ...firstChoice(null),
});
