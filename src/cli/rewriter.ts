import type { Command } from 'commander';
import { parseRepairPrompt, parseRewritePrompt } from '../core/prompts/prompt-file.ts';
import { openPrompt } from '../lab/library.ts';
import type { ImageFiles } from '../lab/datasets/image-files.ts';
import type { Rewriter } from '../lab/rollouts/rewrite.ts';
import { openEndpoint, withEndpoint, type EndpointFlags, type OpenEndpoint } from './endpoint.ts';
import { wholeNumber } from './numbers.ts';
import { usage } from './samples.ts';

/** Options of the commands that let a language model write what rules hand on. */
export interface RewriterFlags extends EndpointFlags {
  llm?: string;
  llmModel?: string;
  prompt: string;
  maxTokens: number;
}

export function withRewriter(command: Command, prompt: string): Command {
  return withEndpoint(
    command
      .option('--llm <address>', 'an endpoint that speaks chat completions takes the rows that rules hand on')
      .option('--llm-model <name>', 'the model, as the endpoint calls it')
      .option('--prompt <name>', 'a prompt that comes with the program, or a file', prompt)
      .option('--max-tokens <n>', 'longest answer of the model', wholeNumber, 1024),
  );
}

/** Opens the endpoint and the prompts; null where no model is asked for. */
export function openRewriter(
  flags: RewriterFlags,
  verify: string | null,
  images: ImageFiles | null,
): (Rewriter & { endpoint: OpenEndpoint }) | null {
  if (flags.llm === undefined) return null;
  const prompts = usage(() => ({
    prompt: openPrompt(flags.prompt, parseRewritePrompt),
    verify: verify === null ? null : openPrompt(verify, parseRewritePrompt),
    repair: openPrompt('flip-repair', parseRepairPrompt),
  }));
  const endpoint = openEndpoint(flags.llm, flags.llmModel, flags);
  return { ...prompts, sampler: endpoint.sampler, images, maxTokens: flags.maxTokens, endpoint };
}
