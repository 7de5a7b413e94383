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

test('docs/network.md names every file that opens a connection, and no other', () => {
  const opening = sources.filter((path) => CONNECTS.test(readFileSync(path, 'utf8').replace(TYPES, '')));
  const named = [...readFileSync('docs/network.md', 'utf8').matchAll(/`(src\/[\w/.-]+\.ts)`/g)].map(
    ([, path]) => path!,
  );
  expect(opening.sort()).toEqual([...new Set(named)].sort());
});

test('the editor’s telemetry is not used', () => {
  for (const path of sources)
    expect(readFileSync(path, 'utf8'), path).not.toMatch(/createTelemetryLogger|TelemetryReporter/);
});
