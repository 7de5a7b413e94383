import { dirname, join, resolve } from 'node:path';
import { realpath } from 'node:fs/promises';
import { parseAnswerPrompt } from '../../core/prompts/answer.ts';
import { defaultDataRoot } from '../../lab/datasets/image-files.ts';
import { sha256 } from '../../lab/files/atomic.ts';
import { openPrompt } from '../../lab/prompts.ts';
import { evaluate } from '../../lab/recipes/evaluate.ts';
import type { EvaluatedView, EvaluationResult } from '../../lab/recipes/evaluation-row.ts';
import { openEndpoint, type EndpointFlags } from '../endpoint.ts';
import { UsageError } from '../errors.ts';
import { Progress } from '../progress.ts';
import { usage } from '../samples.ts';

export interface EndpointEvaluation extends EndpointFlags {
  runs: string;
  endpoint: string;
  model?: string;
  prompt: string;
  maxTokens: number;
  views?: EvaluatedView[];
  limit?: number;
}

/**
 * Evaluates a model behind an endpoint, as a baseline: rows and results lie in `evals/<id>/` beside the runs. The same
 * model, prompt and sets go on in the same folder.
 * @param sets name and file of each.
 */
export async function evaluateEndpoint(
  sets: Record<string, string>,
  options: EndpointEvaluation,
): Promise<{ results: EvaluationResult[]; out: string; failed: number; used: string }> {
  const [first] = Object.values(sets);
  if (first === undefined) throw new UsageError('Name a set to evaluate: --set name=file.');
  const prompt = usage(() => openPrompt(options.prompt, parseAnswerPrompt));
  const { sampler, describe, usage: used, close } = openEndpoint(options.endpoint, options.model, options);
  const { model } = sampler.info();
  const plan = {
    sets,
    root: await realpath(defaultDataRoot(first)),
    views: options.views ?? (['original', 'mirror'] as const),
    template: prompt.text,
    max_tokens: options.maxTokens,
    limit: options.limit,
  };
  const about = { engine: 'openai', model, endpoint: options.endpoint, prompt: prompt.name };
  const id = [
    model,
    prompt.name,
    ...Object.keys(sets),
    sha256(JSON.stringify([plan, about])).slice(0, 8),
  ].join('-');
  const out = join(dirname(resolve(options.runs)), 'evals', id.replace(/[^\w.-]+/g, '_'));
  const progress = new Progress('answers');
  try {
    const results = await evaluate(sampler, out, { ...plan, about }, (done) => {
      progress.update(done);
    });
    return { results, out, failed: used().failed, used: describe() };
  } finally {
    progress.end();
    await close();
  }
}
