import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { requireAll } from '../support/required.ts';
import { Code } from './code.ts';
import { story } from './steps.ts';

const tools = inject('vscode');
const canTrace = spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0;
if (!canTrace) {
  const why =
    'What the extension asks of the system is not looked at: install strace, and allow it to trace.';
  if (requireAll) throw new Error(why);
  console.warn(why);
}

const PROJECT = 'test/fixtures/recorded/project';

/** A call of the system, by a thread of the extension host or by a process that it started. */
interface SystemCall {
  name: string;
  text: string;
}

/**
 * What VS Code starts itself: its search, the servers of its own languages, and, over and over, the commands by which it
 * looks for ports that it could forward.
 */
const BY_VSCODE = [
  /^execve\("[^"]*\/code-server\/lib\/vscode\//,
  /^execve\("[^"]*\/node", \["[^"]*", "[^"]*\/code-server\/lib\/vscode\//,
  /"ls -l \/proc\/\[0-9\]\*|"ps -F -A -l \| grep root"/,
  /\["ls", "-l", "\/proc\/|\["grep", "(?:socket:|root)"\]|\["ps", "-F", "-A", "-l"\]/,
];

/** The calls of the extension host and of everything below it, from a log of `strace -f`. */
function callsOfHost(log: string): SystemCall[] {
  const below = new Set<string>();
  const calls: SystemCall[] = [];
  for (const line of log.split('\n')) {
    const [, id, rest] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (!id) continue;
    if (/^execve\(.*"--type=extensionHost"/.test(rest!)) {
      below.add(id);
      continue;
    }
    if (!below.has(id)) continue;
    const child = /^(?:<\.\.\. )?(?:v?fork|clone3?)\b.* = (\d+)$/.exec(rest!)?.[1];
    if (child) below.add(child);
    const name = /^(\w+)\(/.exec(rest!)?.[1];
    if (name) calls.push({ name, text: rest! });
  }
  return calls;
}

describe.skipIf(!tools || !canTrace)('packaged extension in an untrusted external folder', () => {
  let code: Code;
  let folder: string;
  let outside: string;
  let log: string;

  beforeAll(async () => {
    code = await Code.start(tools!, { trace: true });
    log = join(code.root, 'calls');
    folder = join(code.root, 'strange');
    outside = join(code.root, 'outside');
    mkdirSync(outside);
    const worlds = ['worlds', '--count', '3', '--seed', '7', '--size', '96', '-o', folder];
    execFileSync(process.execPath, ['dist/cli.js', ...worlds]);
    cpSync(join(folder, 'images/000001.png'), join(outside, 'secret.png'));
    writeFileSync(join(outside, 'secret.run.yaml'), 'preset: demo\n');
    symlinkSync(outside, join(folder, 'link'));
    const [first] = readFileSync(join(folder, 'data.qa.jsonl'), 'utf8').split('\n');
    const row = JSON.parse(first!) as object;
    const images = [
      '../outside/secret.png',
      join(outside, 'secret.png'),
      'link/secret.png',
      '//server/a.png',
    ];
    const rows = images.map((path, i) => JSON.stringify({ ...row, id: `odd-${i}`, images: [{ path }] }));
    writeFileSync(join(folder, 'data.qa.jsonl'), `${rows.join('\n')}\n`);
    cpSync(join(PROJECT, 'runs/grpo'), join(folder, 'runs/odd'), { recursive: true });
    const run = (name: string) => join(folder, 'runs/odd', name);
    const state = JSON.parse(readFileSync(run('state.json'), 'utf8')) as object;
    const claim = { status: 'running', host: hostname(), pid: 1, pid_start: '1; touch /tmp/x' };
    writeFileSync(
      run('state.json'),
      JSON.stringify({ ...state, ...claim, heartbeat: new Date().toISOString() }),
    );
    const manifest = JSON.parse(readFileSync(run('manifest.json'), 'utf8')) as object;
    const data = [{ path: join(outside, 'data.qa.jsonl'), sha256: '', rows: 1 }];
    writeFileSync(run('manifest.json'), JSON.stringify({ ...manifest, data, data_root: outside }));
    writeFileSync(
      join(folder, 'a.run.yaml'),
      `preset: demo\ndata: { train: ${join(outside, 'secret.png')} }\n`,
    );
    writeFileSync(join(folder, 'a.sweep.yaml'), 'config: ../outside/secret.run.yaml\nvary: {}\n');
    await code.openFolder(folder);
  });
  afterAll(() => code?.stop());

  const step = story(() => code.page);

  step('opens, checks and shows the files of the folder', async () => {
    const { page } = code;
    await code.openFile('a.sweep.yaml');
    await code.openFile('a.run.yaml');
    await code.openFile('data.qa.jsonl');
    await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
    await code.run('Chirality: Show Pair');
    const pair = await code.webview('.place');
    await expect.poll(() => pair.locator('body').textContent()).toContain('is outside');
    await code.run('Chirality: Open Traces');
    await code.choose('odd');
    const traces = await code.webview('[aria-label="Images"]');
    await expect.poll(() => traces.locator('body').textContent()).toContain('without your permission');
  });

  step('starts no process, opens no file outside the folder, and makes no connection', () => {
    const calls = callsOfHost(readFileSync(log, 'utf8'));
    const of = (name: string) => calls.filter((call) => call.name === name).map(({ text }) => text);
    // The folder itself was read, or there would be nothing to see.
    expect(of('openat').filter((text) => text.includes('/strange/')).length).toBeGreaterThan(5);
    const started = of('execve').filter((text) => !BY_VSCODE.some((one) => one.test(text)));
    expect(started).toEqual([]);
    expect(of('connect').filter((text) => !text.includes('AF_UNIX'))).toEqual([]);
    expect(of('openat').filter((text) => /\/outside\/|\/link\/|"\/\/server/.test(text))).toEqual([]);
    // Signal 0 only looks: VS Code watches whether the server lives.
    expect(of('kill').filter((text) => !/, 0[ )]/.test(text))).toEqual([]);
  });
});
