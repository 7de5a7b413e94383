/** A word for a side that is one only among certain words. */
export interface SideWord {
  rule: string;
  word: string;
  partner: string;
  /**
   * Where the word, `@`, is a side, in the pattern language (../patterns.ts), or may also be what `or` says. The
   * first line that applies counts; `about` must be found too, anywhere in the row. Elsewhere the word stays.
   */
  where: readonly { patterns: readonly string[]; about?: string; or?: string }[];
  /** A question in which it is a side, and a similar one in which it stays. */
  example: string;
  counterExample: string;
}

const SHIP =
  'ship|ships|boat|boats|vessel|yacht|yachts|sailboat|sailboats|sailing|ferry|deck|hull|aboard|starboard|bow|stern|lifeboat|canoe|kayak|captain|aircraft|airplane|plane|jet|cockpit|rudder|helm|rower|rowing|anchor|anchors|anchored|anchoring';

/** To teach the rules a word, add a line: its examples are tests. Forms of left and right are in ../exceptions.ts. */
export const SIDE_WORDS: readonly SideWord[] = [
  {
    rule: 'side.ship',
    word: 'starboard',
    partner: 'port',
    where: [{ patterns: ['@'] }],
    example: 'Is the lamp on the starboard side?',
    counterExample: 'Is the lamp on board?',
  },
  {
    rule: 'side.ship',
    word: 'port',
    partner: 'starboard',
    where: [
      { patterns: ['@ side|bow'] },
      {
        patterns: ['@ quarter|beam|tack|engine|wing|light|hand|rail|and|or', 'to|and|or|/ @ !city|of'],
        about: SHIP,
      },
      { patterns: ['!the|a|of|in|at|this|usb|hdmi @'], about: SHIP, or: 'a harbour' },
      { patterns: ['@'], about: 'starboard', or: 'a harbour' },
      { patterns: ['to @ $|of'], or: 'a harbour' },
    ],
    example: 'Is the lamp on the port side?',
    counterExample: 'Is the ship in the port?',
  },
];
