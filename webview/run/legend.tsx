import { useCrosshair } from './crosshair.ts';
import { lastValue, valueAt, type Curve } from './curves.ts';
import { figure } from './format.ts';
import type { Drawing } from './plot.ts';
import { DASHES, nth, SIGNS, useTheme } from './theme.ts';

interface Props {
  drawing: Drawing;
  isHidden: (curve: Curve) => boolean;
  toggle: (curve: Curve) => void;
}

/** The lines of a chart with their values at the crosshair, else their newest; a press hides a line or shows it. */
export function Legend({ drawing, isHidden, toggle }: Props) {
  const x = useCrosshair();
  const { curves, compared, stacked } = drawing;
  return (
    <ul class="legend">
      {curves.map((curve) => (
        <li key={curve.id}>
          <button
            type="button"
            class="plain"
            aria-pressed={!isHidden(curve)}
            title={`${isHidden(curve) ? 'Show' : 'Hide'} this line${rawText(curve, x)}`}
            onClick={() => toggle(curve)}
          >
            <Sample curve={curve} compared={compared} stacked={stacked} />
            <span class="name">{curve.label}</span>
            <span class="value">{figure(x === null ? lastValue(curve) : valueAt(curve, x))}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** A smoothed line is not what was measured: its title has that. */
const rawText = (curve: Curve, x: number | null) => {
  const raw = { ...curve, smooth: null };
  return curve.smooth ? ` (measured: ${figure(x === null ? lastValue(raw) : valueAt(raw, x))})` : '';
};

/** A piece of the line, as it is drawn. */
export function Sample(props: { curve: Pick<Curve, 'run' | 'line'>; compared: boolean; stacked?: boolean }) {
  const { curve, compared, stacked } = props;
  const { palette } = useTheme();
  const colour = nth(palette, compared ? curve.run : curve.line);
  if (stacked) {
    return (
      <svg viewBox="0 0 22 10" aria-hidden="true">
        <rect x="6" width="10" height="10" rx="2" fill={colour} />
      </svg>
    );
  }
  return (
    <svg viewBox="0 0 22 10" aria-hidden="true">
      <path
        d="M0 5h22"
        stroke={colour}
        stroke-width="2"
        stroke-dasharray={nth(DASHES, curve.line).join(' ')}
      />
      {compared && (
        <text x="11" y="8.5" fill={colour} text-anchor="middle" font-size="10">
          {nth(SIGNS, curve.run)}
        </text>
      )}
    </svg>
  );
}
