import { visible } from './visible.ts';

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes a text for HTML, also inside an attribute. */
export const htmlText = (text: string): string => visible(text).replace(/[&<>"']/g, (c) => ENTITIES[c]!);

/** Escapes a text for Markdown, on one line. */
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
  // At the beginning of a table row, LaTeX would read these characters as options of the previous row's end.
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

/** Escapes a text for LaTeX, on one line. Letters outside of Latin need an engine that reads Unicode. */
export const latexText = (text: string): string =>
  visible(text)
    .replace(/\s+/g, ' ')
    .replace(SPECIAL, (c) => LATEX[c] ?? (c === '-' ? '-{}' : `\\${c}`));
