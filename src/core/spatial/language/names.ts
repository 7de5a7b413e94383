/** How people name things in questions, and when two such names mean the same thing. */

const ARTICLE = /^(?:the|a|an|this|that|these|those|my|your|his|her|its|our|their|either)\s+/i;

/** `The chair (highlighted by a red box).` → `The chair`: remarks in brackets and outer punctuation are left out. */
export function bareName(name: string): string {
  return name
    .normalize('NFKC')
    .replace(/\s*\([^()]*\)/g, '')
    .replace(/\s+/g, ' ')
    .replace(/^[\s"'“”‘’*.,:;-]+|[\s"'“”‘’*.,:;!?-]+$/g, '');
}

/** A name without its article. */
export function withoutArticle(name: string): string {
  return name.replace(ARTICLE, '');
}

/** Two names with equal keys are the same name: case, articles, brackets, punctuation and underscores do not count. */
export function nameKey(name: string): string {
  return withoutArticle(bareName(name.replace(/_/g, ' '))).toLowerCase();
}

const IRREGULAR = new Set(
  'people men women children feet teeth mice geese sheep fish deer cattle persons policemen firemen dice'.split(
    ' ',
  ),
);
const SINGULAR_S = /(?:ss|us|is|ous|lens|gas|bus|series|species|canvas|atlas|chess|news)$/;

/** Whether the head of a name (its last word before a preposition) is a plural: `cups on the table`, `people`. */
export function isPlural(name: string): boolean {
  const head = headWord(name);
  return IRREGULAR.has(head) || (/[a-z]s$/.test(head) && !SINGULAR_S.test(head));
}

/** The last word of a name before a preposition or participle: `the man in a red shirt` → `man`. */
export function headWord(name: string): string {
  const phrase = nameKey(name).split(
    / (?:of|in|on|at|with|from|under|above|behind|near|by|to|for|that|which|who|wearing|holding|next|closest|nearest) /,
  )[0]!;
  return phrase.split(' ').at(-1)!;
}

/** `cup` and `cups`, `box` and `boxes`, `person` and `people` have one singular. */
export function singular(word: string): string {
  const irregular: Record<string, string> = {
    people: 'person',
    men: 'man',
    women: 'woman',
    children: 'child',
    feet: 'foot',
    mice: 'mouse',
    geese: 'goose',
    knives: 'knife',
    shelves: 'shelf',
    leaves: 'leaf',
  };
  if (irregular[word]) return irregular[word];
  if (SINGULAR_S.test(word) || !word.endsWith('s')) return word;
  if (/(?:ch|sh|x|z|ss)es$/.test(word)) return word.slice(0, -2);
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`;
  return word.slice(0, -1);
}

/** A noun phrase without particles and without remarks on the picture or the point of view. */
export function referent(text: string): string {
  return bareName(text)
    .replace(/\b(?:in|within|of) (?:the|this) (?:image|picture|photo|photograph|scene|view|frame)\b.*$/i, '')
    .replace(
      /\b(?:from|in) (?:the|your|my) (?:viewer|camera|observer)?(?:['’]s)? ?(?:perspective|point of view|view|viewpoint|side)\b.*$/i,
      '',
    )
    .replace(/^(?:to|from|of|than|with)\s+/i, '')
    .replace(/\s+(?:is|are|was|were|does|do|did)$/i, '')
    .trim();
}
