import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { WhatIfReport } from '../../../src/core/run-data/what-if.ts';
import { assessmentOf } from '../../../src/core/config/derived.ts';
import { whatIfConfig, whatIfRun } from '../../../src/lab/runs/trace-files.ts';
import { stepsOf } from '../../../src/lab/traces/run-steps.ts';

const RUN = 'test/fixtures/traces/run';
const trace = (...args: string[]) =>
  execFileSync(process.execPath, ['dist/cli.js', 'trace', RUN, ...args], { encoding: 'utf8', stdio: 'pipe' });

describe('chirality trace --what-if', () => {
  it('trace --what-if reports the changes of a run’s advantages', () => {
    expect(trace('--what-if', 'eta=2,scope=pair')).toMatch(
      /^eta 1 ⇒ 2, scope group ⇒ pair: 2 traced steps, 20 pairs, 320 completions\n.*sign flipped {2}\d+/s,
    );
    const report = JSON.parse(trace('--what-if', 'eta=1', '--json')) as WhatIfReport;
    expect(report).toMatchObject({
      changed: { eta: { before: 1, after: 1 } },
      signs: { reversed: 0, silenced: 0, woken: 0 },
      kept: { before: 40, after: 40 },
      effects: { inverted: { before: 1, after: 1 } },
    });
  });

  it('trace --what-if shows one pair before and after the change', () => {
    const text = trace('--step', '97', '--pair', '9', '--what-if', 'eta=2');
    expect(text).toContain('The original was penalised: the order of completions was inverted.');
    expect(text).toContain(
      'penalty 0.750 ⇒ 1.500  → reward 0.625 ⇒ 0.250  advantage +0.114 ⇒ −0.513  (reversed)',
    );
  });

  it('trace --what-if lists the adjustable settings', () => {
    expect(() => trace('--what-if', 'beta=1')).toThrow(
      expect.objectContaining({
        status: 2,
        message: expect.stringMatching(
          /--what-if: Cannot change "beta".*Choose from format, semantic, eta/s,
        ) as string,
      }),
    );
  });

  it('trace --what-if stops on cancellation', async () => {
    const config = await whatIfConfig(RUN);
    const shares: number[] = [];
    const stop = new AbortController();
    const onProgress = (share: number) => {
      shares.push(share);
      stop.abort();
    };
    const report = whatIfRun(stepsOf(RUN), assessmentOf(config!), { signal: stop.signal, onProgress });
    await expect(report).rejects.toMatchObject({ name: 'AbortError' });
    expect(shares).toEqual([0.5]);
  });
});
