import { h } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Chart, PointAnswers } from '../../src/core/reports/document.ts';
import { drawChart } from '../../src/core/reports/drawing.ts';
import type { Mark } from '../../src/core/reports/drawing-parts.ts';
import { useWidth } from './hooks.ts';
import './drawn-chart.css';

interface DrawnChartProps {
  chart: Chart;
  /** Id of the element that contains the name of the chart. */
  labelledBy: string;
  open?: (point: PointAnswers) => void;
}

/** Chart of a document, as wide as its container. Users can click points with stored answers. */
export function DrawnChart({ chart, labelledBy, open }: DrawnChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const { width, height, marks } = drawChart(chart, useWidth(frame) || undefined);
  const canOpen = open && marks.some(({ opens }) => opens);
  return (
    <div ref={frame} class="drawn-chart">
      <svg viewBox={`0 0 ${width} ${height}`} role={canOpen ? 'group' : 'img'} aria-labelledby={labelledBy}>
        {marks.map(({ tag, at, text, title = '', opens }, m) => {
          const press = opens && open && (() => open(opens));
          const button = press && {
            role: 'button',
            tabindex: 0,
            'aria-label': title,
            onClick: press,
            onKeyDown: (event: KeyboardEvent) => {
              if (event.key !== 'Enter' && event.key !== ' ') return;
              event.preventDefault();
              press();
            },
          };
          if (tag === 'image') return <Backdrop key={m} at={at} />;
          return h(tag, { key: m, ...at, ...button }, title === '' ? null : h('title', null, title), text);
        })}
      </svg>
    </div>
  );
}

/** Image from a data URL, which this component converts to a blob. */
function Backdrop({ at: { href, ...place } }: Pick<Mark, 'at'>) {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    const [, data = ''] = String(href).split(';base64,');
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    const shown = URL.createObjectURL(new Blob([bytes], { type: 'image/png' }));
    setUrl(shown);
    return () => URL.revokeObjectURL(shown);
  }, [href]);
  return url === null ? null : <image {...place} href={url} />;
}
