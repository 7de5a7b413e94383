import { words } from './sets.ts';

/** Words without a meaning of their own, by what they tell about a sentence. */
export const FUNCTION_WORDS = {
  /** With which a question is inverted: "Is the cup …?" */
  auxiliaries: words('is are was were does do did would will can could should has have'),
  /** Of these, those with which a question for one of several things is inverted. */
  inverted: words('is are was were does do would will'),
  /** Verbs that place their subject. */
  locatives: words('appear look seem lie come stand sit have rest hang occupy remain stay contain hold be'),
  /** With which a question begins, and no list of alternatives. */
  openings: words(
    'is are was were do does did can could will would has have which what who whose where how if in given',
  ),
  /** That lose their capital after "In the image as shown, ". */
  openers: words(
    'is are was were do does did can could has have which what who where how on in to from at the a an there looking name',
  ),
  /** At which the noun that "more" counts must have come. */
  uncounted: words(
    'than or and in on at to of is are was does do has its as the a an between around with near by',
  ),
  /** That add nothing to a sentence besides names, predicate and the question's own words. */
  empty: words(`
    the a an is are was it its one that this which appears appear looks seems stands standing sits lies positioned
    located placed situated being with between among two three of these there as than compared to from in on
    at image picture photo scene viewer's viewer perspective side other object you'll you will can see find has have
    person who`),
} as const satisfies Record<string, readonly string[]>;
