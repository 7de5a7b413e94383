import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import {
  samplerChecks,
  ask,
  type ConformanceTask,
} from '../../../../src/engines/conformance/sampler-conformance.ts';
import { sendOverHttp } from '../../../../src/engines/openai/http.ts';
import { EndpointSampler, type EndpointOptions } from '../../../../src/engines/openai/endpoint-sampler.ts';
import { folderCache, imageCodec } from '../../../../src/lab/endpoint.ts';
import type { SamplingOptions, TextCompletion } from '../../../../src/engines/sampler.ts';
import { refuse, reply, ScriptedServer, textOf, type Turn } from './server.ts';

const GREEDY: SamplingOptions = { n: 1, temperature: 0, topP: 1, maxTokens: 8 };
const KEY = 'sk-secret-0123456789';

const open: { close(): Promise<void> }[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function serve(turn: Turn): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(turn);
  open.push(server);
  return server;
}

function connect(
  url: string,
  options: Partial<EndpointOptions> & { timeoutMs?: number } = {},
): EndpointSampler {
  const { timeoutMs = 5000, ...rest } = options;
  const sampler = new EndpointSampler({
    ask: sendOverHttp({ baseUrl: url, key: KEY, timeoutMs }),
    address: url,
    model: 'm',
    images: imageCodec({ format: 'png', maxPixels: null }),
    cache: null,
    concurrency: 4,
    retry: { retries: 3, backoffMs: 1 },
    lacks: [],
    signal: new AbortController().signal,
    ...rest,
  });
  open.push(sampler);
  return sampler;
}

async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'answers-'));
  folders.push(folder);
  return folder;
}

/** Two pixels of these colours. */
const picture = (...colours: number[][]) =>
  sharp(Buffer.from(colours.flat()), { raw: { width: colours.length, height: 1, channels: 3 } })
    .png()
    .toBuffer();
const [RED, GREEN, BLUE] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
];

const say = (text: string) => [{ role: 'user' as const, content: [text] }];

it('EndpointSampler passes the conformance checks of samplers', async () => {
  // A server that is honest: what it says depends on the request, and nothing else.
  const server = await serve((request, response) => {
    reply(response, `${textOf(request)} ${JSON.stringify(request).length} ${request.seed}`);
  });
  const task: ConformanceTask = {
    image: await picture(RED!, BLUE!),
    mirrored: await picture(BLUE!, RED!),
    other: await picture(GREEN!, BLUE!),
    question: 'Which colour?',
    answers: ['red', 'blue'],
  };
  for (const lacks of [[], ['seed', 'stop', 'top-p', 'several-images']] as EndpointOptions['lacks'][]) {
    const sampler = connect(server.url, { lacks });
    for (const check of samplerChecks)
      expect([check.name, await check.run(sampler, task)]).toEqual([check.name, null]);
  }
});

/** The one completion of one question. */
async function answer(sampler: EndpointSampler, question: string, options = GREEDY): Promise<TextCompletion> {
  const groups = await sampler.complete([say(question)], options);
  return groups[0]![0]!;
}

describe('a request of EndpointSampler', () => {
  it('a request contains prompt, image and sampling options, and encodes the mirror alike', async () => {
    const server = await serve((_, response) => reply(response, 'yes'));
    const sampler = connect(server.url);
    const image = await sampler.putImage(await picture(RED!, GREEN!, BLUE!));
    expect(image).toMatchObject({ width: 3, height: 1 });
    const options = { n: 2, temperature: 0.7, topP: 0.9, maxTokens: 5, stop: ['\n'], seed: 3 };
    await sampler.complete([ask(image.hash, 'What?', 'mirror')], options);
    const [first, second] = server.requests.map(({ body }) => body);
    expect(first).toMatchObject({ model: 'm', temperature: 0.7, top_p: 0.9, max_tokens: 5, stop: ['\n'] });
    expect(first!.seed).not.toBe(second!.seed);
    const [part, text] = first!.messages[0]!.content as { image_url?: { url: string }; text?: string }[];
    const file = Buffer.from(part!.image_url!.url.replace('data:image/png;base64,', ''), 'base64');
    expect([...(await sharp(file).raw().toBuffer())]).toEqual([...BLUE!, ...GREEN!, ...RED!]);
    expect(text).toEqual({ type: 'text', text: 'What?' });
    expect(server.requests[0]!.headers.authorization).toBe(`Bearer ${KEY}`);
  });

  it.each(['png', 'jpeg'] as const)(
    'a request sends each view as the same bytes as its file, as %s',
    async (format) => {
      const server = await serve((_, response) => reply(response, 'yes'));
      const sampler = connect(server.url, { images: imageCodec({ format, maxPixels: null }) });
      const [file, mirrored] = [await picture(RED!, GREEN!, BLUE!), await picture(BLUE!, GREEN!, RED!)];
      const options = { n: 1, temperature: 0, topP: 1, maxTokens: 5 };
      for (const [shown, view] of [
        [file, 'mirror'],
        [mirrored, 'original'],
        [file, 'original'],
        [mirrored, 'mirror'],
      ] as const)
        await sampler.complete([ask((await sampler.putImage(shown)).hash, 'What?', view)], options);
      const [a, b, c, d] = server.requests.map(({ body }) => {
        const [part] = body.messages[0]!.content as { image_url: { url: string } }[];
        expect(part!.image_url.url).toMatch(new RegExp(`^data:image/${format};base64,`));
        return part!.image_url.url;
      });
      expect([a, c]).toEqual([b, d]);
      expect(a).not.toBe(c);
    },
  );

  it('a request contains images downscaled to max_pixels', async () => {
    const codec = imageCodec({ format: 'jpeg', maxPixels: 100 });
    const big = await sharp({ create: { width: 40, height: 20, channels: 3, background: '#888' } })
      .png()
      .toBuffer();
    expect(await codec.measure(big)).toEqual({ width: 14, height: 7 });
    const sent = await codec.encode(big, 'mirror');
    expect(await sharp(sent.bytes).metadata()).toMatchObject({ width: 14, height: 7, format: 'jpeg' });
  });

  it('a request waits while the concurrency limit is reached', async () => {
    const server = await serve((_, response) => void setTimeout(() => reply(response, 'x'), 5));
    const sampler = connect(server.url, { concurrency: 3 });
    await Promise.all([1, 2].map(() => sampler.complete([say('a'), say('b')], { ...GREEDY, n: 5 })));
    expect(server.requests).toHaveLength(20);
    expect(server.mostUnderWay).toBe(3);
  });

  it('truncates text before the first stop text, even if the server continues', async () => {
    const server = await serve((_, response) => reply(response, 'one. two! three'));
    const completion = await answer(connect(server.url), 'a', { ...GREEDY, stop: ['!', '.'] });
    expect(completion).toEqual({ text: 'one', stopReason: 'stop' });
  });

  it('a request uses max_completion_tokens for servers that require this field', async () => {
    const server = await serve((request, response) => {
      if (request.max_tokens === undefined) reply(response, 'ok', 'length');
      else
        refuse(response, 400, { error: { message: "Use 'max_completion_tokens' instead of 'max_tokens'." } });
    });
    const groups = await connect(server.url).complete([say('a'), say('b')], { ...GREEDY });
    expect(groups.flat()).toEqual([1, 2].map(() => ({ text: 'ok', stopReason: 'length' })));
  });
});

describe('EndpointSampler on faults', () => {
  const faults: Record<string, Turn> = {
    'too many requests': (_, response) => {
      refuse(response, 429, { error: { message: 'slow down' } }, { 'retry-after': '0.01' });
    },
    'a failing server': (_, response) =>
      refuse(response, 502, '<html><title>Bad Gateway</title><script>alert(1)</script></html>'),
    'a cut stream': (_, response) => {
      response.writeHead(200, { 'content-length': '500' }).write('{"choices": [{"mess');
      setTimeout(() => response.destroy(), 5);
    },
    'a non-JSON reply': (_, response) => refuse(response, 200, '<html>Welcome to the hotel network</html>'),
    'a reply without completions': (_, response) => {
      refuse(response, 200, { choices: [] });
    },
    'a reset connection': (_, response) => void response.socket!.resetAndDestroy(),
    'a slow server': () => undefined,
  };
  it.each(Object.keys(faults))('EndpointSampler retries after %s', async (name) => {
    const server = await serve((request, response, n) => {
      if (n <= 2) return faults[name]!(request, response, n);
      reply(response, 'at last');
    });
    const sampler = connect(server.url, { timeoutMs: name === 'a slow server' ? 500 : 5000 });
    expect(await sampler.complete([say('a')], GREEDY)).toEqual([[{ text: 'at last', stopReason: 'end' }]]);
    expect(sampler.usage).toMatchObject({ asked: 1, retries: 2, failed: 0, prompt_tokens: 10 });
  });

  it.each(Object.keys(faults))('EndpointSampler fails the completion if %s persists', async (name) => {
    const server = await serve(faults[name]!);
    const sampler = connect(server.url, {
      timeoutMs: name === 'a slow server' ? 500 : 5000,
      retry: { retries: 1, backoffMs: 1 },
    });
    const completion = await answer(sampler, 'a', GREEDY);
    expect(completion).toMatchObject({ text: '', stopReason: 'failed' });
    expect(completion.error).toMatch(
      /limiting|failed \(502\).*Bad Gateway$|interrupted|not JSON|chat completion|within/,
    );
    expect(server.requests).toHaveLength(2);
  });

  it('waits longer before each retry, with jitter, or as long as the server requests', async () => {
    const waits: number[] = [];
    const sleep = (ms: number) => Promise.resolve(waits.push(ms));
    const server = await serve((_, response, n) => {
      refuse(response, 503, '', n === 4 ? { 'retry-after': '200' } : {});
    });
    const sampler = connect(server.url, { retry: { retries: 5, backoffMs: 100, sleep } });
    await sampler.complete([say('a')], GREEDY);
    expect(waits).toHaveLength(5);
    [100, 200, 400, 200_000, 1600].forEach((longest, i) => {
      expect(waits[i]).toBeLessThanOrEqual(longest);
      expect(waits[i]).toBeGreaterThanOrEqual(longest / 2);
    });
    expect(waits[3]).toBe(200_000);
    expect(new Set(waits.map((ms, i) => ms / 2 ** i)).size).toBe(5);
  });

  it('aborts an endless reply without a retry', async () => {
    const server = await serve((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(1 << 20)));
      };
      response.on('drain', more).writeHead(200);
      more();
    });
    const completion = await answer(connect(server.url), 'a', GREEDY);
    expect(completion).toMatchObject({ stopReason: 'failed', error: 'The reply is longer than 16 MiB.' });
    expect(server.requests).toHaveLength(1);
  });

  const perRequest: [string, number, string, RegExp][] = [
    [
      'context',
      400,
      "This model's maximum context length is 4096 tokens.",
      /do not fit into the model's context/,
    ],
    ['image', 400, 'Invalid image: too many pixels.', /does not accept the image/],
    ['no vision', 500, 'image input is not supported - hint: mmproj', /does not accept the image/],
    ['size', 413, '', /too large for the server/],
    ['request', 422, 'Unexpected fields', /rejected the request \(422\)\. Server message: Unexpected fields/],
  ];
  it.each(perRequest)('fails only one request for its %s', async (name, status, message, words) => {
    const server = await serve((request, response) => {
      if (textOf(request) === 'bad') refuse(response, status, { error: { message } });
      else reply(response, 'fine');
    });
    const groups = await connect(server.url).complete([say('good'), say('bad')], GREEDY);
    expect(groups[0]).toEqual([{ text: 'fine', stopReason: 'end' }]);
    expect(groups[1]![0]!.error).toMatch(words);
    expect(server.requests).toHaveLength(2);
    const cut = await answer(connect(server.url), 'bad', { ...GREEDY, overlong: 'cut' });
    expect(cut.stopReason).toBe(name === 'context' ? 'length' : 'failed');
  });

  const fatal: [string, number, object | string, RegExp][] = [
    [
      'a wrong key',
      401,
      { error: { message: `Incorrect API key provided: ${KEY}` } },
      /rejected the key.*: \*\*\*/,
    ],
    ['no quota', 429, { error: { message: 'No', code: 'insufficient_quota' } }, /no credit left/],
    ['an unknown model', 404, { error: { message: 'The model `m` does not exist.' } }, /has no model "m"/],
    ['a wrong address', 404, { detail: 'Not Found' }, /No chat completions API at http/],
  ];
  it.each(fatal)(
    'ends all requests at once after %s, with a clear message and without the key',
    async (_, status, body, words) => {
      const server = await serve((_request, response) => refuse(response, status, body));
      const sampler = connect(server.url, { concurrency: 1 });
      const error = await sampler
        .complete([say('a'), say('b'), say('c')], GREEDY)
        .catch((e: unknown) => e as Error);
      expect((error as Error).message).toMatch(words);
      expect(JSON.stringify([String(error), (error as Error).stack, error])).not.toContain(KEY);
      expect(server.requests).toHaveLength(1);
    },
  );

  it('fails at once for an unreachable address, and retries if a server goes down later', async () => {
    const server = await serve((_, response) => reply(response, 'x'));
    const sampler = connect(server.url, { retry: { retries: 1, backoffMs: 1 } });
    await sampler.complete([say('a')], GREEDY);
    await server.close();
    const down = await answer(sampler, 'b', GREEDY);
    expect(down.error).toMatch(/No server answers at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)\. Start the server/);
    expect(sampler.usage.retries).toBe(1);
    await expect(connect(server.url).complete([say('b')], GREEDY)).rejects.toThrow('Start the server');
  });

  it('ignores impossible token counts in the reported usage', async () => {
    const usages = ['1e308', '-1', '"many"', '1.5', '7'];
    const server = await serve((_, response, n) => {
      response.setHeader('content-type', 'application/json');
      response.end(
        `{"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":${usages[n - 1]},"completion_tokens":1}}`,
      );
    });
    const sampler = connect(server.url);
    for (const i of usages.keys()) await sampler.complete([say(`${i}`)], GREEDY);
    expect(sampler.usage).toMatchObject({ prompt_tokens: 7, completion_tokens: 5 });
  });

  it('ends the call early if every request fails', async () => {
    const server = await serve((_, response) => refuse(response, 500, 'out of memory'));
    const sampler = connect(server.url, { concurrency: 2, retry: { retries: 0, backoffMs: 1 } });
    const many = Array.from({ length: 100 }, (_, i) => say(String(i)));
    await expect(sampler.complete(many, GREEDY)).rejects.toThrow('out of memory');
    expect(server.requests.length).toBeLessThan(12);
  });

  it('escapes control characters in server messages', async () => {
    const server = await serve((_, response) => {
      refuse(response, 418, `\x1b]0;owned\x07\u202egnp.exe ${'x'.repeat(1 << 20)}`);
    });
    const completion = await answer(connect(server.url), 'a', GREEDY);
    expect(completion.error).toContain('\\e]0;owned\\u{7}\\u{202e}gnp.exe xxx');
    expect(completion.error!.length).toBeLessThan(500);
  });

  it('exposes no API key in answers, errors or cached answers', async () => {
    const escaped = [...KEY].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
    const server = await serve((_, response, n) => {
      // Truncated, a part of it would be left.
      if (n > 1) refuse(response, 400, `${'x'.repeat(290)} ${KEY} ${KEY}`);
      else {
        const message = `{"content":"You are ${escaped}, ${KEY}."}`;
        response.end(`{"choices":[{"message":${message},"finish_reason":"${KEY}"}]}`);
      }
    });
    const folder = await scratch();
    const sampler = connect(server.url, { cache: folderCache(folder) });
    const [first] = (await sampler.complete([say('Who am I?')], GREEDY))[0]!;
    expect(first).toMatchObject({ text: 'You are ***, ***.' });
    const [second] = (await sampler.complete([say('And now?')], GREEDY))[0]!;
    expect(second!.error).toContain('***');
    expect(second!.error).not.toContain(KEY.slice(0, 6));
    const kept = await Promise.all(
      (await readdir(folder, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')),
    );
    expect(kept).toHaveLength(1);
    expect(kept.join('')).not.toContain(KEY.slice(0, 6));
  });

  it('rejects invalid base URLs and URLs with a key', async () => {
    for (const baseUrl of ['http://me:secret@host/v1', 'https://host/v1?key=1', 'host/v1', 'file:///x'])
      expect(() => sendOverHttp({ baseUrl, timeoutMs: 1 })).toThrow();
  });
});

describe('cached answers', () => {
  it('cached answers are reused only for an equal request', async () => {
    const server = await serve((request, response) => {
      reply(response, `${request.seed}`);
    });
    const cache = folderCache(await scratch());
    const red = await picture(RED!, BLUE!);
    const asked = async (options: SamplingOptions, view: 'original' | 'mirror' = 'original', more = {}) => {
      const sampler = connect(server.url, { cache, ...more });
      const { hash } = await sampler.putImage(red);
      const before = server.requests.length;
      const texts = await sampler.complete([ask(hash, 'What?', view)], options);
      expect(sampler.usage.kept + server.requests.length - before).toBe(options.n);
      return { texts, requests: server.requests.length - before };
    };
    const seeded = { ...GREEDY, n: 3, temperature: 1, seed: 5 };
    const first = await asked(seeded);
    expect(first.requests).toBe(3);
    expect(await asked(seeded)).toEqual({ ...first, requests: 0 });
    expect((await asked({ ...seeded, n: 4 })).requests).toBe(1);
    for (const other of [{ seed: 6 }, { temperature: 0.5 }, { topP: 0.5 }, { maxTokens: 9 }, { stop: ['x'] }])
      expect((await asked({ ...seeded, ...other })).requests).toBe(3);
    expect((await asked(seeded, 'mirror')).requests).toBe(3);
    expect((await asked(seeded, 'original', { model: 'other' })).requests).toBe(3);
    const codec = imageCodec({ format: 'jpeg', maxPixels: null });
    expect((await asked(seeded, 'original', { images: codec })).requests).toBe(3);
  });

  it('cached answers exclude answers that are not deterministic', async () => {
    const server = await serve((_, response) => reply(response, 'x'));
    const cache = folderCache(await scratch());
    for (let i = 0; i < 2; i++)
      await connect(server.url, { cache }).complete([say('a')], { ...GREEDY, temperature: 1 });
    expect(server.requests).toHaveLength(2);
  });

  it('requests answers again if a cache file is damaged', async () => {
    const server = await serve((_, response) => reply(response, 'x'));
    const folder = await scratch();
    await connect(server.url, { cache: folderCache(folder) }).complete([say('a')], GREEDY);
    const [inner] = await readdir(folder);
    const [name] = await readdir(join(folder, inner!));
    await writeFile(join(folder, inner!, name!), '{"reply": {');
    const sampler = connect(server.url, { cache: folderCache(folder) });
    expect(await sampler.complete([say('a')], GREEDY)).toEqual([[{ text: 'x', stopReason: 'end' }]]);
    expect(server.requests).toHaveLength(2);
  });
});

it('EndpointSampler ends a cancelled call at once, and leaves no open request', async () => {
  const server = await serve(() => undefined);
  const cancel = new AbortController();
  const sampler = connect(server.url, { signal: cancel.signal });
  const call = sampler.complete([say('a'), say('b')], GREEDY);
  while (server.underWay < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  cancel.abort(new Error('stopped'));
  await expect(call).rejects.toThrow('stopped');
  while (server.underWay > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await expect(sampler.complete([say('a')], GREEDY)).rejects.toThrow('stopped');
});
