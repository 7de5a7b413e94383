/**
 * The checks of configs in the editor, next to the parsing of the same text, which is what they cannot do without: for
 * the shipped preset, and for the largest texts that are checked at all.
 */
import { parseDocument } from 'yaml';
import { checkConfig } from '../../src/core/config/editor/config-mistakes.ts';
import type { ConfigKind } from '../../src/core/config/editor/schema.ts';
import { readPreset } from '../../src/lab/library.ts';

const ROUNDS = 15;
const presets = { list: () => [], read: readPreset };

/** Milliseconds of processor, the median of some rounds. Each has another text: the last ones stay parsed. */
function time(text: string, work: (text: string) => unknown): number {
  const times = Array.from({ length: ROUNDS }, (_, i) => {
    const before = process.cpuUsage();
    work(`${text}\n# ${i} ${Math.random()}`);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return times.sort((a, b) => a - b)[ROUNDS >> 1]!;
}

const lines = (line: (i: number) => string) => Array.from({ length: 999 }, (_, i) => line(i)).join('\n');
const data = 'data: { train: t.qa.jsonl, eval: { val: v.qa.jsonl } }';
const run = `preset: demo\n${data}\n`;
const sweep = `base: { preset: demo, ${data} }\ncompare: { set: val }\n`;
const texts: [name: string, kind: ConfigKind, text: string][] = [
  ['a preset', 'run', readPreset('demo')!],
  ['999 unknown keys', 'run', run + lines((i) => `unknown_${i}: ${i}`)],
  ['999 long unknown keys', 'run', run + lines((i) => `${'unknown_'.repeat(30)}${i}: ${i}`)],
  ['999 sets', 'run', `preset: demo\ndata:\n  train: t.qa.jsonl\n  eval:\n${lines((i) => `    s${i}: 3`)}`],
  ['a sweep of one cell', 'sweep', sweep],
  ['999 cells', 'sweep', `${sweep}vary: { coupling.eta: [${lines((i) => `${i},`)}] }`],
  ['999 named cells', 'sweep', `${sweep}cells:\n${lines((i) => `  c${i}: { coupling.eta: ${i} }`)}`],
  ['999 labels of no cell', 'sweep', `${sweep}labels:\n${lines((i) => `  c${i}: label`)}`],
];
for (const [name, kind, text] of texts) {
  const parsing = time(text, (each) => parseDocument(each, { uniqueKeys: false }));
  let found = 0;
  const checking = time(text, (each) => {
    found = checkConfig(each, presets, { exists: () => true, schema: true, kind }).length;
  });
  console.log(`${name}: ${(checking / parsing).toFixed(1)} times its parsing, ${found} mistakes told`);
}
