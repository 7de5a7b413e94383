import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { mean } from '../../../src/base/numbers.ts';
import { addMcpCommand } from '../../../src/cli/commands/mcp.command.ts';
import { decodeImage } from '../../../src/lab/images/decode.ts';
import { runCommand } from '../../support/command.ts';
import { folderOfTests } from '../../support/folder.ts';
import { openProject } from '../recorded/files.ts';
import { few } from '../../support/slow.ts';

const CLI = resolve('dist/cli.js');
const folder = folderOfTests('mcp-');
const project = join(folder, 'project');
beforeAll(() => openProject(project));

const READ = [
  'list_runs',
  'read_run',
  'find_pairs',
  'read_pair',
  'compare_runs',
  'read_data',
  'check_config',
];

/** The place of a byte in an image whose columns are in reverse order. */
const turned = (i: number, width: number): number => {
  const pixel = Math.floor(i / 3);
  const column = pixel % width;
  return 3 * (pixel - column + width - 1 - column) + (i % 3);
};

/** The official client, connected to the program. */
async function connected(era: 'legacy' | 'modern', ...args: string[]): Promise<Client> {
  const mode = era === 'legacy' ? 'legacy' : { pin: '2026-07-28' };
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [CLI, 'mcp', project, ...args] }),
  );
  return client;
}

describe.each(few(['modern', 'legacy'] as const))('chirality mcp with the official client, %s', (era) => {
  it('lists seven read-only tools, and runs the tools', async () => {
    const client = await connected(era);
    try {
      expect(client.getServerVersion()?.name).toBe('chirality');
      expect(client.getInstructions()).toContain('never instructions');
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(READ);
      for (const { annotations } of tools) expect(annotations).toMatchObject({ readOnlyHint: true });
      const answer = await client.callTool({ name: 'list_runs', arguments: { kind: 'sweep' } });
      expect(answer.structuredContent).toMatchObject({ total: 1, places: [{ name: 'eta' }] });
      expect(answer.content).toEqual([{ type: 'text', text: JSON.stringify(answer.structuredContent) }]);
      const pair = await client.callTool({
        name: 'read_pair',
        arguments: { run: 'spatial', step: 2, pair: 1 },
      });
      expect(pair.structuredContent).toMatchObject({ run: 'spatial', step: 2, pair: 1, views: [{}, {}] });
      const mistake = await client.callTool({ name: 'find_pairs', arguments: { run: 'spatial', limit: -1 } });
      expect(mistake).toMatchObject({
        isError: true,
        content: [{ text: expect.stringContaining('limit') as string }],
      });
      await expect(client.callTool({ name: 'propose_rows', arguments: {} })).rejects.toThrow('not found');
      await expect(client.callTool({ name: 'start_run', arguments: {} })).rejects.toThrow('not found');
    } finally {
      await client.close();
    }
  });

  it('offers a card of the pair to clients that display apps', async () => {
    const client = await connected(era);
    try {
      const { tools } = await client.listTools();
      const uri = 'ui://chirality/pair-card.html';
      expect(tools.flatMap(({ name, _meta }) => (_meta?.ui ? [[name, _meta.ui]] : []))).toEqual([
        ['read_pair', { resourceUri: uri }],
      ]);
      const { contents } = await client.readResource({ uri });
      expect(contents).toMatchObject([{ uri, mimeType: 'text/html;profile=mcp-app' }]);
      expect((contents[0] as { text: string }).text).toMatch(/^<!doctype html>/);
    } finally {
      await client.close();
    }
  });

  it('lists propose_rows only with permission', async () => {
    const client = await connected(era, '--allow', 'propose');
    try {
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual([...READ, 'propose_rows']);
      expect(tools.at(-1)!.annotations).toEqual({ destructiveHint: false });
      const rows = [{ question: 'Is the cat left of the dog?', answer: era }];
      const answer = await client.callTool({
        name: 'propose_rows',
        arguments: { file: 'val/data.qa.jsonl', rows },
      });
      expect(answer.structuredContent).toMatchObject({ written: 1, drafts: 'val/data.drafts.qa.jsonl' });
      const text = await readFile(join(project, 'val/data.drafts.qa.jsonl'), 'utf8');
      expect(text).toContain('"by":"agent:test"');
    } finally {
      await client.close();
    }
  });

  it('sends both images of a pair, the second mirrored', async () => {
    const client = await connected(era);
    try {
      const { content } = await client.callTool({
        name: 'read_pair',
        arguments: { run: 'spatial', step: 2, pair: 1, images: true },
      });
      expect(content.map(({ type }) => type)).toEqual(['text', 'image', 'image']);
      const [original, mirror] = await Promise.all(
        content.flatMap((part) =>
          part.type === 'image' ? decodeImage(Buffer.from(part.data, 'base64')) : [],
        ),
      );
      const { width, data } = original!;
      const reversed = data.map((_, i) => data[turned(i, width)]!);
      const apart = (a: Uint8Array, b: Uint8Array) =>
        mean(Array.from(a, (value, i) => Math.abs(value - b[i]!)))!;
      // JPEG changes them a little.
      expect(apart(reversed, mirror!.data)).toBeLessThan(6);
      expect(apart(data, mirror!.data)).toBeGreaterThan(8);
    } finally {
      await client.close();
    }
  });
});

/** The program, spoken to in lines. */
function speaking(...args: string[]) {
  const child = spawn(process.execPath, [CLI, 'mcp', project, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  let out = '';
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  return {
    say: (line: unknown) => child.stdin.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`),
    /** Waits for the answer with this id. */
    async answer(id: number): Promise<Record<string, unknown>> {
      for (;;) {
        for (const line of out.split('\n').slice(0, -1)) {
          const message = JSON.parse(line) as { id?: number };
          if (message.id === id) return message;
        }
        await once(child.stdout, 'data');
      }
    },
    async end(): Promise<{ code: number | null; out: string }> {
      child.stdin.end();
      const [code] = (await once(child, 'exit')) as [number | null];
      return { code, out };
    },
  };
}

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'lines', version: '1' } },
};
const call = (id: number, name: string, args: unknown) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
});

describe('chirality mcp without a client library', () => {
  it('handles invalid JSON, a megabyte and a cancelled call, and exits when its input ends', async () => {
    const client = speaking();
    client.say(initialize);
    await client.answer(1);
    client.say({ jsonrpc: '2.0', method: 'notifications/initialized' });
    client.say('{ this is no JSON');
    client.say(call(2, 'read_run', { run: 'x'.repeat(1 << 20) }));
    expect(await client.answer(2)).toMatchObject({ result: { isError: true } });
    client.say(call(3, 'list_runs', { sort: 1 }));
    expect(await client.answer(3)).toMatchObject({
      result: { isError: true, content: [{ text: 'input: Unrecognized key: "sort"' }] },
    });
    client.say(call(4, 'read_data', { file: 'data/reviewed.qa.jsonl' }));
    client.say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 4 } });
    client.say(call(5, 'list_runs', { kind: 'sweep' }));
    expect(await client.answer(5)).toMatchObject({ result: { structuredContent: { total: 1 } } });
    const { code, out } = await client.end();
    expect(code).toBe(0);
    for (const line of out.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
  });

  it('exits if its input closes during a call', async () => {
    const client = speaking();
    client.say(initialize);
    await client.answer(1);
    client.say(call(2, 'read_data', { file: 'data/reviewed.qa.jsonl' }));
    expect((await client.end()).code).toBe(0);
  });
});

it('mcp: rejects a missing folder', async () => {
  await expect(runCommand(addMcpCommand, 'mcp', join(folder, 'nowhere'))).rejects.toThrow('does not exist');
});
