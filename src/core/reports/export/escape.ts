import { visible } from './visible.ts';

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text as HTML, also inside an attribute. */
export const htmlText = (text: string): string => visible(text).replace(/[&<>"']/g, (c) => ENTITIES[c]!);

/** A text as Markdown on one line: what would be read as markup is escaped. */
export const markdownText = (text: string): string =>
  visible(text)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]<>#|!~&]/g, '\\$&');

const LATEX: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '`': '\\textasciigrave{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': "''",
  // After the end of a row, these characters would be read as its options.
  '[': '{[}',
  '*': '{*}',
  '−': '$-$',
  '–': '--',
  '—': '---',
  '…': '\\ldots{}',
  '’': "'",
  '×': '$\\times$',
  '±': '$\\pm$',
  '·': '$\\cdot$',
  '≥': '$\\geq$',
  '≤': '$\\leq$',
  '→': '$\\rightarrow$',
  '↑': '$\\uparrow$',
  '↓': '$\\downarrow$',
  '½': '$\\frac{1}{2}$',
  Δ: '$\\Delta$',
  α: '$\\alpha$',
  β: '$\\beta$',
  δ: '$\\delta$',
  η: '$\\eta$',
  ε: '$\\epsilon$',
};
const SPECIAL = new RegExp(
  `[${Object.keys(LATEX)
    .join('')
    .replace(/[\\^[]/g, '\\$&')}{}$&#%_]|-(?=-)`,
  'g',
);

/** A text as LaTeX on one line; letters outside of Latin need an engine that reads Unicode. */
export const latexText = (text: string): string =>
  visible(text)
    .replace(/\s+/g, ' ')
    .replace(SPECIAL, (c) => LATEX[c] ?? (c === '-' ? '-{}' : `\\${c}`));
