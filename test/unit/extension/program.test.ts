import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { NodeNotFound } from '../../../src/panels/host/node.host.ts';
import { NotTrusted, Program, ProgramError } from '../../../src/panels/host/cli-program.host.ts';
import { workspace } from './fake-vscode.ts';
import { folderOfTests } from '../../support/folder.ts';

/** Stands in for the program: says what it was given, and ends as it is told. */
const SCRIPT = `
const [, , command, ...args] = process.argv;
if (command === 'self-test') console.log(JSON.stringify({ node: process.versions.node }));
if (command === 'say') console.log(JSON.stringify({ args, python: process.env.CHIRALITY_PYTHON, cwd: process.cwd() }));
if (command === 'work') for (const line of args) console.error(line);
if (command === 'fail') { console.error('rows: 12'); console.error('chirality: a.run.yaml: mistakes.'); console.error('  fix'); process.exitCode = 1; }
if (command === 'wait') { console.error('waiting'); setTimeout(() => undefined, 60_000); }
`;

const folder = folderOfTests('chirality program ');
let program: Program;
beforeAll(() => {
  writeFileSync(join(folder, 'cli.cjs'), SCRIPT);
  program = new Program(join(folder, 'cli.cjs'));
});
beforeEach(() => {
  workspace.settings = { 'chirality.nodePath': process.execPath };
});

describe('Program', () => {
  test('passes arguments unchanged, the working folder, and the Python of the setting', async () => {
    workspace.settings['chirality.python'] = '/opt/python';
    const args = ['a b', '$(x)', '"', 'ü'];
    const said = JSON.parse(await program.run(['say', ...args], { cwd: folder })) as object;
    expect(said).toEqual({ args, python: '/opt/python', cwd: folder });
  });

  test('validates the output of the program', async () => {
    const read = (shape: z.ZodMiniType) => program.answer(shape, ['say', 'a'], { cwd: folder });
    expect(await read(z.object({ args: z.array(z.string()) }))).toEqual({ args: ['a'] });
    const refused = read(z.object({ args: z.array(z.int()) }));
    await expect(refused).rejects.toThrow(
      'Output of chirality say cannot be read: "args[0]" must be a number, not "a".',
    );
    const nothing = program.answer(z.unknown(), ['work'], { cwd: folder });
    await expect(nothing).rejects.toThrow('Output of chirality work cannot be read: it is not JSON');
  });

  test('reports progress of the program line by line', async () => {
    const lines: string[] = [];
    await program.run(['work', 'one', 'two'], { cwd: folder, onLine: (line) => lines.push(line) });
    expect(lines).toEqual(['one', 'two']);
  });

  test('fails with the error message, without the preceding progress', async () => {
    const failing = program.run(['fail'], { cwd: folder });
    await expect(failing).rejects.toBeInstanceOf(ProgramError);
    await expect(failing).rejects.toThrow(/^a\.run\.yaml: mistakes\.\n {2}fix$/);
  });

  test('stops the program on cancellation', async () => {
    const stop = new AbortController();
    const { signal } = stop;
    const waiting = program.run(['wait'], { cwd: folder, signal, onLine: () => stop.abort() });
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('does not start in an untrusted folder, directly or as a task', async () => {
    workspace.isTrusted = false;
    await expect(program.run(['say'], { cwd: folder })).rejects.toBeInstanceOf(NotTrusted);
    await expect(program.commandLine(['say'])).rejects.toBeInstanceOf(NotTrusted);
  });

  test('searches for Node again after a failure', async () => {
    workspace.settings = { 'chirality.nodePath': join(folder, 'none') };
    const fresh = new Program(join(folder, 'cli.cjs'));
    await expect(fresh.run(['say'], { cwd: folder })).rejects.toBeInstanceOf(NodeNotFound);
    workspace.settings = { 'chirality.nodePath': process.execPath };
    expect(await fresh.run(['say'], { cwd: folder })).not.toBe('');
  });
});
