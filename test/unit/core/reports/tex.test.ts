import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { visible } from '../../../../src/base/escape.ts';
import { latexPrelude, latexText } from '../../../../src/base/latex-text.ts';
import { buildReport } from '../../../../src/core/reports/build-report.ts';
import type { Table } from '../../../../src/core/reports/document.ts';
import { mainTable, reportLatex, tableFile } from '../../../../src/core/reports/latex.ts';
import { OPTIONS } from '../../../support/evaluation.ts';
import { compileLatex, runsTex } from '../../../support/tex.ts';
import { property } from '../../../support/property.ts';

const CORE = join(import.meta.dirname, '../../../../src/core');
const QUESTIONS = [
  'Is the cup to the left of the plate? 100% of_it # $η$ → ✓ ✗ − “q” \\ {x} ~ ^ <a|b> "c" `d` & [e] *f*',
  'Où est la tasse ? Größe, über, façade, Ångström, niño, Łódź, čaj, smørrebrød, ğ ı İ',
  '杯子在盘子的左边吗？',
  'カップは皿の左にありますか',
  'Чашка слева от тарелки?',
  'هل الكوب على يسار الطبق؟',
  'האם הספל משמאל לצלחת?',
  'क्या कप प्लेट के बाईं ओर है?',
  'Το φλιτζάνι είναι αριστερά;',
  'emoji 👈🏽 and 🇫🇷, √2 ≈ 1.41, ⅞ of 30 °, x₂ⁿ, ﬁ, ①, ',
  '\u202eleft\u0007 \ud800 \ufffd',
];

describe('latexText', () => {
  property(
    'latexText: returns ASCII, except in the first argument of \\otherscript',
    [fc.string({ unit: 'binary' })],
    { examples: QUESTIONS.map((one): [string] => [one]) },
    (text) => {
      const latex = latexText(text);
      expect(latex.replace(/\\otherscript\{[^{}]*\}\{[U+0-9A-F ]+\}/g, '')).toMatch(/^[ -~]*$/);
    },
  );

  test('typesets every character in texts of the program', () => {
    const files = readdirSync(CORE, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /^(?:reports\/.*|labels|metrics\/.*|psychophysics\/.*)\.ts$/.test(file),
    );
    expect(files.length).toBeGreaterThan(50);
    const signs = new Set(
      files.flatMap((file) => readFileSync(join(CORE, file), 'utf8').match(/[^ -~\s]/gu) ?? []),
    );
    expect([...signs].filter((sign) => latexText(sign).includes('\\otherscript'))).toEqual([]);
    expect(signs.size).toBeGreaterThan(15);
  });

  test('latexText keeps letters, numbers and punctuation', () => {
    expect(latexText('Où 50%? Łódź, naïve')).toBe("O\\`{u} 50\\%? \\L{}\\'{o}d\\'{z}, na\\\"{\\i}ve");
    expect(latexText('30–80%, 10 of 20 not scored')).toBe('30--80\\%, 10 of 20 not scored');
    expect(latexText('a -- b,, c')).toBe('a -{}- b,{}, c');
    expect(latexText('左 ok')).toBe('\\otherscript{左}{U+5DE6} ok');
    expect(latexText('ok ✓, not ✗')).toBe('ok $\\surd$, not $\\times$');
  });
});

const table = (texts: readonly string[]): Table => ({
  id: 'table',
  caption: 'Questions in any script',
  columns: [
    { title: 'question', align: 'left' },
    { title: 'both right, percent', align: 'right', note: texts[2]!, better: 'higher' },
    { title: 'shown', align: 'right' },
  ],
  rows: texts.map((text, i) => ({
    cells: [
      { text: text.slice(0, 30), note: text },
      { text: i === 0 ? '–' : (i * 12.25).toFixed(i % 3), value: i, interval: [0.1, 99] },
      { text: '30–80%, 10 of 20 not scored' },
    ],
  })),
  notes: [...texts],
});

test('tableFile: names the compared models in the caption', () => {
  const own = table(['a']);
  const section = {
    id: 'compare',
    title: 'ours (A) against theirs (B)',
    text: [],
    tables: [own],
    charts: [],
  };
  expect(tableFile(own, { sections: [section] })).toContain('in any script: ours (A) against theirs (B)}');
  expect(tableFile(own, { sections: [{ ...section, id: 'other' }] })).not.toContain('against');
});

describe.runIf(runsTex)('output compiled by pdfLaTeX without packages', () => {
  const compiled = async (latex: string) =>
    expect(await compileLatex(latex)).not.toMatch(/Missing character|Unicode character|undefined/);

  test('pdfLaTeX typesets a table of texts in any script without packages', async () => {
    await compiled(tableFile(table(QUESTIONS), { sections: [] }));
  });

  test('pdfLaTeX typesets a report with all tables of both papers without packages', async () => {
    const report = buildReport([], { ...OPTIONS, published: true, title: QUESTIONS.join(' ') });
    await compiled(reportLatex(report));
    expect(mainTable(report)).toBeDefined();
  });

  test('property: pdfLaTeX typesets any text without packages', async () => {
    const texts = fc.sample(fc.string({ unit: 'binary', maxLength: 40 }), { numRuns: 300, seed: 1 });
    const latex = [...texts, ...QUESTIONS].map((text) => `${latexText(visible(text))}\\par`).join('\n');
    await compiled(`${latexPrelude(latex).join('\n')}\n${latex}`);
  });
});
