import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { Channel } from '../../../src/base/channel.ts';
import type { HostModel } from '../../../src/base/chat.ts';
import { CLI } from '../lab/recipes/cli.ts';
import { refuse, reply, ScriptedServer, textOf, type Turn } from '../engines/openai/server.ts';
import { deferredRows } from '../../support/deferred-rows.ts';
import { readRows, rowLines } from '../../support/rows.ts';
import { folderOfEachTest } from '../../support/folder.ts';
import { few } from '../../support/slow.ts';

let folder = '';
const ends: (() => unknown)[] = [];
folderOfEachTest('mirror-llm-', (made) => (folder = made));
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const KEY = 'sk-secret-0123456789';
const at = (name: string) => join(folder, name);

async function serve(turn: Turn): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(turn);
  ends.push(() => server.close());
  return server;
}

const env = { ...process.env, CHIRALITY_API_KEY: KEY };
const flags = (url: string, out = 'out.qa.jsonl') => [
  'view',
  'mirror',
  at('data.qa.jsonl'),
  '-o',
  at(out),
  '--llm',
  url,
  '--llm-model',
  'm',
  '--cache',
  at('answers'),
  '--concurrency',
  '2',
  '--retries',
  '1',
];

function start(args: string[]): ChildProcess & { said: string } {
  const child = Object.assign(
    spawn(process.execPath, [CLI, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] }),
    { said: '' },
  );
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (child.said += chunk.toString()));
  ends.push(() => child.kill('SIGKILL'));
  return child;
}

async function run(args: string[]): Promise<{ code: number | null; said: string }> {
  const child = start(args);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said: child.said };
}

const write = (list: object[]) => writeFile(at('data.qa.jsonl'), rowLines(list));
const read = (name: string) => readRows(at(name));

/** A model that mirrors well. */
const good: Turn = (request, response) => {
  const [, question] = /Original question: (.*?)\. Original answer/.exec(textOf(request))!;
  reply(response, JSON.stringify({ question: question!.replace('left', 'right'), answer: 'crumbs' }));
};

it('view mirror --llm: counts outcomes, requests, tokens and cost', async () => {
  await write([
    ...deferredRows(3),
    { id: 'sure', question: 'Is it left of the cup?', answer: 'No', images: [] },
  ]);
  const server = await serve((request, response, n) => {
    if (textOf(request).includes('cake 1')) reply(response, 'no idea');
    else if (textOf(request).includes('cake 2')) refuse(response, 400, { error: { message: 'no' } });
    else void good(request, response, n);
  });
  const { code, said } = await run([...flags(server.url), '--json', '--price', '1000,500000']);
  expect(JSON.parse(said)).toMatchObject({
    rows: 4,
    status: { flipped: 2, needs_llm: 2 },
    llm: {
      rows: 3,
      trusted: 1,
      review: 1,
      unanswered: 1,
      failed: 1,
      asked: 3,
      kept: 0,
      prompt_tokens: 30,
      completion_tokens: 6,
      cost: 3.03,
      failed_checks: { answer_read: 1 },
    },
  });
  expect(code).toBe(1);
  const words = await run(flags(server.url));
  expect(words.said).toContain(
    'language model: 3 rows sent, 1 trusted, 1 for review (not passed: the answer could be parsed: 1), 1 not answered',
  );
  expect(words.said).toContain('0 answers requested, 3 cached, 1 without an answer, 0 + 0 tokens');
  expect(words.said + JSON.stringify(read('out.qa.jsonl'))).not.toContain(KEY);
  expect(server.requests.every(({ headers }) => headers.authorization === `Bearer ${KEY}`)).toBe(true);
});

it('view mirror --llm: keeps variants that a person edited', async () => {
  const review = { state: 'edited', by: 'me', at: '2026-01-01' };
  const mirror = {
    status: 'needs_llm',
    question: 'Mine?',
    answer: 'mine',
    route: 'human',
    rules: [],
    checks: {},
    review,
  };
  await write([{ ...deferredRows(1)[0], variants: { mirror } }]);
  const server = await serve(good);
  const { said } = await run([...flags(server.url), '--json']);
  expect(server.requests).toHaveLength(0);
  expect(read('out.qa.jsonl')[0]!.variants!.mirror).toEqual(mirror);
  expect(JSON.parse(said)).toMatchObject({ decided: 1 });
});

it.each(few(['SIGKILL', 'SIGINT'] as const))(
  'view mirror --llm: resumes after %s to the same output, without repeating a request',
  async (signal) => {
    await write(deferredRows(30));
    let hold = 9;
    const server = await serve((request, response, n) => {
      if (n <= hold) void good(request, response, n);
    });
    const first = start([...flags(server.url), '--verify']);
    while (server.requests.length < hold + 2) await new Promise((resolve) => setTimeout(resolve, 5));
    first.kill(signal);
    const [code] = (await once(first, 'close')) as [number | null];
    if (signal === 'SIGINT') {
      expect([code, first.said]).toEqual([
        1,
        expect.stringContaining('Stopped.\n  Run the same command to continue'),
      ]);
      expect((await readdir(folder)).sort()).toEqual(['answers', 'data.qa.jsonl']);
    }
    hold = Infinity;
    expect(await run([...flags(server.url), '--verify'])).toMatchObject({ code: 0 });
    // Nine were answered before the stop, and the two under way were lost.
    expect(server.requests).toHaveLength(60 + 2);
    const fresh = await serve(good);
    const args = flags(fresh.url, 'fresh.qa.jsonl').map((arg) =>
      arg === at('answers') ? at('others') : arg,
    );
    await run([...args, '--verify']);
    expect(await readFile(at('out.qa.jsonl'), 'utf8')).toBe(await readFile(at('fresh.qa.jsonl'), 'utf8'));
  },
);

it('view mirror --llm: stops with an explanation if the server rejects the key', async () => {
  await write(deferredRows(5));
  const server = await serve((_, response) => {
    refuse(response, 401, { error: { message: `Wrong key ${KEY}` } });
  });
  const { code, said } = await run(flags(server.url));
  expect([code, said]).toEqual([
    1,
    'chirality: The server rejected the key. Check the key. Server message: Wrong key ***\n',
  ]);
  expect(await readdir(folder)).toEqual(['data.qa.jsonl']);
  expect(await run(['view', 'mirror', at('data.qa.jsonl'), '--llm', server.url])).toMatchObject({
    code: 2,
    said: expect.stringMatching(/No model is set.* --llm-model\./) as string,
  });
  expect(await run([...flags(server.url), '--prompt', 'nope'])).toMatchObject({ code: 2 });
});

it('view mirror --llm: accepts answers from the host process', async () => {
  await write(deferredRows(3));
  const args = flags('host').filter((arg) => arg !== '--llm-model' && arg !== 'm');
  const child = fork(CLI, [...args, '--json'], { silent: true });
  let said = '';
  child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
  ends.push(() => child.kill('SIGKILL'));
  const complete: HostModel['complete'] = (request) => {
    const text = textOf(request);
    if (text.includes('cake 2')) return Promise.resolve({ fault: 'request', message: 'The user said no.' });
    return Promise.resolve({
      text: JSON.stringify({
        question: `What is right of cake ${text.includes('cake 1') ? 1 : 0}?`,
        answer: 'crumbs',
      }),
      finish: 'stop',
      usage: { prompt_tokens: 0, completion_tokens: 0 },
    });
  };
  new Channel(
    { post: (message) => child.send(message as object), listen: (receive) => child.on('message', receive) },
    { complete },
  );
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(1);
  expect(JSON.parse(said)).toMatchObject({
    status: { flipped: 2, needs_llm: 1 },
    llm: { trusted: 2, unanswered: 1 },
  });
  expect(read('out.qa.jsonl')[2]!.variants!.mirror!.reason).toMatch('The user said no.');
  expect((await run(args)).said).toContain('requires a program that starts chirality with an IPC channel');
});

/** A model that forgets the answer unless it is asked to verify, and never turns "east". */
const forgetful: Turn = (request, response) => {
  const text = textOf(request);
  const [, question, answer] = /Original question: (.*?)\. Original answer: (.*?)\. Return/.exec(text)!;
  const turned = (words: string) =>
    words.replace(/left|right/g, (side) => (side === 'left' ? 'right' : 'left'));
  const isVerified = text.includes('verify the correctness');
  reply(
    response,
    JSON.stringify({ question: turned(question!), answer: isVerified ? turned(answer!) : answer }),
  );
};

const SENT = [
  { id: 'a', question: 'Which side is the cup on?', answer: 'It is left of the plate', images: [] },
  { id: 'b', question: 'Is the sofa right of the lamp?', answer: 'Yes, right of it', images: [] },
  { id: 'same', question: 'What colour is the sofa?', answer: 'Red', images: [] },
  { id: 'c', question: 'Which way does the car face?', answer: 'The car is facing east', images: [] },
];

it('view mirror --llm: sends deferred rows, except rows that require a person', async () => {
  await write(SENT);
  const server = await serve(forgetful);
  const { said } = await run([...flags(server.url), '--verify', '--json']);
  expect(JSON.parse(said)).toMatchObject({
    llm: { rows: 1, review: 1 },
    status: { flipped: 2, needs_llm: 1 },
  });
  const { mirror } = read('out.qa.jsonl')[3]!.variants!;
  expect(mirror).toMatchObject({ status: 'needs_llm', route: 'llm', review: { state: 'pending' } });
  expect(mirror!.llm!.attempts).toHaveLength(2);
});

it('view mirror --rewrite all: sends all rows, and counts naive and verified successes', async () => {
  await write(SENT);
  const server = await serve(forgetful);
  const args = [...flags(server.url), '--verify', '--rewrite', 'all'];
  const { said } = await run([...args, '--json']);
  expect(server.requests).toHaveLength(2 * SENT.length);
  const { llm, status, attempts } = JSON.parse(said) as Record<string, Record<string, number>[]>;
  expect(llm).toMatchObject({ rows: 4 });
  expect(status).toEqual({ flipped: 2, invariant: 1, needs_llm: 1 });
  // Right by hand: naive leaves the side of both answers; verified turns both. The colour stays in both.
  expect(attempts).toMatchObject([
    { prompt: 'flip-naive', rows: 4, right_by_rules: 1, reviewed: 0 },
    { prompt: 'flip-verify', rows: 4, right_by_rules: 3, judged_by_rules: 3, reviewed: 0 },
  ]);
  expect(read('out.qa.jsonl')[0]!.variants!.mirror).toMatchObject({
    status: 'flipped',
    route: 'llm',
    answer: 'It is right of the plate',
  });

  // A reviewer accepts the first rewrite and writes another mirror for the second.
  const decided = read('out.qa.jsonl').map((row, i) => {
    const mirror = row.variants!.mirror!;
    const by = { by: 'me', at: '2026-01-01' };
    if (i === 0) return { ...row, variants: { mirror: { ...mirror, review: { state: 'accepted', ...by } } } };
    if (i !== 1) return row;
    const edited = { ...mirror, question: 'Where?', review: { state: 'edited', ...by } };
    return { ...row, variants: { mirror: edited } };
  });
  await write(decided);
  const again = await run(args);
  expect(again.said).toMatch(/ {2}naive \(flip-naive\) +4 +1 of 3 \(.*%\) +0 of 2 \(0\.0%\)/);
  expect(again.said).toMatch(/ {2}verified \(flip-verify\) +4 +3 of 3 \(.*%\) +1 of 2 \(50\.0%\)/);
});
