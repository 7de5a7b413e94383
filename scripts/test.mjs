// Runs every tier of tests this machine can, then prints one closing line with the totals.
// `--slow` runs the long ones instead. A failing static check counts as a failed test.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const slow = process.argv.includes('--slow');
const reports = mkdtempSync(join(tmpdir(), 'chirality-test-'));
const total = { passed: 0, failed: 0, skipped: 0 };

function step(name, command, args, env = {}) {
  console.log(`\n── ${name}`);
  return spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } }).status === 0;
}

function check(name, command, args) {
  total[step(name, command, args) ? 'passed' : 'failed'] += 1;
}

function vitest(name, env) {
  const report = join(reports, `${name}.json`);
  const ok = step(
    name,
    'npx',
    ['vitest', 'run', '--project', name, '--reporter=default', '--reporter=json', `--outputFile=${report}`],
    env,
  );
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    total.passed += result.numPassedTests;
    total.failed += result.numFailedTests;
    total.skipped += result.numPendingTests + (result.numTodoTests ?? 0);
    // A test file that does not load has no failed test, yet the run failed.
    if (!ok && result.numFailedTests === 0) total.failed += 1;
  } catch {
    total.failed += 1;
  }
}

if (!slow) {
  check('types', 'npm', ['run', '--silent', 'typecheck']);
  check('lint', 'npm', ['run', '--silent', 'lint']);
  check('format', 'npm', ['run', '--silent', 'format:check']);
}
check('build', 'npm', ['run', '--silent', 'build']);
vitest('unit', slow ? { CHIRALITY_SLOW: '1' } : {});
if (!slow) vitest('webview');
vitest('python', slow ? { CHIRALITY_SLOW: '1' } : {});
if (!slow) vitest('e2e');

console.log(`\ntests: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
