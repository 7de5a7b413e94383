// How long VS Code's extension host is held up by our activation: loading the code and calling `activate`, as VS Code
// records it, next to an extension that does nothing. In VS Code as a server; each round is a reload of the window.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Code, until } from '../e2e/code.ts';
import { packExtension } from '../e2e/extension.ts';
import { vscodeServer } from '../e2e/vscode-server.ts';

const ROUNDS = 5;

/** Milliseconds as VS Code shows them. */
const activation = (code: Code, name: string): Promise<number> =>
  until(`the activation of ${name}`, async () => {
    const row = code.page.locator('.runtime-extensions-editor .monaco-list-row', { hasText: name });
    const text = await row.locator('.activation-time').textContent({ timeout: 2000 });
    const ms = /([\d.]+) ?ms/.exec(text ?? '')?.[1];
    return ms === undefined ? null : { ms: Number(ms) };
  }).then(({ ms }) => ms);

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

const work = mkdtempSync(join(tmpdir(), 'chirality-bench-'));
execFileSync(process.execPath, ['scripts/package.mjs'], { stdio: 'ignore' });
const server = { ...vscodeServer(), vsix: resolve('dist/chirality.vsix') };
const code = await Code.start(server, {
  settings: { 'security.workspace.trust.enabled': false },
  // One that starts when ours does, and does nothing.
  extensions: [
    packExtension(
      join(work, 'empty'),
      { name: 'empty', displayName: 'Empty Extension' },
      'exports.activate = () => undefined;\n',
    ),
  ],
});
try {
  await code.page.setViewportSize({ width: 1400, height: 4000 }); // rows that are not seen are not there
  const folder = join(work, 'folder');
  mkdirSync(folder);
  writeFileSync(join(folder, 'a.qa.jsonl'), '{"id":"a","question":"Left?","answer":"Yes"}\n');
  await code.openFolder(folder);
  const ours: number[] = [];
  const empty: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await code.reload();
    await code.run('Developer: Show Running Extensions');
    ours.push(await activation(code, 'Chirality'));
    empty.push(await activation(code, 'Empty Extension'));
  }
  console.log(`Chirality        ${ours.join(', ')} ms; median ${median(ours)} ms (at most 50 wanted)`);
  console.log(`Empty extension  ${empty.join(', ')} ms; median ${median(empty)} ms`);
  // Both of a round share what else the machine was doing.
  const more = ours.map((ms, round) => ms - empty[round]!);
  console.log(`Ours beyond it   ${more.join(', ')} ms; median ${median(more)} ms`);
} finally {
  await code.stop();
  rmSync(work, { recursive: true, force: true });
}
