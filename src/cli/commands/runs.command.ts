import { listRuns } from '../../lab/operations/runs.ts';
import { withInput } from '../operation-command.ts';
import { later, withRuns, withSource, withTrust } from '../command-options.ts';
import type { Command } from 'commander';
import { wholeNumber } from '../values.ts';

/** `chirality runs`: all runs of a folder, or what happened in one. */
export function addRunsCommand(program: Command): void {
  withInput(withSource(withRuns(program.command('runs'))), listRuns)
    .argument(
      '[run]',
      'run name or folder, also of another trainer: print its alarms, turns, curves and evaluation',
    )
    .description(`${listRuns.about} With a run, print what happened in it.`)
    .addHelpText(
      'after',
      '\nTurns are steps at which the mean of a curve over ten steps differs most from that of the ten before,\nmeasured by their spread: leads, not causes.\n\nExamples:\n  chirality runs\n  chirality runs spatial\n  chirality runs --sort step --descending\n  chirality runs --json | jq ".runs[] | select(.state.status == \\"failed\\")"',
    )
    .action(later(async () => (await import('./runs.action.ts')).listOrShow));
}

/** `chirality attach`: watches a run. */
export function addAttachCommand(program: Command): void {
  withSource(withRuns(program.command('attach')))
    .argument('<run>', 'run name or folder; also a folder that another trainer wrote')
    .description('Watch a run until it ends. Ctrl-C stops watching; the run continues.')
    .addHelpText('after', '\nExamples:\n  chirality attach svqa\n  chirality attach ~/out/grpo')
    .action(later(async () => (await import('./runs.action.ts')).attachTo));
}

/** `chirality stop`: stops a run. */
export function addStopCommand(program: Command): void {
  withRuns(program.command('stop'))
    .argument('<run>', 'run name or folder')
    .description(
      'Stop a run: let it save and end after the current step, otherwise terminate it, then kill it.',
    )
    .option('--grace <seconds>', 'how long to wait for the current step', wholeNumber, 120)
    .option('--json', 'print the final state')
    .addHelpText('after', '\nExamples:\n  chirality stop svqa\n  chirality stop svqa --grace 600 --json')
    .action(later(async () => (await import('./runs.action.ts')).stop));
}

/** `chirality resume`: continues a run from its last checkpoint. */
export function addResumeCommand(program: Command): void {
  withTrust(withRuns(program.command('resume')))
    .argument('<run>', 'run name or folder')
    .description('Resume a run from its last checkpoint, exactly as if it had never stopped, and watch it.')
    .option('--detach', 'return as soon as the run has started')
    .addHelpText('after', '\nExamples:\n  chirality resume svqa\n  chirality resume svqa --detach')
    .action(later(async () => (await import('./runs.action.ts')).resume));
}
