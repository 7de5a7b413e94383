import { parseRepairPrompt, parseRewritePrompt } from '../core/prompts/prompt-file.ts';
import { openPrompt } from '../lab/library.ts';
import type { ImageFiles } from '../lab/datasets/image-files.ts';
import type { Rewriter } from '../lab/rollouts/ask-rewrite.ts';
import { openEndpoint, type OpenEndpoint } from './open-endpoint.ts';
import { tellTransformed, usage } from './write-samples.ts';
import type { RewrittenTally } from './tally.ts';
import type { OptionsOf, withRewriter } from './command-options.ts';

/** Opens the endpoint and the prompts of the rewriter; null if the user requests no model. */
export function openRewriter(
  flags: OptionsOf<typeof withRewriter>,
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

/**
 * Prints the outcomes of a command's rows, and the model's share; sets the exit code.
 * @param summary summary without the model's share
 */
export function tellRewritten<S extends { written: number; bad: number }>(
  summary: S,
  describe: (summary: S) => string,
  flags: { output?: string; json?: true },
  { llm, attempts }: RewrittenTally,
  model: { endpoint: OpenEndpoint } | null,
): void {
  const used = model?.endpoint.usage();
  tellTransformed(
    {
      ...summary,
      ...(used && { llm: { ...llm.summary(), ...used } }),
      ...(attempts.summary().length > 0 && { attempts: attempts.summary() }),
    },
    [
      describe(summary),
      ...(model ? [llm.describe(), model.endpoint.describe()] : []),
      ...attempts.describe(),
    ],
    flags,
  );
  if (used?.failed) process.exitCode = 1;
}
