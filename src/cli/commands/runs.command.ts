import { listRuns } from '../../lab/operations/runs.ts';
import { withInput } from '../operation-command.ts';
import { FORCE, later, withRuns, withSource, withTrust } from '../command-options.ts';
import type { Command } from 'commander';
import { wholeNumber } from '../values.ts';

/** `chirality runs`: lists all runs of a folder, or prints the history of one run. */
export function addRunsCommand(program: Command): void {
  withInput(withSource(withRuns(program.command('runs'))), listRuns)
    .argument(
      '[run]',
      'run name or folder (also of an external run), to print its alarms, turning points, curves and evaluation',
    )
    .description(`${listRuns.about} With a run, print its summary.`)
    .addHelpText(
      'after',
      '\nA turning point is a step at which a curve changes most: its mean over the next ten steps differs most from its mean\nover the ten steps before.\n\nExamples:\n  chirality runs\n  chirality runs spatial\n  chirality runs --sort step --descending\n  chirality runs --json | jq ".runs[] | select(.state.status == \\"failed\\")"',
    )
    .action(later(async () => (await import('./runs.action.ts')).listOrShow));
}

export function addAttachCommand(program: Command): void {
  withSource(withRuns(program.command('attach')))
    .argument('<run>', 'run name or folder, also of an external run')
    .description('Watch a run until it ends. Ctrl-C stops watching; the run continues.')
    .addHelpText('after', '\nExamples:\n  chirality attach svqa\n  chirality attach ~/out/grpo')
    .action(later(async () => (await import('./runs.action.ts')).attachTo));
}

export function addStopCommand(program: Command): void {
  withRuns(program.command('stop'))
    .argument('<run>', 'run name or folder')
    .description(
      'Stop a run after the current step, with a checkpoint. If it does not respond, terminate it, then kill it.',
    )
    .option('--grace <seconds>', 'time to wait for the current step', wholeNumber, 120)
    .option('--json', 'print the final state as JSON')
    .addHelpText('after', '\nExamples:\n  chirality stop svqa\n  chirality stop svqa --grace 600 --json')
    .action(later(async () => (await import('./runs.action.ts')).stop));
}

export function addResumeCommand(program: Command): void {
  withTrust(withRuns(program.command('resume')))
    .argument('<run>', 'run name or folder')
    .description(
      'Resume a run from its last checkpoint and watch it. The result is the same as without the interruption.',
    )
    .option('--detach', 'return as soon as the run has started')
    .option('--force', FORCE)
    .addHelpText('after', '\nExamples:\n  chirality resume svqa\n  chirality resume svqa --detach')
    .action(later(async () => (await import('./runs.action.ts')).resume));
}
