import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { readTraces } from '../../lab/runs/trace.ts';
import type { TracedPair } from '../../core/grpo/traced.ts';
import { JobError } from '../errors.ts';
import { wholeNumber } from '../numbers.ts';
import { requireRun, withRuns } from '../runs.ts';

export function addTraceCommand(program: Command): void {
  withRuns(program.command('trace'))
    .argument('<run>', 'name or folder')
    .description(
      'Print what happened to a pair: both groups of completions, their rewards, the coupling, the advantages.',
    )
    .option('--step <n>', 'optimiser step; the last one traced by default', wholeNumber)
    .option('--pair <n>', 'which pair of the step, from 0; all by default', wholeNumber)
    .option('--json', 'print the trace as it is stored')
    .addHelpText(
      'after',
      '\nExamples:\n  chirality trace demo --step 12 --pair 3\n  chirality trace demo --json | jq .effect',
    )
    .action(async (name: string, options: { runs: string; step?: number; pair?: number; json?: boolean }) => {
      const dir = await requireRun(options.runs, name);
      const step = options.step ?? (await lastTraced(dir, name));
      const pairs = await readTraces(dir, step);
      if (pairs.length === 0)
        throw new JobError(`Step ${step} of ${name} was not traced.`, {
          fix: 'See trace.every in run.yaml.',
        });
      const wanted = options.pair === undefined ? pairs : pairs.slice(options.pair).slice(0, 1);
      if (wanted.length === 0) throw new JobError(`Step ${step} has ${pairs.length} pairs, numbered from 0.`);
      for (const pair of wanted) console.log(options.json ? JSON.stringify(pair) : formatPair(pair));
    });
}

async function lastTraced(dir: string, name: string): Promise<number> {
  const steps = (await readdir(join(dir, 'traces'))).flatMap(
    (file) => /^step-(\d+)\.jsonl$/.exec(file)?.[1] ?? [],
  );
  if (steps.length === 0) throw new JobError(`${name} has no traces yet.`);
  return Math.max(...steps.map(Number));
}

const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;

/** A pair as text, in the order in which the trace panel shows it. */
export function formatPair(pair: TracedPair): string {
  const head = [
    `step ${pair.step}, pair ${pair.pair}: ${pair.sample}`,
    pair.kept ? 'kept' : `dropped (${pair.why})`,
  ];
  if (pair.verdict !== null) head.push(pair.verdict.replace('_', ' '));
  const lines = [head.join(', ')];
  if (pair.delta !== null) {
    const who =
      pair.penalised === null
        ? 'nobody penalised'
        : `${pair.penalised} penalised, effect ${pair.effect ?? 'none'}`;
    lines.push(`Δ ${signed(pair.delta)}: ${who}`);
  }
  for (const { view, question, answer, group } of pair.views) {
    lines.push('', `${view}: ${question}  [${answer}]`);
    for (const { segments, right, rewards, penalty, reward, advantage } of group) {
      const parts = Object.entries(rewards).map(([part, { value }]) => `${part} ${value.toFixed(3)}`);
      if (penalty > 0) parts.push(`penalty ${penalty.toFixed(3)}`);
      lines.push(`  ${right ? '✓' : '✗'} ${segments.map(({ text }) => plain(text)).join(' │ ')}`);
      lines.push(`      ${parts.join('  ')}  → reward ${reward.toFixed(3)}  advantage ${signed(advantage)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Model output on one line; control characters, which could steer the terminal, are shown as what they are. */
const plain = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Bidi_Control}]/gu, (c) => `\\u${c.codePointAt(0)!.toString(16).padStart(4, '0')}`);
