import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { printReport } from '../../../src/cli/print-report.ts';
import type { ReportDocument } from '../../../src/core/reports/document.ts';
import { decodeImage } from '../../../src/lab/images/decode.ts';
import { folderOfTests } from '../../support/folder.ts';

const folder = folderOfTests('chirality-figures-');

const report: ReportDocument = {
  title: 'Report',
  lead: [],
  sections: [
    {
      id: 'one',
      title: 'One',
      text: [],
      tables: [],
      charts: [
        {
          id: 'cells-chart',
          caption: 'Conditions',
          kind: 'bars',
          notes: [],
          x: { label: 'condition' },
          y: { label: '%' },
          series: [
            {
              name: 'accuracy <b>',
              points: [
                { x: 0, y: 40, label: 'a', interval: [30, 50] },
                { x: 1, y: 80, label: 'b' },
              ],
            },
          ],
        },
      ],
    },
  ],
};

test('report --figures: writes every chart as SVG and PNG, in print colours on white', async () => {
  const figures = join(folder, 'figures');
  await printReport(report, { figures, output: join(folder, 'report.md') });
  expect(readdirSync(figures).sort()).toEqual(['cells-chart.png', 'cells-chart.svg']);
  const svg = readFileSync(join(figures, 'cells-chart.svg'), 'utf8');
  expect(svg).toContain('xmlns="http://www.w3.org/2000/svg"');
  expect(svg).not.toContain('<b>');
  const picture = await decodeImage(readFileSync(join(figures, 'cells-chart.png')));
  expect(picture.width).toBe(1280);
  expect([...picture.data.subarray(0, 3)]).toEqual([255, 255, 255]);
  const blue = picture.data.some((red, i) => i % 3 === 0 && red < 120 && picture.data[i + 2]! > 180);
  expect(blue).toBe(true);
  // Drawings of others stay closed.
  await expect(sharp(Buffer.from(svg)).png().toBuffer()).rejects.toThrow();
});
