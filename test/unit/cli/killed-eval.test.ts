import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { CLI } from '../lab/recipes/cli.ts';
import { reply, ScriptedServer, textOf } from '../engines/openai/server.ts';
import { rowLines } from '../../support/rows.ts';
import { folderOfEachTest } from '../../support/folder.ts';
import { few } from '../../support/slow.ts';

const ROWS = 12;
/** Answers that are given before the command is killed. */
const BEFORE = 7;
/** The row whose verdict takes two requests, of which the second is under way when the command is killed. */
const UNREAD = 3;

let folder = '';
const ends: (() => unknown)[] = [];
folderOfEachTest('killed-eval-', (made) => (folder = made));
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A server that answers so many requests, and keeps the others waiting; it counts what it answered by its words. */
async function server(say: (text: string) => string, isLate: (text: string) => boolean = () => false) {
  const answered: string[] = [];
  const open = { most: 0 };
  const scripted = await ScriptedServer.start((request, response) => {
    const text = textOf(request);
    if (answered.length >= open.most || (open.most < Infinity && isLate(text))) return;
    answered.push(text);
    reply(response, say(text));
  });
  ends.push(() => scripted.close());
  return { url: scripted.url, answered, open };
}

/** Complete lines of a file of the evaluation. */
async function kept(name: string): Promise<number> {
  const [id] = await readdir(join(folder, 'evals')).catch(() => []);
  if (id === undefined) return 0;
  return (await readFile(join(folder, 'evals', id, name), 'utf8').catch(() => '')).split('\n').length - 1;
}

function start(args: readonly string[]) {
  const child = spawn(process.execPath, [CLI, ...args], { cwd: folder, stdio: 'ignore' });
  ends.push(() => child.kill('SIGKILL'));
  return { child, ended: once(child, 'exit') as Promise<[number | null, string | null]> };
}

it.each(few([['without a cache'], ['with a cache']]))(
  'eval: sends no answered request again after kill -9, %s',
  async (how) => {
    const question = (i: number) => `Is cup ${i} left of plate ${i}?`;
    const rows = Array.from({ length: ROWS }, (_, i) => ({
      id: `${i}`,
      question: question(i),
      answer: 'Yes',
      images: [],
    }));
    await writeFile(join(folder, 'val.qa.jsonl'), rowLines(rows));
    const model = await server(() => 'Yes, it is.');
    // The first verdict on one row cannot be read, so that it takes two requests.
    const judge = await server(
      (text) => (text.includes(question(UNREAD)) && !text.includes('hm') ? 'hm' : '1'),
      (text) => text.includes('hm'),
    );
    const caching = how === 'with a cache' ? ['--cache', join(folder, 'answers')] : ['--no-cache'];
    const asked = `eval --views original --runs runs --set val.qa.jsonl --endpoint ${model.url} --model m`;
    const judged = `--judge ${judge.url} --judge-model j --judge-prompt judge-with-question`;
    const args = [...`${asked} ${judged}`.split(' '), ...caching];
    for (const [one, file, lines] of [
      [model, 'rows.jsonl', BEFORE],
      [judge, 'judged.jsonl', BEFORE - 1],
    ] as const) {
      one.open.most = BEFORE;
      const { child, ended } = start(args);
      await expect.poll(() => kept(file), { timeout: 30_000, interval: 10 }).toBe(lines);
      child.kill('SIGKILL');
      await ended;
      one.open.most = Infinity;
    }
    expect(await start(args).ended).toEqual([0, null]);
    const [answers, verdicts] = [model.answered, judge.answered];
    expect(answers).toHaveLength(ROWS);
    expect(new Set(answers).size).toBe(ROWS);
    expect(new Set(verdicts).size).toBe(ROWS + 1);
    // A row whose second request was under way is one piece of work: only the cache holds the first one's answer.
    const again = verdicts.filter((text, i) => verdicts.indexOf(text) !== i);
    expect(again).toEqual(how === 'with a cache' ? [] : [expect.stringContaining(question(UNREAD))]);
  },
);
