import { parseJudgePrompt, parsePrompt } from '../../core/prompts/prompt-file.ts';
import { openPrompt } from '../../lab/prompts.ts';
import type { Judge } from '../../lab/evaluation/judge.ts';
import { openEndpoint } from '../endpoint.ts';
import { UsageError } from '../errors.ts';
import { usage } from '../samples.ts';
import type { EvalFlags } from './target.ts';

/** A judge behind an endpoint; undefined where none is asked for. */
export function openJudge(
  flags: EvalFlags,
): (Judge & { used(): string; close(): Promise<void> }) | undefined {
  const { judge: address, judgeModel, judgePrompt, judgeKeyEnv, keyEnv } = flags;
  if (address === undefined) return undefined;
  if (judgeModel === undefined && address !== 'host')
    throw new UsageError('Name the judge with --judge-model, as its server calls it.');
  const prompts = usage(() => ({
    yesno: openPrompt(judgePrompt, parseJudgePrompt),
    open: openPrompt('judge-open', parseJudgePrompt),
  }));
  const repair = openPrompt('judge-repair', (name, file) => parsePrompt<never>(name, file, [], []));
  const key = judgeKeyEnv ?? keyEnv;
  const { sampler, describe, close } = openEndpoint(address, judgeModel, {
    ...flags,
    ...(key !== undefined && { keyEnv: key }),
  });
  return { sampler, prompts, repair, used: () => `judge: ${describe()}`, close };
}
