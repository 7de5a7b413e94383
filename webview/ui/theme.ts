import { useEffect, useState } from 'preact/hooks';

/** The colours and fonts of charts, since a canvas does not know CSS. */
export interface Theme {
  /** For runs, and for lines that have no meaning of `MEANINGS`. */
  palette: string[];
  meanings: Record<Meaning, string>;
  /** Of alarms. */
  alarm: string;
  text: string;
  quiet: string;
  grid: string;
  background: string;
  font: string;
  /** High contrast: thicker lines, stronger ghosts. */
  contrast: boolean;
}

/** What a colour says wherever it is drawn: what a figure is of. Orange is our own, see base.css. */
const MEANINGS = {
  original: 'vscode-charts-blue',
  mirror: 'orange',
  both: 'vscode-charts-green',
  view: 'vscode-charts-purple',
  none: 'vscode-descriptionForeground',
} as const;
export type Meaning = keyof typeof MEANINGS;

/** After the colour of text, in the order in which they are easiest to tell apart. None of them means a view. */
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

/** Reads the theme once for all charts, and again whenever the user changes it. */
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

/** The current theme; updates when the user changes it. */
export function useTheme(): Theme {
  const [theme, setTheme] = useState(themeNow);
  useEffect(() => {
    listeners.add(setTheme);
    return () => void listeners.delete(setTheme);
  }, []);
  return theme;
}

/** Object, dashed, dotted …, so that colour is never the only sign. */
export const DASHES: readonly number[][] = [[], [7, 4], [2, 3], [10, 3, 2, 3], [5, 2, 1, 2, 1, 2], [14, 5]];

const SIGNS = ['●', '■', '▲', '◆', '▼', '✚'] as const;

/**
 * The sign of a compared run. Runs beyond the number of colours get another sign than the run whose colour they share.
 */
export const signOfRun = ({ palette }: Theme, run: number): string =>
  nth(SIGNS, run + Math.floor(run / palette.length));

/** The colour of a line: of several runs that of its run, else its meaning's. */
export const colourOf = (
  { palette, meanings }: Theme,
  { run, line, means }: { run: number; line: number; means?: Meaning | undefined },
  compared: boolean,
): string => (!compared && means ? meanings[means] : nth(palette, compared ? run : line));

export const nth = <T>(list: readonly T[], i: number): T => list[i % list.length]!;

/** A colour of the theme, more transparent. Works in every notation that themes use for colours. */
export const thinned = (colour: string, share: number): string =>
  `color-mix(in srgb, ${colour} ${Math.round(100 * share)}%, transparent)`;
