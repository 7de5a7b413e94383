import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildReport } from '../../../../src/core/reports/build.ts';
import { reportLatex } from '../../../../src/core/reports/table-text.ts';
import { OPTIONS } from '../../../support/evaluation.ts';

const hasTex = spawnSync('pdflatex', ['--version']).status === 0;

/** A paper around a report, as its first lines say. */
const paper = (body: string) =>
  [
    '\\documentclass{article}',
    '\\usepackage[T1]{fontenc}',
    '\\usepackage{textcomp}',
    '\\usepackage{booktabs}',
    '\\usepackage{siunitx}',
    '\\usepackage{hyperref}',
    '\\usepackage{amssymb}',
    '\\begin{document}',
    body,
    '\\end{document}',
  ].join('\n');

test.runIf(hasTex)('a report with every table of both papers compiles in TeX', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chirality-tex-'));
  try {
    const report = buildReport([], {
      ...OPTIONS,
      title: 'Left & right: 100 % of_it # $η$ → ✓ ✗ − “q” \\ {x}',
    });
    writeFileSync(join(folder, 'report.tex'), paper(reportLatex(report)));
    execFileSync('pdflatex', ['-interaction=nonstopmode', '-halt-on-error', 'report.tex'], {
      cwd: folder,
      stdio: 'pipe',
    });
    const log = readFileSync(join(folder, 'report.log'), 'utf8');
    expect(log).toContain('Output written on report.pdf');
    expect(log).not.toMatch(/Missing character|Unicode character/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.runIf(!hasTex)('TeX is not installed: reports are not compiled here', () => {
  expect(hasTex).toBe(false);
});
