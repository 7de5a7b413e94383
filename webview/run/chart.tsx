import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from '../ui/icon.tsx';
import { crosshair, useCrosshair } from './x-axis.ts';
import { endsAt, fullName, nearest, type Curve } from './curves.ts';
import { onAxis, rangeText } from './run-format.ts';
import { Legend } from './legend.tsx';
import { Plot, type Drawing } from './plot.ts';
import { Scrolls } from '../ui/parts.tsx';
import { useTheme } from '../ui/theme.ts';
import { toggled, usePage, type Choices } from './run-panel-state.ts';

const HEIGHT = 170;
const LARGE_HEIGHT = 460;

/** Returns the height of a chart's plot, in pixels. */
export const heightOf = ({ large }: Pick<Choices, 'large'>, id: string): number =>
  large.includes(id) ? LARGE_HEIGHT : HEIGHT;

interface ChartProps {
  id: string;
  title: string;
  about: string;
  drawing: Drawing;
  legend?: ComponentChildren;
  /** Content to show in place of the plot. */
  instead?: ComponentChildren;
  table: ComponentChildren;
  /** Opens the events at a position on the chart's x-axis. */
  pick: (x: number) => void;
  /** Receives the width of the plot in pixels, when the width is known. */
  onWidth?: (width: number) => void;
}

type Pair<T> = readonly [off: T, on: T];

/** Buttons of each chart: the choice that a button changes, and its name, icons and hints. */
const BUTTONS: readonly ['pinned' | 'large' | 'tables', string, Pair<IconName>, Pair<string>][] = [
  ['pinned', 'Pin', ['pin', 'pinned'], ['Pin chart to the top', 'Unpin chart']],
  ['large', 'Enlarge', ['screen-full', 'screen-normal'], ['Enlarge chart', 'Shrink chart']],
  ['tables', 'Table of', ['table', 'graph-line'], ['Show as table', 'Show as chart']],
];

/** Layout that all charts share: title, help, legend with the values under the crosshair, and plot or table. */
export function Chart(props: ChartProps) {
  const { id, title, about, drawing, legend, instead, table, pick, onWidth } = props;
  const { choices, choose } = usePage();
  const asTable = choices.tables.includes(id);
  const hidden = (curve: Curve) => choices.hidden.includes(`${id} ${curve.id}`);
  const shown = { ...drawing, curves: drawing.curves.filter((curve) => !hidden(curve)) };
  return (
    <figure class={`chart${choices.large.includes(id) ? ' large' : ''}`} data-chart={id}>
      <figcaption>
        <h3>{title}</h3>
        <details class="about">
          <summary aria-label={`About ${title}`} title={about}>
            <Icon name="info" />
          </summary>
          <p>{about}</p>
        </details>
        {BUTTONS.map(([key, name, icons, hints]) => {
          const isOn = choices[key].includes(id);
          return (
            <button
              type="button"
              class="plain"
              aria-label={`${name} ${title}`}
              aria-pressed={isOn}
              title={hints[isOn ? 1 : 0]}
              onClick={() => choose({ [key]: toggled(choices[key], id) })}
            >
              <Icon name={icons[isOn ? 1 : 0]} />
            </button>
          );
        })}
      </figcaption>
      {/* A chart without a drawing requires no legend. */}
      {asTable || instead != null ? (
        <span />
      ) : (
        (legend ?? (
          <Legend
            drawing={drawing}
            isHidden={hidden}
            toggle={(curve) => choose({ hidden: toggled(choices.hidden, `${id} ${curve.id}`) })}
          />
        ))
      )}
      {asTable
        ? table
        : (instead ?? (
            <PlotArea {...{ title, drawing: shown, pick, onWidth }} height={heightOf(choices, id)} />
          ))}
    </figure>
  );
}

interface AreaProps {
  title: string;
  /** Height of the plot in pixels. */
  height: number;
  drawing: Drawing;
  pick: (x: number) => void;
  onWidth?: ((width: number) => void) | undefined;
}

/** Canvas, with a slider for keyboard users: its value is the step, and its text contains the step's values. */
function PlotArea({ title, height, drawing, pick, onWidth }: AreaProps) {
  const { choose } = usePage();
  const theme = useTheme();
  const area = useRef<HTMLDivElement>(null);
  const plot = useRef<{ plot: Plot; shape: string; theme: object } | null>(null);
  const latest = useRef({ choose, pick });
  latest.current = { choose, pick };
  const [width, setWidth] = useState(0);

  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const pixels = Math.floor(entry!.contentRect.width);
      setWidth(pixels);
      onWidth?.(pixels);
    });
    observer.observe(area.current!);
    return () => {
      observer.disconnect();
      plot.current?.plot.destroy();
      plot.current = null;
    };
  }, []);

  useEffect(() => {
    // Draw no axes before data arrive, because empty axes would suggest an empty result.
    if (width < 60 || (drawing.curves.length === 0 && !drawing.map && !plot.current)) return;
    const size = { width, height };
    const shape = Plot.shape(drawing);
    if (plot.current?.shape === shape && plot.current.theme === theme) {
      plot.current.plot.resize(size);
      plot.current.plot.draw(drawing);
      return;
    }
    plot.current?.plot.destroy();
    const made: Plot = new Plot(area.current!, size, drawing, theme, {
      point: (x) => crosshair.set(x, made),
      zoom: (range) => latest.current.choose({ range }),
      reset: () => latest.current.choose({ range: null }),
      pick: (x) => latest.current.pick(x),
    });
    plot.current = { plot: made, shape, theme };
  }, [drawing, width, height, theme]);

  useEffect(
    () =>
      crosshair.listen((x, source) => {
        if (plot.current && source !== plot.current.plot) plot.current.plot.follow(x);
      }),
    [],
  );

  return (
    <div class="plot" style={{ height: `${height}px` }}>
      <div ref={area} class="canvas" />
      <Keyboard {...{ title, drawing, pick }} />
    </div>
  );
}

/** Number of rows that PageUp and PageDown skip. */
const PAGE = 10;

function Keyboard({ title, drawing, pick }: Omit<AreaProps, 'onWidth' | 'height'>) {
  const { choose } = usePage();
  const x = useCrosshair();
  const rows = longest(drawing.curves);
  if (rows.length === 0) return null;
  const at = x === null ? rows.length - 1 : nearest(rows, x);
  const here = rows[at]!;
  const go = (row: number) => crosshair.set(rows[Math.max(0, Math.min(row, rows.length - 1))]!);
  const zoom = (factor: number) => {
    const [from, to] = drawing.range;
    const half = ((to - from) * factor) / 2;
    if (half > 0) choose({ range: [Math.max(here - half, rows[0]!), Math.min(here + half, rows.at(-1)!)] });
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowRight: () => go(at + 1),
    ArrowLeft: () => go(at - 1),
    ArrowUp: () => go(at + 1),
    ArrowDown: () => go(at - 1),
    PageUp: () => go(at + PAGE),
    PageDown: () => go(at - PAGE),
    Home: () => go(0),
    End: () => go(rows.length - 1),
    Enter: () => pick(here),
    '+': () => zoom(0.5),
    '-': () => zoom(2),
    '0': () => choose({ range: null }),
    Escape: () => crosshair.set(null),
  };
  return (
    <div
      class="keyboard"
      tabIndex={0}
      role="slider"
      aria-label={`${title}: move along the curve`}
      aria-orientation="horizontal"
      aria-valuemin={rows[0]!}
      aria-valuemax={rows.at(-1)!}
      aria-valuenow={here}
      aria-valuetext={`${onAxis(drawing.axis, here)}: ${drawing.curves.map((curve) => `${fullName(curve)} ${rangeText(endsAt(curve, here), drawing.shares)}`).join(', ')}`}
      onKeyDown={(event) => {
        const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
        if (!act) return;
        event.preventDefault();
        act();
      }}
    />
  );
}

const longest = (curves: readonly Curve[]): Float64Array =>
  curves.reduce<Float64Array>((most, { x }) => (x.length > most.length ? x : most), new Float64Array(0));

/** Table that can be wider than its container, and that users can scroll with keys. */
export function Scrollable({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <Scrolls as="div" class="table" role="region" aria-label={label}>
      <table>{children}</table>
    </Scrolls>
  );
}
