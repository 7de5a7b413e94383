import { later, withGallery } from '../command-options.ts';
import { InvalidArgumentError, type Command } from 'commander';
import { wholeNumber } from '../values.ts';

export function port(text: string): number {
  const value = wholeNumber(text);
  if (value > 65_535) throw new InvalidArgumentError('The port must be from 0 to 65535.');
  return value;
}

export function addServeCommand(program: Command): void {
  withGallery(program.command('serve'))
    .description('Show runs in a browser on this machine, as the read-only pages of `publish`.')
    .option('--port <n>', 'port (default: any free port)', port)
    .addHelpText(
      'after',
      `
Only programs on this machine can connect. Press Ctrl+C to stop the server.

Examples:
  chirality serve --runs chirality-demo/runs
  chirality serve given spatial --runs chirality-demo/runs --port 8321`,
    )
    .action(later(async () => (await import('./serve.action.ts')).serve));
}
