import { useEffect, useState } from 'preact/hooks';

/** Colours and fonts for charts, because a canvas cannot use CSS. */
export interface Theme {
  /** Colours for runs, and for lines without a meaning in `MEANINGS`. */
  palette: string[];
  meanings: Record<Meaning, string>;
  alarm: string;
  text: string;
  quiet: string;
  grid: string;
  background: string;
  font: string;
  /** Whether the theme has high contrast, with thicker lines and stronger unsmoothed lines. */
  contrast: boolean;
}

/** CSS variables for colours with a fixed meaning. Chirality itself defines orange (base.css). */
const MEANINGS = {
  original: 'vscode-charts-blue',
  mirror: 'orange',
  both: 'vscode-charts-green',
  view: 'vscode-charts-purple',
  none: 'vscode-descriptionForeground',
} as const;
export type Meaning = keyof typeof MEANINGS;

/** Additional colours after the text colour, the most distinguishable first. None stands for a view. */
const OTHERS = ['terminal-ansiCyan', 'terminal-ansiMagenta', 'charts-yellow', 'charts-red'];

function readTheme(): Theme {
  const style = getComputedStyle(document.body);
  const property = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const variable = (name: string) => property(`vscode-${name}`);
  const text = variable('foreground') || style.color;
  return {
    palette: [text, ...OTHERS.map(variable).filter(Boolean)],
    meanings: Object.fromEntries(
      Object.entries(MEANINGS).map(([meaning, name]) => [meaning, property(name) || text]),
    ) as Theme['meanings'],
    alarm: variable('charts-red') || text,
    text,
    quiet: variable('descriptionForeground') || text,
    grid: variable('chart-guide') || variable('panel-border') || text,
    background: variable('editor-background'),
    font: `11px ${variable('font-family') || 'sans-serif'}`,
    contrast: /high-contrast/.test(document.body.className),
  };
}

let current: Theme | null = null;
const listeners = new Set<(theme: Theme) => void>();

/** Returns the theme. Reads the theme once for all charts, and again after a change of the theme. */
function themeNow(): Theme {
  if (current) return current;
  const observer = new MutationObserver(() => {
    current = readTheme();
    for (const listener of listeners) listener(current);
  });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
  return (current = readTheme());
}

/** Returns the current theme. Updates when the user changes the theme. */
export function useTheme(): Theme {
  const [theme, setTheme] = useState(themeNow);
  useEffect(() => {
    listeners.add(setTheme);
    return () => void listeners.delete(setTheme);
  }, []);
  return theme;
}

/** Dash patterns: solid, dashed, dotted …, so that colour is not the only cue. */
export const DASHES: readonly number[][] = [[], [7, 4], [2, 3], [10, 3, 2, 3], [5, 2, 1, 2, 1, 2], [14, 5]];

const SIGNS = ['●', '■', '▲', '◆', '▼', '✚'] as const;

/** Returns the sign of a run in a comparison. Runs with the same colour have different signs. */
export const signOfRun = ({ palette }: Theme, run: number): string =>
  nth(SIGNS, run + Math.floor(run / palette.length));

/** Returns the colour of a line: for several runs, the colour of its run, otherwise the colour of its meaning. */
export const colourOf = (
  { palette, meanings }: Theme,
  { run, line, means }: { run: number; line: number; means?: Meaning | undefined },
  compared: boolean,
): string => (!compared && means ? meanings[means] : nth(palette, compared ? run : line));

export const nth = <T>(list: readonly T[], i: number): T => list[i % list.length]!;

/** Returns a theme colour, given in any notation that themes use, with more transparency. */
export const thinned = (colour: string, share: number): string =>
  `color-mix(in srgb, ${colour} ${Math.round(100 * share)}%, transparent)`;
