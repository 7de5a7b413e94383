import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visible } from '../../../../src/base/escape.ts';
import { reportLatex, tableLatex } from '../../../../src/core/reports/latex.ts';
import { reportMarkdown, tableCsv, tableMarkdown } from '../../../../src/core/reports/table-text.ts';
import {
  chartTable,
  besideText,
  markBest,
  type Chart,
  type Origin,
  type ReportDocument,
  type Table,
} from '../../../../src/core/reports/document.ts';
import { CHART_WIDTH, drawChart, ticks, withSharedAxes } from '../../../../src/core/reports/drawing.ts';
import { reportHtml } from '../../../../src/core/reports/html.ts';
import { forAll, property } from '../../../support/property.ts';

/** A report with a text in every place that could be somebody else's. */
function reportOf(text: string): ReportDocument {
  const cell = { text, note: text };
  const chart: Chart = {
    id: 'chart',
    caption: text,
    kind: 'scatter',
    x: { label: text },
    y: { label: text },
    series: [{ name: text, points: [{ x: 1, y: 2, interval: [1, 3], label: text, note: text }] }],
    notes: [text],
  };
  const table: Table = {
    id: 'table',
    caption: text,
    columns: [
      { title: text, note: text, align: 'left' },
      { title: 'figure', align: 'right', better: 'higher' },
    ],
    rows: [
      { cells: [cell, { text: '1.5', value: 1.5, interval: [1, 2] }], origin: 'own' },
      { cells: [{ text: '', href: 'https://example.org/?a=1&b=2' }, { text: '–' }], origin: 'published' },
    ],
    notes: [text],
  };
  return {
    title: text,
    lead: [text],
    sections: [{ id: 'section', title: text, text: [text], tables: [table], charts: [chart] }],
  };
}
const tableOf = (text: string): Table => reportOf(text).sections[0]!.tables[0]!;

const hostile = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({
    unit: fc.constantFrom(
      ...['\\', '{', '}', '[', ']', '*', '_', '`', '|', '"', "'", '&', '%', '$', '#', '~', '^', '--', '−'],
      ...['<script>', '</td>', '\n', '\r\n', ',', '=', '+', '@', '\t', ' ', 'a', '1', 'η', '\u202e'],
    ),
  }),
);
const oneLine = (text: string) => visible(text).replace(/\s+/g, ' ');

describe('tableMarkdown', () => {
  property(
    'tableMarkdown: keeps each text in its cell without loss',
    [hostile],
    { examples: [['\\'], ['a | b'], ['<img onerror=alert(1)>']] },
    (text) => {
      const lines = tableMarkdown(tableOf(text)).split('\n');
      const rows = lines.filter((line) => line.startsWith('| '));
      expect(rows).toHaveLength(4);
      for (const row of rows) expect(row.replace(/\\./g, '').match(/\|/g)).toHaveLength(3);
      const shown = rows[2]!.slice(2).split(/(?<!\\)(?:\\\\)* \| 1\.5/)[0]!;
      expect(shown.replace(/\\(.)/g, '$1').replace(/¹$/, '')).toBe(oneLine(text));
    },
  );

  it('prints each note once, with intervals, best values and links', () => {
    expect(
      tableMarkdown(
        markBest({
          ...tableOf('run'),
          rows: [
            ...tableOf('run').rows,
            { cells: [{ text: 'b' }, { text: '0.5', value: 0.5, interval: [0.1, 0.9] }], origin: 'own' },
          ],
        }),
      ),
    ).toBe(
      [
        '**run**',
        '',
        '| run¹ | figure |',
        '| --- | ---: |',
        '| run¹ | **1.5 (1.0 – 2.0)** |',
        '| [](https://example.org/?a=1&b=2) | – |',
        '| b | 0.5 (0.1 – 0.9) |',
        '',
        '¹ run  ',
        'run',
      ].join('\n'),
    );
  });
});

describe('LaTeX export', () => {
  /** What TeX makes of our escapes. */
  const typeset = (latex: string) =>
    latex
      .replace(/\\textbackslash\{\}/g, '\0')
      .replace(/\\textasciitilde\{\}/g, '~')
      .replace(/\\textasciicircum\{\}/g, '^')
      .replace(/\\`\{\}/g, '`')
      .replace(/\\textless\{\}/g, '<')
      .replace(/\\textgreater\{\}/g, '>')
      .replace(/\\textbar\{\}/g, '|')
      .replace(/\{([[*])\}/g, '$1')
      .replace(/([-,])\{\}/g, '$1')
      .replace(/\$-\$/g, '−')
      .replace(/\$\\eta\$/g, 'η')
      .replace(/\\([{}$&#%_])/g, '$1')
      .replace(/\0/g, '\\');

  property(
    'LaTeX: keeps each text in its cell, and typesets the text literally',
    [fc.string({ unit: fc.constantFrom(...'\\{}[]*_`|&%$#~^-−<>,=+@ a1η') })],
    { examples: [['--'], ['\\input{x}'], ['[2pt]']] },
    (text) => {
      const row = tableLatex(tableOf(text))
        .split('\n')
        .find((line) => line.includes('1.5'))!;
      const [first, ...others] = row.split(' & 1.5');
      expect(others).toHaveLength(1);
      expect(typeset(first!.replace(/\\textsuperscript\{1\}$/, ''))).toBe(oneLine(text));
    },
  );

  it('writes a booktabs line per row, with intervals, notes, caption and label', () => {
    const column = (title: string) => ({ title, align: 'right' as const });
    const latex = tableLatex({
      id: 't',
      caption: '100%',
      columns: [
        { title: 'condition', align: 'left' },
        { ...column('both right, %'), note: 'by image' },
        column('time'),
      ],
      rows: [
        { cells: [{ text: 'a' }, { text: '53.7', value: 53.7, interval: [40, 60] }, { text: '2 min' }] },
        { cells: [{ text: 'b' }, { text: '−8.25', best: true }, { text: '–', note: 'not known' }] },
      ],
      notes: ['One run each.'],
    });
    expect(latex.split('\n')).toEqual([
      '\\begin{table}',
      '\\centering',
      '\\caption{100\\%}',
      '\\label{tab:t}',
      '\\begin{tabular}{lrr}',
      '\\toprule',
      'condition & both right, \\%\\textsuperscript{1} & time \\\\',
      '\\midrule',
      'a & 53.7 (40.0 -- 60.0) & 2 min \\\\',
      'b & \\textbf{$-$8.25} & --\\textsuperscript{2} \\\\',
      '\\bottomrule',
      '\\end{tabular}',
      '',
      '\\par\\smallskip\\raggedright\\footnotesize \\textsuperscript{1} by image \\\\',
      '\\textsuperscript{2} not known \\\\',
      'One run each.',
      '\\end{table}',
    ]);
  });

  it('property: LaTeX: keeps braces balanced, and adds no commands from texts', () => {
    const shape = (latex: string) => {
      const bare = latex.replace(/\\[{}$&#%_\\]/g, '');
      return [/(?<!%.*)\\(?:input|write|def)\b/.test(bare), bare.split('{').length - bare.split('}').length];
    };
    forAll([hostile], { examples: [['\\input{/etc/passwd}'], ['% \\def']] }, (text) => {
      expect(shape(reportLatex(reportOf(text)))).toEqual([false, 0]);
    });
  });
});

describe('CSV export', () => {
  /** The fields of RFC 4180. */
  const parse = (csv: string): string[][] => {
    const fields = Array.from(csv.matchAll(/("(?:[^"]|"")*"|[^,\r]*)(,|\r\n)/g), ([, field, end]) => ({
      field: field!.startsWith('"') ? field!.slice(1, -1).replaceAll('""', '"') : field!,
      last: end !== ',',
    }));
    const rows: string[][] = [[]];
    for (const { field, last } of fields) {
      rows.at(-1)!.push(field);
      if (last) rows.push([]);
    }
    return rows.slice(0, -1);
  };

  property(
    'CSV: preserves every text and value, and escapes formulas',
    [hostile, fc.double({ noNaN: true, noDefaultInfinity: true })],
    (text, value) => {
      const table = tableOf(text);
      table.rows[0]!.cells[1] = { text: 'x', value, interval: [-1, 2] };
      const [head, own, published, ...more] = parse(tableCsv(table));
      const shown = visible(text);
      const kept = /^[=+@\t-]/.test(shown) ? `'${shown}` : shown;
      expect(head).toEqual([kept, 'figure', 'figure low', 'figure high', 'origin']);
      expect(own).toEqual([kept, expect.any(String), '-1', '2', 'own']);
      expect(Math.abs(Number(own![1]) - value)).toBeLessThanOrEqual(Math.abs(value) * 1e-14);
      expect(published).toEqual(['', '–', '', '', 'published']);
      expect(more).toEqual([]);
    },
  );

  it('CSV omits rounding digits of percentages', () => {
    const table = tableOf('x');
    table.rows[0]!.cells[1] = { text: '55.0', value: 100 * 0.55, interval: [100 * 0.07, 100 * 0.57] };
    expect(parse(tableCsv(table))[1]!.slice(1, 4)).toEqual(['55', '7', '57']);
  });
});

describe('reportHtml', () => {
  const tags = (html: string) => Array.from(html.matchAll(/<\/?([a-z!][a-z0-9]*)/gi), ([tag]) => tag);

  it('property: reportHtml: has the same elements for any text, and no script', () => {
    const plain = tags(reportHtml(reportOf('x')));
    expect(plain).not.toContain('<script');
    forAll(
      [fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', '/', 'b', ' ', '-->') })],
      { examples: [['"><script>alert(1)</script>']] },
      (text) => {
        fc.pre(text.trim() !== '');
        expect(tags(reportHtml(reportOf(text)))).toEqual(plain);
      },
    );
  });

  it('reportHtml loads nothing from the network, and includes notes and intervals', () => {
    const html = reportHtml(reportOf('a note'));
    expect(html).toContain(`default-src 'none'`);
    // A wide table scrolls in its own box, also by keys, and keeps its first column in sight.
    expect(html).toContain('<div class="wide" tabindex="0" role="region"');
    expect(html).toMatch(/th:first-child \{ position: sticky; left: 0;/);
    expect(html).toContain('<td class="right">1.5 <small>1.0 – 2.0</small></td>');
    expect(html).toContain('title="a note"');
    expect(html).toContain('<a href="https://example.org/?a=1&amp;b=2">');
    expect(html.match(/<svg/g)).toHaveLength(1);
  });
});

describe('report document', () => {
  it('marks the best own value, and equal values if their intervals overlap no other', () => {
    const row = (origin: 'own' | 'published', value: number | null, width = 0.5) => ({
      origin,
      cells: [
        { text: 'x' },
        value === null
          ? { text: '–' }
          : {
              text: String(value),
              value,
              ...(origin === 'own' && { interval: [value - width, value + width] as [number, number] }),
            },
      ],
    });
    const table = (better: 'higher' | 'lower', rows: Table['rows']): Table => ({
      ...tableOf('x'),
      columns: [
        { title: '', align: 'left' },
        { title: 'figure', align: 'right', better },
      ],
      rows,
    });
    const best = (better: 'higher' | 'lower', rows: Table['rows']) =>
      markBest(table(better, rows)).rows.map(({ cells }) => cells[1]!.best ?? false);
    const apart = [row('published', 9), row('own', 1), row('own', 3), row('own', 3), row('own', null)];
    expect(best('higher', apart)).toEqual([false, false, true, true, false]);
    expect(best('lower', apart)).toEqual([false, true, false, false, false]);
    expect(best('higher', [row('own', 1, 2), row('own', 3, 2)])).toEqual([false, false]);
    expect(best('higher', [row('own', 3), row('own', 3)])).toEqual([false, false]);
  });

  it('prints intervals with the decimals of the value', () => {
    expect(besideText({ text: '−1.50', interval: [-2, 1.234] })).toBe('−2.00 – 1.23');
    expect(besideText({ text: '3' })).toBe('');
    expect(besideText({ text: '3.0', interval: [2, 4], n: 11 })).toBe('2.0 – 4.0, n 11');
  });

  it('lists the points of a chart as a table', () => {
    const { caption, rows, columns } = chartTable(reportOf('x').sections[0]!.charts[0]!);
    expect(caption).toBe('x');
    expect(columns.map(({ title }) => title)).toEqual(['', 'point', 'x', 'x']);
    expect(rows[0]!.cells.map(({ value, text }) => value ?? text)).toEqual(['x', 'x', 1, 2]);
  });

  it('a report document survives a round trip through JSON', () => {
    const report = reportOf('x');
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(reportMarkdown(report)).toMatch(/^# x\n\nx\n\n## x\n/);
  });
});

describe('drawChart', () => {
  const number = fc.integer({ min: -1e6, max: 1e6 }).map((hundredths) => hundredths / 100);

  it('property: drawChart: computes round, evenly spaced ticks that span the values', () => {
    forAll([number, number], (a, b) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];

      const all = ticks(low, high);
      const slack = (high - low || Math.abs(high) || 1) * 1e-6;
      expect(all[0]!).toBeLessThanOrEqual(low + slack);
      expect(all.at(-1)!).toBeGreaterThanOrEqual(high - slack);
      expect(all.length).toBeGreaterThan(1);
      expect(all.length).toBeLessThan(9);
    });
    expect(ticks(12, 97)).toEqual([0, 20, 40, 60, 80, 100]);
    expect(ticks(0, 0)).toEqual([0, 0.2]);
  });

  it('property: drawChart: keeps every point inside the frame', () => {
    const points = fc.array(fc.record({ x: number, y: number }), { minLength: 1, maxLength: 20 });
    forAll([points, fc.constantFrom<Chart['kind']>('line', 'scatter', 'bars')], (given, kind) => {
      const shown = given.map(({ x, y }, i) => ({ x: kind === 'bars' ? i : x, y, label: `p${i}` }));
      const { marks, height } = drawChart({
        ...reportOf('x').sections[0]!.charts[0]!,
        kind,
        series: [{ name: 'x', points: shown }],
      });
      for (const { tag, at } of marks) {
        for (const value of Object.values(at))
          if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
        if (tag !== 'path') continue;
        const [, x, y] = /^M(\S+) (\S+?)[a-zL]/.exec(String(at.d))!;
        expect(Number(x)).toBeGreaterThanOrEqual(0);
        expect(Number(x)).toBeLessThanOrEqual(CHART_WIDTH);
        expect(Number(y)).toBeGreaterThanOrEqual(0);
        expect(Number(y)).toBeLessThanOrEqual(height);
      }
    });
  });

  it('shares axes only between charts of the same quantity', () => {
    const document = reportOf('x');
    const [section] = document.sections;
    const chart = section!.charts[0]!;
    const high = (top: number): Chart => ({ ...chart, series: [{ name: 'x', points: [{ x: 0, y: top }] }] });
    const other: Chart = { ...high(3), y: { label: 'something else' } };
    const charts = [high(10), high(87), other];
    const [first, second, third] = withSharedAxes({ ...document, sections: [{ ...section!, charts }] })
      .sections[0]!.charts;
    expect(first!.y.range).toEqual(second!.y.range);
    expect(second!.y.range![1]).toBeGreaterThanOrEqual(87);
    expect(third).toBe(other);
  });

  it('keeps the font size in a narrow frame, without overflow', () => {
    const chart = reportOf('x').sections[0]!.charts[0]!;
    const series = [
      { name: 'a name that is longer than such a frame is wide, by far', points: chart.series[0]!.points },
    ];
    const { marks } = drawChart({ ...chart, series }, 300);
    const ends = marks
      .filter(({ at }) => at['text-anchor'] === 'start')
      .map(({ at, text }) => Number(at.x) + 6 * text!.length);
    expect(Math.max(...ends)).toBeLessThanOrEqual(300);
    expect(marks.some(({ title }) => title === series[0]!.name)).toBe(true);
    const places = marks.flatMap(({ at }) => [at.x, at.x1, at.x2]).filter((x) => typeof x === 'number');
    expect(Math.max(...places)).toBeLessThanOrEqual(300);
  });

  it('shows long names of bars in two lines, shortened in the middle if they are still too long', () => {
    const chart = reportOf('x').sections[0]!.charts[0]!;
    const names = [
      'sft-mirrored, step 400',
      'sft-skewed-with-a-long-suffix-1, step 40',
      'given',
      'a',
      'b',
      'c',
    ];
    const points = names.map((name, x) => ({ x, y: 1, label: name }));
    const bars = (labels: typeof points) =>
      drawChart({ ...chart, kind: 'bars', series: [{ name: '', points: labels }] });
    // 568 pixels for 6 names of 6 pixels a letter: 15 letters, less one as a gap.
    const { marks, height } = bars(points);
    const labels = marks.filter(({ tag, at }) => tag === 'text' && at['text-anchor'] === 'middle');
    expect(labels.slice(0, 5).map(({ text }) => text)).toEqual([
      'sft-mirrored,',
      'step 400',
      'sft-ske…fix-1,',
      'step 40',
      'given',
    ]);
    expect(labels.slice(0, 5).map(({ title }) => title)).toEqual([
      names[0],
      names[0],
      names[1],
      names[1],
      undefined,
    ]);
    const [first, second, , , one] = labels.map(({ at }) => Number(at.y));
    expect([second! > first!, one]).toEqual([true, first]);
    expect(height).toBeGreaterThan(bars(points.slice(2)).height);
  });

  it('separates the names of bars in every width, upright names if level ones would be cut short', () => {
    const chart = reportOf('x').sections[0]!.charts[0]!;
    for (const count of [2, 8, 16, 32, 64])
      for (const width of [240, 468, 536, 640]) {
        const points = Array.from({ length: count }, (_, x) => ({ x, y: 1, label: `purple ball ${x + 10}` }));
        const { marks } = drawChart({ ...chart, kind: 'bars', series: [{ name: '', points }] }, width);
        const names = marks.filter(({ tag, text = '' }) => tag === 'text' && /pur|ball/.test(text));
        const isUpright = names.every(({ at }) => at.transform);
        // "purple" above "ball 10" are 7 letters and a gap, with 6 pixels each. The axis and the margin are 72 pixels.
        expect(isUpright).toBe((width - 72) / count < 48);
        for (const [i, { at, text = '' }] of names.entries()) {
          expect(text).not.toContain('…');
          const next = names.slice(i + 1).find((other) => isUpright || other.at.y === at.y);
          const needed = isUpright ? 11 : text.length * 6;
          if (next) expect(Number(next.at.x) - Number(at.x)).toBeGreaterThanOrEqual(needed);
        }
      }
  });

  it('distinguishes 30 series by colour or marker', () => {
    const chart = reportOf('x').sections[0]!.charts[0]!;
    const series = Array.from({ length: 30 }, (_, i) => ({
      ...chart.series[0]!,
      name: '',
      points: [{ x: i, y: 0 }],
    }));
    const dots = drawChart({ ...chart, kind: 'line', series }).marks.filter(({ at }) => at.d);
    // Relative commands determine the shape of a marker, and the first command its position.
    const looks = dots.map(({ at }) => `${at.class} ${String(at.d).replace(/^M\S+ [\d.]+/, '')}`);
    expect([dots.length, new Set(looks).size]).toEqual([30, 30]);
  });

  it('places no name over a point or another name', () => {
    const names = Array.from({ length: 12 }, (_, i) => ({ x: i % 3, y: i % 4, label: `model ${i}` }));
    const { marks } = drawChart({
      ...reportOf('x').sections[0]!.charts[0]!,
      series: [{ name: '', points: names }],
    });
    const boxes = marks
      .filter(({ tag, text }) => tag === 'text' && text!.startsWith('model'))
      .map(({ at, text }) => {
        const width = 6 * text!.length;
        const shift = { start: 0, middle: width / 2, end: width }[at['text-anchor'] as 'start'];
        return { left: Number(at.x) - shift, right: Number(at.x) - shift + width, y: Number(at.y) };
      });
    expect(boxes.length).toBeGreaterThan(5);
    for (const [i, a] of boxes.entries())
      for (const b of boxes.slice(i + 1))
        expect(a.left < b.right && b.left < a.right && Math.abs(a.y - b.y) < 13).toBe(false);
  });
});

describe('chart tables', () => {
  it('chart tables align curves by x if the curves cannot be drawn', () => {
    const chart: Chart = {
      id: 'kl',
      caption: 'kl',
      kind: 'line',
      x: { label: 'step' },
      y: { label: 'kl' },
      series: [
        {
          name: 'a',
          points: [
            { x: 10, y: 0.00123 },
            { x: 123456, y: 2 },
          ],
        },
        { name: 'b', points: [{ x: 10, y: -1, interval: [-2, 0] }] },
      ],
      notes: ['n'],
    };
    const { columns, rows, notes } = chartTable(chart);
    expect(columns.map(({ title }) => title)).toEqual(['step', 'a', 'b']);
    expect(rows.map(({ cells }) => cells.map(({ text }) => text))).toEqual([
      ['10', '0.00123', '−1.0'],
      ['123456', '2', ''],
    ]);
    expect(rows[0]!.cells[2]!.interval).toEqual([-2, 0]);
    expect(notes).toEqual(['n']);
  });

  it.each<
    [
      text: string,
      interval: string,
      y: number,
      point: { interval?: [number, number]; origin?: Origin; label?: string },
    ]
  >([
    ['3.3', '0.0 – 17.7', 10 / 3, { interval: [0, 17.67546] }],
    ['0.1235', '0.1222 – 0.1246', 0.123456, { interval: [0.12222, 0.12456] }],
    ['33.3', '33.3 – 33.3', 100 / 3, { interval: [100 / 3, 100 / 3] }],
    ['3.33', '', 10 / 3, {}],
    ['0.8', '', 100 / 128, { label: 'answers, %' }],
    ['25.0', '', 25, { label: 'answers, %' }],
    ['123457', '', 123456.7, {}],
    ['−0.00123', '', -0.001234, {}],
    ['0', '', 0, {}],
    ['72.08', '', 72.08, { origin: 'published' }],
  ])('chart tables show %s (%s) without more digits', (text, shown, y, { origin, interval, label = 'y' }) => {
    const series = [
      { name: 'a', ...(origin && { origin }), points: [{ x: 0, y, ...(interval && { interval }) }] },
    ];
    const axes = { x: { label: 'condition' }, y: { label } };
    const chart: Chart = { id: 'a', caption: 'a', kind: 'bars', ...axes, series, notes: [] };
    const cell = chartTable(chart).rows[0]!.cells.at(-1)!;
    expect([cell.text, besideText(cell)]).toEqual([text, shown]);
  });
});
