import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sample } from '../../src/rows/sample/sample.ts';

/** Ten images, and what somebody asks about them in a table with headings of their own. */
export function ownPictures(folder: string): void {
  const scenes = mkdtempSync(join(tmpdir(), 'chirality-photos-'));
  const words = [
    'worlds',
    '--count',
    '10',
    '--seed',
    '3',
    '--size',
    '320',
    '--style',
    'english',
    '-o',
    scenes,
  ];
  execFileSync(process.execPath, ['dist/cli.js', ...words]);
  const rows = readFileSync(join(scenes, 'data.qa.jsonl'), 'utf8').trimEnd().split('\n');
  mkdirSync(join(folder, 'photos'), { recursive: true });
  const lines = rows.map((line, i) => {
    const { question, answer, images } = JSON.parse(line) as Sample;
    const name = `IMG_${i + 1}.png`;
    copyFileSync(join(scenes, (images[0] as { path: string }).path), join(folder, 'photos', name));
    return `${i + 1};${name};"${question.replaceAll('"', '""')}";${answer}`;
  });
  writeFileSync(join(folder, 'fragen.csv'), `Nr;Bild;Frage, auf Englisch;Antwort\n${lines.join('\n')}\n`);
  rmSync(scenes, { recursive: true });
}
