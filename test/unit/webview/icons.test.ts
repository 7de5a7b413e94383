import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ICONS } from '../../../webview/ui/icon.tsx';

test('ICONS: use the font characters of their names', () => {
  const lines = readFileSync('node_modules/@vscode/codicons/dist/codicon.csv', 'utf8').trim().split('\n');
  const known = new Map(lines.map((line) => [line.split(',')[0]!, parseInt(line.split(',')[2]!, 16)]));
  for (const [name, character] of Object.entries(ICONS))
    expect([name, character.codePointAt(0)]).toEqual([name, known.get(name)]);
});
