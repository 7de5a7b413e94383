import { useEffect, useState } from 'preact/hooks';

/** The colours and fonts of charts, since a canvas does not know CSS. */
export interface Theme {
  palette: string[];
  text: string;
  quiet: string;
  grid: string;
  background: string;
  font: string;
  /** High contrast: thicker lines, stronger ghosts. */
  contrast: boolean;
}

/** In the order in which they are easiest to tell apart; orange is our own, see base.css. */
const COLOURS = ['blue', 'orange', 'green', 'purple', 'red', 'yellow'];

function readTheme(): Theme {
  const style = getComputedStyle(document.body);
  const own = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const variable = (name: string) => own(`vscode-${name}`);
  const text = variable('foreground') || style.color;
  return {
    palette: COLOURS.map((name) => own(name === 'orange' ? name : `vscode-charts-${name}`)).filter(Boolean),
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

/** Solid, dashed, dotted …, so that colour is never the only sign. */
export const DASHES: readonly number[][] = [[], [7, 4], [2, 3], [10, 3, 2, 3], [5, 2, 1, 2, 1, 2], [14, 5]];

const SIGNS = ['●', '■', '▲', '◆', '▼', '✚'] as const;

/**
 * The sign of a compared run. Runs beyond the number of colours get another sign than the run whose colour they share.
 */
export const signOfRun = ({ palette }: Theme, run: number): string =>
  nth(SIGNS, run + Math.floor(run / palette.length));

export const nth = <T>(list: readonly T[], i: number): T => list[i % list.length]!;

/** A colour of the theme, more transparent. Works in every notation that themes use for colours. */
export const thinned = (colour: string, share: number): string =>
  `color-mix(in srgb, ${colour} ${Math.round(100 * share)}%, transparent)`;
