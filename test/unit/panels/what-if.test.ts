import { expect, it } from 'vitest';
import { assessmentOf } from '../../../src/core/config/derived.ts';
import { assess } from '../../../src/core/rewards/assess.ts';
import type { TracedPair } from '../../../src/core/run-data/trace.ts';
import { readTraces } from '../../../src/lab/runs/trace-files.ts';
import { whatIf } from '../../../src/panels/trace/trace-what-if.reads.ts';

const run = 'test/fixtures/traces/run';

it('whatIfStep: returns the advantages of the full step, without texts', async () => {
  const config = (await whatIf.whatIfConfig({ run }))!;
  const withoutTexts = await whatIf.whatIfStep({ run, step: 97 });
  const whole = await readTraces(run, 97);
  const advantages = (step: readonly TracedPair[]) =>
    assess(step, assessmentOf(config)).map(({ views }) =>
      views.map(({ group }) => group.map(({ advantage }) => advantage)),
    );
  expect(advantages(withoutTexts)).toEqual(advantages(whole));
  const [{ question, group }] = whole[0]!.views as [TracedPair['views'][number]];
  expect(question && group[0]!.segments[0]!.text).toBeTruthy();
  for (const { views } of withoutTexts)
    for (const view of views)
      expect(
        [view.question, ...view.group.flatMap(({ segments }) => segments.map(({ text }) => text))].join(''),
      ).toBe('');
});
