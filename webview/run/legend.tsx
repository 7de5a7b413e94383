import { levelDashes } from './chart-marks.ts';
import { useCrosshair } from './x-axis.ts';
import { endsAt, fullName, lastValue, valueAt, type Curve } from './curves.ts';
import { rangeText, valueText } from './run-format.ts';
import type { Drawing } from './plot.ts';
import { colourOf, DASHES, nth, signOfRun, useTheme } from '../ui/theme.ts';

interface LegendProps {
  drawing: Drawing;
  isHidden: (curve: Curve) => boolean;
  toggle: (curve: Curve) => void;
}

/**
 * Lines of a chart with their measured values at the crosshair, or else their latest values. A click on a line hides or
 * shows it. If runs have several lines each, every run has a row in the legend.
 */
export function Legend({ drawing, isHidden, toggle }: LegendProps) {
  const x = useCrosshair();
  const { curves, compared, stacked, shares } = drawing;
  const entry = (curve: Curve) => (
    <li key={curve.id}>
      <button
        type="button"
        class="plain"
        aria-pressed={!isHidden(curve)}
        title={`${isHidden(curve) ? 'Show' : 'Hide'} ${fullName(curve)}${smoothText(curve, x, shares)}${curve.source === undefined ? '' : `\n${curve.source}`}`}
        onClick={() => toggle(curve)}
      >
        <Sample curve={curve} compared={compared} stacked={stacked} sign={curve.runName === undefined} />
        <span class="name">
          {curve.runName !== undefined && <span class="unseen">{curve.runName}, </span>}
          {curve.label}
        </span>
        <span class="value">{rangeText(endsAt(curve, x), shares)}</span>
      </button>
    </li>
  );
  if (curves.every(({ runName }) => runName === undefined))
    return (
      <div>
        <ul class="legend">{curves.map(entry)}</ul>
        <Levels {...drawing} />
      </div>
    );
  return (
    <div class="of-runs">
      {[...new Set(curves.map(({ run }) => run))].map((run) => {
        const ofRun = curves.filter((curve) => curve.run === run);
        return (
          <>
            <span class="run" title={ofRun[0]!.runName}>
              <Sample curve={{ run, line: 0 }} compared sign />
              <span class="name">{ofRun[0]!.runName}</span>
            </span>
            <ul class="legend" aria-label={ofRun[0]!.runName}>
              {ofRun.map(entry)}
            </ul>
          </>
        );
      })}
      <Levels {...drawing} />
    </div>
  );
}

/** Names and values of a chart's levels, such as chance and the image-free bound. */
function Levels({ levels, shares }: Pick<Drawing, 'levels' | 'shares'>) {
  if (levels.length === 0) return null;
  return (
    <ul class="levels" aria-label="Reference levels">
      {levels.map(({ y, label, dotted }) => (
        <li key={`${label} ${y}`}>
          <svg viewBox="0 0 22 10" aria-hidden="true">
            <path
              d="M0 5h22"
              stroke="currentColor"
              stroke-width="1.5"
              stroke-dasharray={levelDashes(dotted).join(' ')}
            />
          </svg>
          <span class="name">{label}</span>
          <span class="value">{valueText(y, shares)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Returns the smoothed value for the tooltip; the legend itself shows measured values. */
const smoothText = (curve: Curve, x: number | null, shares: boolean) => {
  if (!curve.smooth) return '';
  const smoothed = { ...curve, raw: curve.smooth };
  return ` (smoothed: ${valueText(x === null ? lastValue(smoothed) : valueAt(smoothed, x), shares)})`;
};

interface SampleProps {
  curve: Pick<Curve, 'run' | 'line' | 'means'>;
  compared: boolean;
  stacked?: boolean;
  sign?: boolean;
}

/** Short piece of a line, drawn as in the chart. */
export function Sample({ curve, compared, stacked, sign }: SampleProps) {
  const theme = useTheme();
  const colour = colourOf(theme, curve, compared);
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
      {compared && sign && (
        <text x="11" y="4" fill={colour} text-anchor="middle" dominant-baseline="central" font-size="10">
          {signOfRun(theme, curve.run)}
        </text>
      )}
    </svg>
  );
}
