import { visible } from './escape.ts';

// Texts for LaTeX as plain ASCII, so that they compile with any engine, font encoding and package. Characters that are
// not European letters or common symbols are printed as code points, or unchanged by engines with Unicode.

/** Parses replacements: each entry is a character followed by its text. */
const table = (pairs: string): [string, string][] =>
  pairs
    .trim()
    .split(/\s+/)
    .map((pair) => [pair.slice(0, [...pair][0]!.length), pair.slice([...pair][0]!.length)]);

const SPECIAL: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '`': '\\`{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': "''",
  // At the beginning of a table row, LaTeX would read such a character as an option of the previous row's end.
  '[': '{[}',
  '*': '{*}',
};

/** LaTeX for punctuation and letters outside mathematics. */
const TEXT: ReadonlyMap<string, string> = new Map([
  ...table(
    String.raw`–-- —--- ―--- ‒-- ‐- ‑- ’' ‘${'`'} ”'' “${'``'} ‚, ß\ss{} æ\ae{} Æ\AE{} œ\oe{} Œ\OE{} ø\o{} Ø\O{} ł\l{} Ł\L{} ı\i{} §\S{} ¶\P{} ©\copyright{} £\pounds{} ¿\textquestiondown{} ¡\textexclamdown{} …\ldots{} •\textbullet{} ⁄/ ■\rule{1ex}{1ex} █\rule{1ex}{1ex} ▪\rule{.7ex}{.7ex}`,
  ),
  ['„', ',{},'],
  ['€', 'EUR'],
  ['─', '---'],
  ...[...'│┊¦'].map((bar) => [bar, '\\textbar{}'] as const),
]);

/** LaTeX commands for mathematical symbols. */
const MATHS: ReadonlyMap<string, string> = new Map(
  table(
    String.raw`−- ×\times ±\pm ∓\mp ·\cdot ⋅\cdot ÷\div ¬\neg ≥\geq ≤\leq ≠\neq ≈\approx ≡\equiv ∞\infty √\surd ✓\surd ✔\surd ✗\times ✘\times ✕\times ✖\times °^{\circ} ∘\circ ′^{\prime} →\rightarrow ←\leftarrow ↔\leftrightarrow ↑\uparrow ↓\downarrow ↕\updownarrow ⇒\Rightarrow ⇐\Leftarrow ⇔\Leftrightarrow ↦\mapsto ↗\nearrow ↘\searrow ↙\swarrow ↖\nwarrow ⟶\longrightarrow ⟵\longleftarrow ➡\rightarrow ⬅\leftarrow ∈\in ∅\emptyset ∩\cap ∪\cup ⊂\subset ∧\wedge ∨\vee ∠\angle ⊥\perp ∥\parallel ∀\forall ∃\exists ∑\sum ∏\prod ∂\partial ∇\nabla ∆\Delta ⟨\langle ⟩\rangle ⌊\lfloor ⌋\rfloor ⌈\lceil ⌉\rceil «\ll »\gg ●\bullet ○\circ ◦\circ ▲\bigtriangleup △\bigtriangleup ▼\bigtriangledown ▽\bigtriangledown ◆\diamond ◇\diamond ◊\diamond ★\star ☆\star ▶\triangleright ▷\triangleright ►\triangleright ▸\triangleright ◀\triangleleft ◁\triangleleft ◄\triangleleft ½\frac{1}{2} ¼\frac{1}{4} ¾\frac{3}{4} ⅓\frac{1}{3} ⅔\frac{2}{3} µ\mu Σ\Sigma Δ\Delta Φ\Phi Γ\Gamma Λ\Lambda Ω\Omega Π\Pi Ψ\Psi Θ\Theta Ξ\Xi Υ\Upsilon α\alpha β\beta γ\gamma δ\delta ε\epsilon ζ\zeta η\eta θ\theta ι\iota κ\kappa λ\lambda μ\mu ν\nu ξ\xi ο{o} π\pi ρ\rho σ\sigma ς\varsigma τ\tau υ\upsilon φ\phi χ\chi ψ\psi ω\omega`,
  ),
);

/** LaTeX's accent commands, keyed by combining mark. They work in any of LaTeX's own font encodings. */
const ACCENTS: ReadonlyMap<string, string> = new Map([
  ['\u0300', '`'],
  ['\u0301', "'"],
  ['\u0302', '^'],
  ['\u0303', '~'],
  ['\u0304', '='],
  ['\u0306', 'u'],
  ['\u0307', '.'],
  ['\u0308', '"'],
  ['\u030a', 'r'],
  ['\u030b', 'H'],
  ['\u030c', 'v'],
  ['\u0323', 'd'],
  ['\u0327', 'c'],
  ['\u0331', 'b'],
]);

/** Returns LaTeX for a letter with its accents, `\'{e}`, or null for any other character. */
function accented(character: string): string | null {
  const [letter, ...marks] = [...character.normalize('NFD')];
  const accents = marks.map((mark) => ACCENTS.get(mark));
  if (marks.length === 0 || !/[A-Za-z]/.test(letter!) || accents.includes(undefined)) return null;
  const isAbove = marks.every((mark) => !'\u0323\u0327\u0331'.includes(mark));
  const base = isAbove && /[ij]/.test(letter!) ? `\\${letter!}` : letter!;
  return accents.reduce((inside: string, accent) => `\\${accent}{${inside}}`, base);
}

const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const LOWERED = '₀₁₂₃₄₅₆₇₈₉';

/** Returns the ASCII form of one character, or null for characters of other scripts. */
function ascii(character: string): string | null {
  if (/[{}$&#%_]/.test(character)) return `\\${character}`;
  if (/[ -~]/.test(character)) return SPECIAL[character] ?? character;
  const maths = MATHS.get(character);
  if (maths !== undefined) return `$${maths}$`;
  const raised = RAISED.indexOf(character);
  if (raised >= 0) return `\\textsuperscript{${raised}}`;
  const lowered = LOWERED.indexOf(character);
  return lowered >= 0 ? `$_{${lowered}}$` : (TEXT.get(character) ?? accented(character));
}

/** Returns the ASCII for a character or its compatibility form (such as "A" for a full-width A), or null. */
const asciiForm = (character: string): string | null => {
  const latex = ascii(character);
  if (latex !== null) return latex;
  const parts = [...character.normalize('NFKC')].map(ascii);
  return parts.includes(null) ? null : parts.join('');
};

/** LaTeX command for text in other scripts. Its arguments are the text and the code points of the text. */
const OTHER = '\\otherscript';

/** Escapes a text for LaTeX, on one line, as ASCII except the arguments of `\otherscript`. */
export function latexText(text: string): string {
  const parts: string[] = [];
  let others = '';
  const end = () => {
    if (others === '') return;
    const points = Array.from(others, (character) =>
      character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0'),
    );
    parts.push(`${OTHER}{${others}}{${points.map((point) => `U+${point}`).join(' ')}}`);
    others = '';
  };
  for (const character of visible(text.normalize('NFC')).replace(/\s+/g, ' ')) {
    const shown = asciiForm(character);
    if (shown === null) others += character;
    else {
      end();
      // Separates two hyphens or commas, which LaTeX would print as a dash or a quotation mark.
      if (/^[-,]$/.test(shown) && parts.at(-1) === shown) parts.push('{}');
      parts.push(shown);
    }
  }
  end();
  return parts.join('');
}

/** Returns the definitions that a LaTeX file needs before these texts. */
export const latexPrelude = (latex: string): string[] =>
  latex.includes(`${OTHER}{`)
    ? [
        '% Texts in other scripts require XeLaTeX or LuaLaTeX with a suitable font; pdfLaTeX prints their code points.',
        `\\providecommand{${OTHER}}[2]{\\ifdefined\\XeTeXversion#1\\else\\ifdefined\\directlua#1\\else\\texttt{[#2]}\\fi\\fi}`,
      ]
    : [];
