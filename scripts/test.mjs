// Runs every tier of tests this machine can, then prints one closing line with the totals.
// `--slow` runs the long ones instead. A failing static check counts as a failed test.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const slow = process.argv.includes('--slow');
const reports = mkdtempSync(join(tmpdir(), 'chirality-test-'));
const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

function step(name, command, args, env = {}) {
  console.log(`\n── ${name}`);
  return spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } }).status === 0;
}

function check(name, command, args) {
  if (step(name, command, args)) total.passed += 1;
  else fail(1, name);
}

function fail(count, what) {
  total.failed += count;
  failures.push(what);
}

/** Runs a tier, or some of its files. @returns the result of each file. */
function vitest(name, env = {}, files = []) {
  const report = join(reports, `${name}-${files.length}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile=${report}`];
  const title = files.length > 0 ? `${name}: once more what failed` : name;
  const ok = step(title, 'npx', ['vitest', 'run', '--project', name, ...reporters, ...files], env);
  const lost = { name, status: 'failed', assertionResults: [] };
  try {
    const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
    return ok || testResults.some(failed) ? testResults : [...testResults, lost];
  } catch {
    return [lost];
  }
}

function failed({ status }) {
  return status === 'failed';
}

/**
 * The tier that drives VS Code and a browser, on machines that are shared: a file that failed is run once more, alone, and
 * the second result counts.
 */
function endToEnd() {
  const first = vitest('e2e');
  const again = first.filter(failed).map(({ name }) => name);
  if (again.length === 0) return first;
  const second = vitest('e2e', {}, again);
  const names = again.map((name) => relative('.', name)).join(', ');
  console.log(`\nFailed at first, ${second.some(failed) ? 'and again' : 'passed the second time'}: ${names}`);
  return [...first.filter((file) => !failed(file)), ...second];
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

if (!slow) {
  check('types', 'npm', ['run', '--silent', 'typecheck']);
  check('lint', 'npm', ['run', '--silent', 'lint']);
  check('format', 'npm', ['run', '--silent', 'format:check']);
}
check('build', 'npm', ['run', '--silent', 'build']);
const long = slow ? { CHIRALITY_SLOW: '1' } : {};
add(vitest('unit', long));
if (!slow) add(vitest('webview'));
add(vitest('python', long));
if (!slow) add(endToEnd());

if (failures.length > 0) console.log(`\nFailed:\n${failures.join('\n')}`);
console.log(`\ntests: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
