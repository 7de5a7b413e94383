import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** How code opens a connection or listens for one: Node's and browsers' own ways. */
const CONNECTS =
  /(?<![.\w]|async )fetch\(|new (?:WebSocket|XMLHttpRequest|EventSource)\b|from '(?:node:)?(?:https?|http2|net|tls|dgram|dns)(?:\/promises)?'|import\('(?:node:)?(?:https?|net|tls)'\)|sendBeacon\(/;
/** Types say how an address is written, and connect to nothing. */
const TYPES = /^import type .*$/gm;

const sources = ['src', 'webview'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => join(folder, path).replaceAll('\\', '/')),
);

/** How a file starts another program. */
const STARTS = /(?<![.\w])(?:spawn|spawnSync|execFile|execFileSync|execSync|fork)\(/;
/** How Python opens a connection, or asks a library that does. */
const PYTHON_CONNECTS =
  /^\s*(?:import|from) (?:socket|ssl|http|urllib|ftplib|smtplib|requests|httpx|tinker|aiohttp|websockets|huggingface_hub|wandb|trackio)\b|\.from_pretrained\(|asyncio\.(?:open_connection|start_server)\(|init_process_group\(|snapshot_download\(/m;
const python = ['src/engines/torch/worker', 'python/src'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.py'))
    .map((path) => join(folder, path).replaceAll('\\', '/')),
);

test('docs/agents-and-privacy.md: lists each file that connects to a network or starts a program', () => {
  const page = readFileSync('docs/agents-and-privacy.md', 'utf8');
  const withoutTypes = (path: string) => readFileSync(path, 'utf8').replace(TYPES, '');
  const named = (ending: string) =>
    [...page.matchAll(/`((?:src|webview|python)\/[\w/.-]+\.(\w+))`/g)]
      .filter(([, , its]) => its === ending)
      .map(([, path]) => path!)
      .sort();
  const reaching = sources.filter((path) => {
    const text = withoutTypes(path);
    return CONNECTS.test(text) || (text.includes('node:child_process') && STARTS.test(text));
  });
  expect(reaching.sort()).toEqual([...new Set(named('ts'))]);
  expect(python.filter((path) => PYTHON_CONNECTS.test(readFileSync(path, 'utf8'))).sort()).toEqual(
    named('py'),
  );
});

test('sources: do not use the telemetry API of VS Code', () => {
  for (const path of sources)
    expect(readFileSync(path, 'utf8'), path).not.toMatch(/createTelemetryLogger|TelemetryReporter/);
});
