// How far apart the encoders hold answers that say the opposite (R54): the tables of docs/engines.md.
import { readFileSync } from 'node:fs';
import { similarities, type Encoder } from '../../src/lab/encoders/encoder.ts';
import { openEncoder } from '../../src/lab/encoders/open-encoder.ts';
import { minilmFolder } from '../minilm.ts';

const REFERENCES: [reference: string, ...answers: string[]][] = [
  ['left', 'right', 'to the left', 'behind'],
  ['yes', 'no', 'Yes, it is.'],
  ['sofa', 'couch', 'lamp'],
  [
    'The sofa is to the left of the chair.',
    'The sofa is left of the chair.',
    'The sofa is to the right of the chair.',
    'The chair is to the right of the sofa.',
    'The chair is to the left of the sofa.',
    'The lamp is behind the dog.',
    'left',
    'right',
  ],
  [
    'The laptop is closer to the camera.',
    'The laptop is farther from the camera.',
    'The laptop is nearer to us.',
  ],
  ['2.5 meters', '2.6 meters', '5 meters', '25 meters', '250 cm', '2.5 feet'],
  ['[120, 40, 260, 310]', '[118, 42, 259, 305]', '[380, 40, 520, 310]'],
];

/** The mirror corpus: answers whose side words change under the mirror, before and after. */
function mirroredAnswers(): [string, string][] {
  interface Row {
    sample: { answer: string };
    expect: { status: string; answer?: string };
  }
  const rows = readFileSync('test/fixtures/corpus/mirror.jsonl', 'utf8').trim().split('\n');
  return rows
    .map((line) => JSON.parse(line) as Row)
    .filter(
      ({ sample, expect }) => expect.status === 'flipped' && expect.answer && expect.answer !== sample.answer,
    )
    .map(({ sample, expect }) => [sample.answer, expect.answer!]);
}

function quantile(values: number[], share: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))]!.toFixed(2);
}

const folder = await minilmFolder();
const encoders: Encoder[] = [await openEncoder({ encoder: 'lexical' })];
if (folder) encoders.unshift(await openEncoder({ encoder: 'minilm', encoder_path: folder }));

const pairs = REFERENCES.flatMap(([reference, ...answers]) =>
  answers.map((answer): [string, string] => [answer, reference]),
);
const columns = await Promise.all(encoders.map((encoder) => similarities(encoder, pairs)));
console.log(
  `| reference | answer | ${encoders.map(({ name }) => name).join(' | ')} |\n| --- | --- |${' --- |'.repeat(encoders.length)}`,
);
pairs.forEach(([answer, reference], i) => {
  console.log(`| ${reference} | ${answer} | ${columns.map((column) => column[i]!.toFixed(2)).join(' | ')} |`);
});

const mirrored = mirroredAnswers();
for (const encoder of encoders) {
  const values = await similarities(encoder, mirrored);
  const above = values.filter((value) => value > 0.5).length / values.length;
  console.log(
    `${encoder.name}: ${values.length} answers and their mirrored opposites: median ${quantile(values, 0.5)}, ` +
      `from ${quantile(values, 0.1)} to ${quantile(values, 0.9)} for eight in ten, ${(100 * above).toFixed(0)}% above 0.5`,
  );
  await encoder.close();
}
