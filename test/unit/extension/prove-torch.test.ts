import { readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { App } from '../../../src/extension/app.ts';
import { proveTorch } from '../../../src/extension/commands/engine-commands.ts';
import { Program } from '../../../src/panels/host/cli-program.host.ts';
import { CLI } from '../lab/recipes/cli.ts';
import { notification, record, window, workspace } from './fake-vscode.ts';
import { folderOfTests } from '../../support/folder.ts';

describe('Test Torch Engine', () => {
  const program = new Program(CLI);
  const opened: { language: string; content: string }[] = [];
  beforeEach(() => {
    workspace.settings = { 'chirality.nodePath': process.execPath };
    opened.length = 0;
    vi.spyOn(workspace, 'openTextDocument').mockImplementation(((document: (typeof opened)[0]) =>
      Promise.resolve(document)) as never);
    vi.spyOn(window, 'showTextDocument').mockImplementation(((document: (typeof opened)[0]) =>
      Promise.resolve(void opened.push(document))) as never);
    vi.stubEnv('CHIRALITY_PYTHON', '/no/such/python');
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });
  afterAll(() => program.dispose());

  const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('chirality-prove-'));

  test('shows each part during its test, and opens the report even after a failure', async () => {
    const before = folders();
    await proveTorch({ program } as unknown as App);
    expect(notification.messages).toEqual(['environment']);
    const [report] = opened;
    expect(report!.language).toBe('markdown');
    expect(report!.content).toContain('| environment | bad |');
    expect(report!.content).toContain('does not exist');
    expect(report!.content).toMatch(/Chirality .+, Node .+ processors, \d+ GB of memory; .+driver/);
    expect(record.messages.map(({ kind, text }) => [kind, text])).toEqual([
      ['warning', 'The torch engine failed its test. See the report for the reason.'],
    ]);
    expect(folders()).toEqual(before);
  });

  test('stops the test of the torch engine on Cancel, and leaves no files', async () => {
    const before = folders();
    // A Python that answers nothing: the part takes as long as a person lets it.
    const folder = folderOfTests('chirality silent ');
    writeFileSync(join(folder, 'python'), '#!/bin/sh\nexec cat > /dev/null\n', { mode: 0o755 });
    vi.stubEnv('CHIRALITY_PYTHON', join(folder, 'python'));
    const proof = proveTorch({ program } as unknown as App);
    await vi.waitFor(() => expect(notification.messages).toEqual(['environment']));
    notification.token.cancel();
    await proof;
    expect(opened).toEqual([]);
    expect(record.messages).toEqual([]);
    expect(folders()).toEqual(before);
  });
});
