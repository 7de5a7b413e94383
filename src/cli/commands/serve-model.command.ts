import { later, withEndpoint, withModel, withRuns } from '../command-options.ts';
import type { Command } from 'commander';
import { wholeNumber } from '../values.ts';

/**
 * Process behind the Playground: keeps a model loaded and answers its parent process over Node's IPC channel. The help
 * omits this command.
 */
export function addServeModelCommand(program: Command) {
  const plain = withRuns(program.command('serve-model', { hidden: true }))
    .option('--model <name>')
    .option('--idle <seconds>', 'idle time before exit', wholeNumber, 600);
  const command = withEndpoint(withModel(plain));
  command.action(later(async () => (await import('./serve-model.action.ts')).serve));
  return command;
}
