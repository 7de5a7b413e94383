import type { Sign } from '../words.ts';

/** Signs that words of a question name none of its alternatives. */
export const ALTERNATIVES = {
  /** Words that belong to the question itself and never to the name of an alternative. */
  orderWord: {
    pattern:
      /\b(?:which|who|what|whose)\b|^\s*(?:please |can you |could you )?(?:name|choose|pick|select|identify|state|tell|say|indicate|decide|determine|compare|answer)\b/i,
    example: 'please choose the cup',
    counterExample: 'the chosen cup',
  },
  openOption: {
    pattern:
      /\b(?:same|equal(?:ly)?|both|neither|none|nothing|nobody|no one|tie|tied|cannot|can't|not sure|not visible|unsure|unclear|unknown|don['’]t know|identical|undetermined)\b/i,
    example: 'neither of them',
    counterExample: 'the other one',
  },
  trailingVerb: {
    pattern:
      /\s+(?:(?:that|which|who)\s+)?(?:is|are|positioned|located|placed|situated|standing|sitting|appear|stand|sit|lie|be|look|seem)?\s*(?:more|the)?\s*$/i,
    example: 'the plate that is more',
    counterExample: 'the plate that was',
  },
} as const satisfies Record<string, Sign>;

/** For each axis, the words with which a menu can offer its poles. */
export const MENU_POLES: Record<string, [low: string[], high: string[]]> = {
  near_far: [['closer|nearer|near|close'], ['farther|further|far']],
  left_right: [['left'], ['right']],
  above_below: [['above|over|higher', 'on top'], ['below|under|beneath|underneath|lower']],
  front_behind: [['in front', 'front'], ['behind|back']],
  'size height length width': [['smaller|shorter|narrower|thinner'], ['bigger|larger|taller|longer|wider']],
  quantity: [['fewer|less'], ['more']],
  containment: [['inside'], ['outside']],
};
