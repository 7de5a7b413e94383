/**
 * Time of scoring free text, against that of another checkout: the median of paired ratios, both in turn, in one process.
 *
 *     node scripts/bench.mjs answers ../other-checkout
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ROUNDS = 25;
type Score = (row: { question: string; answer: string; completion: string }) => unknown;

/** The scorer of a checkout. */
async function scorerOf(checkout: string, name: string): Promise<Score> {
  const { outputFiles } = await build({
    entryPoints: [join(resolve(checkout), 'src/core/answers/score-row.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
  });
  const file = join(tmpdir(), `chirality-answers-${process.pid}-${name}.mjs`);
  writeFileSync(file, outputFiles[0]!.text);
  return ((await import(pathToFileURL(file).href)) as { scoreRow: Score }).scoreRow;
}

const corpus = 'test/fixtures/corpus';
const rows = readdirSync(corpus)
  .filter((name) => name.startsWith('free-answers'))
  .flatMap((name) => {
    let [question, answer] = ['', ''];
    return readFileSync(join(corpus, name), 'utf8')
      .split('\n')
      .flatMap((line) => {
        const said = line.slice(2).replaceAll('\\n', '\n');
        if (line.startsWith('? ')) question = said;
        else if (line.startsWith('= ')) answer = said;
        return /^[+~-] /.test(line) ? [{ question, answer, completion: said }] : [];
      });
  });

/** Milliseconds of processor time. */
function cost(score: Score): number {
  const start = process.cpuUsage();
  for (const row of rows) score(row);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

const other = process.argv[2] ?? '.';
const [ours, theirs] = [await scorerOf('.', 'ours'), await scorerOf(other, 'theirs')];
cost(ours);
cost(theirs);
const ratios = Array.from({ length: ROUNDS }, (_, i) => {
  const [first, second] = i % 2 === 0 ? [cost(ours), cost(theirs)] : [cost(theirs), cost(ours)];
  return i % 2 === 0 ? first / second : second / first;
}).sort((a, b) => a - b);
console.log(
  `${rows.length} answers, ${ROUNDS} rounds: ${ratios[Math.floor(ROUNDS / 2)]!.toFixed(3)} times the time`,
);
console.log(`of ${other} (ratios ${ratios[0]!.toFixed(2)}–${ratios.at(-1)!.toFixed(2)}; aim: at most 1.05)`);
