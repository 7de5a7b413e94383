import { later, withGallery } from '../command-options.ts';
import { InvalidArgumentError, type Command } from 'commander';
import { wholeNumber } from '../values.ts';

export function port(text: string): number {
  const value = wholeNumber(text);
  if (value > 65_535) throw new InvalidArgumentError('Give a port from 0 to 65535.');
  return value;
}

export function addServeCommand(program: Command): void {
  withGallery(program.command('serve'))
    .description('Show runs in a browser on this machine: the pages that `publish` writes, read-only.')
    .option('--port <n>', 'port (default: any free one)', port)
    .addHelpText(
      'after',
      `
Only programs on this machine can connect. Stop it with Ctrl+C.

Examples:
  chirality serve --runs chirality-demo/runs
  chirality serve given spatial --runs chirality-demo/runs --port 8321`,
    )
    .action(later(async () => (await import('./serve.action.ts')).serve));
}
