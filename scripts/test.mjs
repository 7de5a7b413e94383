// Runs every tier of tests this machine can, then prints one closing line with the totals.
// `--slow` runs the long ones instead. A failing static check counts as a failed test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const slow = process.argv.includes('--slow');
const reports = mkdtempSync(join(tmpdir(), 'chirality-test-'));
const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const unsteady = [];
/** Seconds by static check and test file. */
const took = new Map();
const tiers = [];
const start = Date.now();
const minutes = (seconds) => `${(seconds / 60).toFixed(1)} min`;

/** Runs a static check; what it says is kept for the closing lines, as with a tier. */
async function check(name, script) {
  const since = Date.now();
  const child = spawn('npm', ['run', '--silent', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (said += text));
  const [status] = await once(child, 'close');
  said = said.trim();
  took.set(name, (Date.now() - since) / 1000);
  console.log(`\n── ${name}${said && `\n${said}`}`);
  if (status === 0) total.passed += 1;
  else fail(1, said ? `${name}\n${said}` : name);
}

function fail(count, what) {
  total.failed += count;
  failures.push(what);
}

/** What each tier asks of vitest. Files whose tests keep no state for others share processes, and what they import. */
const TIERS = {
  shared: ['--project', 'unit', '--no-isolate'],
  unit: ['--project', 'unit'],
  webview: ['--project', 'webview', '--no-isolate'],
  python: ['--project', 'python'],
  e2e: ['--project', 'e2e'],
};
const entries = (folder) => readdirSync(folder).map((entry) => `${folder}/${entry}`);
/**
 * Files with processes of their own: they replace modules, or what a process keeps for all (the stand-in for VS Code,
 * the program that takes frames), or look at its memory. So have the slow ones outside core, which fill it.
 */
const ALONE = slow
  ? entries('test/unit').filter((path) => path !== 'test/unit/core')
  : [
      'test/unit/engines/process.test.ts',
      'test/unit/extension',
      'test/unit/panels',
      'test/unit/lab/files/unreadable.test.ts',
      'test/unit/lab/images',
      'test/unit/lab/runs/large.test.ts',
    ];
const others = (folder) =>
  entries(folder).flatMap((path) => {
    if (ALONE.includes(path)) return [];
    return ALONE.some((alone) => alone.startsWith(`${path}/`)) ? others(path) : [path];
  });
/** Where a tier is a part of its project: its folders and files. */
const PARTS = { shared: others('test/unit'), unit: ALONE };

/** Runs a tier, or some of its files; in the background, it prints when it has ended. @returns the result of each file. */
async function vitest(name, env, files = [], background = false) {
  const report = join(reports, `${name}-${files.length}.json`);
  const seconds = join(reports, `${name}-seconds.json`);
  const reporters = ['default', 'json', './scripts/seconds.mjs'].map((reporter) => `--reporter=${reporter}`);
  const title = files.length > 0 ? `${name}: once more what failed` : name;
  let said = `\n── ${title}\n`;
  if (!background) process.stdout.write(said);
  const args = ['vitest', 'run', ...TIERS[name], ...reporters, `--outputFile=${report}`];
  args.push(...(files.length > 0 ? files : (PARTS[name] ?? [])), ...(background ? ['--maxWorkers=1'] : []));
  const since = Date.now();
  const output = background ? 'pipe' : 'inherit';
  const child = spawn('npx', args, {
    stdio: ['ignore', output, output],
    env: { ...process.env, ...env, CHIRALITY_SECONDS: seconds, CHIRALITY_BUILT: '1' },
  });
  for (const stream of background ? [child.stdout, child.stderr] : [])
    stream.setEncoding('utf8').on('data', (text) => (said += text));
  const [status] = await once(child, 'close');
  if (background) process.stdout.write(said);
  const ok = status === 0;
  tiers.push(`${title} ${minutes((Date.now() - since) / 1000)}`);
  const lost = { name, status: 'failed', assertionResults: [] };
  try {
    const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
    for (const [file, s] of Object.entries(JSON.parse(readFileSync(seconds, 'utf8')))) took.set(file, s);
    return ok || testResults.some(failed) ? testResults : [...testResults, lost];
  } catch {
    return [lost];
  }
}

function failed({ status }) {
  return status === 'failed';
}

/**
 * Counts what a tier gave; a file that failed is run once more, alone, and the second result counts. Tests here kill
 * processes and drive VS Code, on machines that are shared: what only fails beside others is told at the end, and not
 * counted.
 */
async function tier(name, env, first) {
  const broken = first.filter(failed);
  if (broken.length === 0 || broken.some((file) => file.name === name)) return add(first);
  const second = await vitest(
    name,
    env,
    broken.map((file) => file.name),
  );
  const mended = broken.filter((file) => !second.some((again) => again.name === file.name && failed(again)));
  unsteady.push(...mended.map(describe));
  add([...first.filter((file) => !failed(file)), ...second]);
}

/** Where a file failed, and how: the closing lines say it again, for they may be all that is kept. */
function describe({ name, message, assertionResults }) {
  const broken = assertionResults.filter(({ status }) => status === 'failed');
  const lines = broken.map(({ fullName, failureMessages }) => `  ${fullName}\n    ${failureMessages[0]}`);
  return [relative('.', name), ...lines, ...(lines.length === 0 && message ? [message] : [])].join('\n');
}

function add(results) {
  for (const file of results) {
    const count = (...states) => file.assertionResults.filter(({ status }) => states.includes(status)).length;
    total.passed += count('passed');
    // A file that does not load has no failed test, yet it failed.
    if (failed(file)) fail(Math.max(1, count('failed')), describe(file));
    total.skipped += count('pending', 'skipped', 'todo', 'disabled');
  }
}

console.log(slow ? '── build' : '── build, types, lint, format');
const checks = [check('build', 'build')];
if (!slow) checks.push(check('types', 'typecheck'), check('lint', 'lint'), check('format', 'format:check'));
await Promise.all(checks);
tiers.push(`checks ${minutes((Date.now() - start) / 1000)}`);
const long = slow ? { CHIRALITY_SLOW: '1' } : {};
/** Runs tiers at the same time, the first one in the foreground. */
async function together(...names) {
  const results = await Promise.all(names.map((name, i) => vitest(name, long, [], i > 0)));
  for (const [i, name] of names.entries()) await tier(name, long, results[i]);
}
await together('shared');
// Tests of pages and of the editor often wait, and leave the cores to others; the long ones do not.
if (slow) for (const name of ['unit', 'webview', 'python', 'e2e']) await together(name);
else {
  await together('webview', 'unit');
  await together('python', 'e2e');
}

const slowest = [...took].sort(([, a], [, b]) => b - a).slice(0, 10);
console.log(`\nSlowest:\n${slowest.map(([name, s]) => `${s.toFixed(1).padStart(7)} s  ${name}`).join('\n')}`);
console.log(`\n${tiers.join(', ')}; together ${minutes((Date.now() - start) / 1000)}`);
if (unsteady.length > 0) console.log(`\nFailed at first, passed the second time:\n${unsteady.join('\n')}`);
if (failures.length > 0) console.log(`\nFailed:\n${failures.join('\n')}`);
console.log(`\ntests: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
rmSync(reports, { recursive: true });
process.exitCode = total.failed === 0 ? 0 : 1;
