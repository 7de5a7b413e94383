import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { chirality } from '../lab/recipes/cli.ts';
import { deferredRows } from '../../support/deferred-rows.ts';
import { rowLines } from '../../support/rows.ts';
import { folderOfTests } from '../../support/folder.ts';
import { ScriptedServer } from '../engines/openai/server.ts';
import { few } from '../../support/slow.ts';

const folder = folderOfTests('chirality-encoding-');
const at = (name: string) => join(folder, name);
let server: ScriptedServer;

/** A proxy that names the model's name as the encoding of what is plain, and sends the body after its headers. */
beforeAll(async () => {
  cpSync('test/fixtures/recorded/project/val', at('val'), { recursive: true });
  cpSync(at(join('val/images', readdirSync(at('val/images'))[0]!)), at('picture.png'));
  writeFileSync(at('deferred.qa.jsonl'), rowLines(deferredRows(1)));
  server = await ScriptedServer.start(({ model }, response) => {
    response.setHeader('content-encoding', model).flushHeaders();
    setTimeout(() => response.end(JSON.stringify({ choices: [{ message: { content: 'perhaps' } }] })), 20);
  });
});
afterAll(() => server.close());

const limits = ['--no-cache', '--retries', '1', '--timeout', '20'];
const asking = ['--endpoint', 'URL', ...limits, '--model'];
const sets = ['--set', `v=${at('val/data.qa.jsonl')}`, '--limit', '3'];
const judge = ['--judge', 'URL', '--judge-model', 'gzip'];
const rewriter = ['--llm', 'URL', '--llm-model', 'deflate', '-o', at('out.qa.jsonl')];

const COMMANDS: [command: string, encoding: string, args: string[]][] = [
  ['eval', 'br', ['eval', ...asking, 'br', ...sets]],
  ['a judge', 'gzip', ['eval', ...asking, 'identity', ...sets, ...judge]],
  ['a rewriter', 'deflate', ['view', 'mirror', at('deferred.qa.jsonl'), ...limits, ...rewriter]],
  ['ask', 'gzip', ['ask', at('picture.png'), 'Where?', ...asking, 'gzip']],
  ['acuity', 'deflate', ['acuity', ...asking, 'deflate', '--axis', 'side']],
];

it.each(few(COMMANDS, 2))('%s reports a reply that is not compressed with %s', async (_, encoding, args) => {
  const { code, stdout, stderr } = await chirality(
    folder,
    ...args.map((arg) => (arg === 'URL' ? server.url : arg)),
  );
  expect(stdout + stderr).toContain(`is not compressed as declared (content-encoding: ${encoding})`);
  expect(code).toBe(1);
});
