import { Option, type Command } from 'commander';
import { LEVELS } from '../../lab/agent/levels.ts';
import { later } from '../command-options.ts';

/** `chirality mcp`: a server by which agents read runs and data. */
export function addMcpCommand(program: Command): void {
  program
    .command('mcp')
    .argument('[folder]', 'the folder that agents may read', '.')
    .description('Serve runs, pairs and data to an agent by the Model Context Protocol, over standard input.')
    .addOption(
      new Option(
        '--allow <level>',
        'read: nothing is changed; propose: also put proposals into the review queue, where you decide',
      )
        .choices(LEVELS)
        .default('read'),
    )
    .option(
      '--root <folder>',
      'another folder that agents may read; may be repeated',
      (folder, all: string[]) => [...all, folder],
      [] as string[],
    )
    .addHelpText(
      'after',
      `
A client starts it by itself. Its entry in most clients, with the folder of your runs:

  { "mcpServers": { "chirality": { "command": "chirality", "args": ["mcp", "/home/me/project"] } } }

Nothing outside the folders is read, also not by links, and nothing is sent anywhere.

Examples:
  claude mcp add chirality -- chirality mcp .
  codex mcp add chirality -- chirality mcp ~/project
  chirality mcp ~/project --root /data/runs --allow propose

In VS Code, the extension offers it by itself. See docs/agents.md.`,
    )
    .action(later(async () => (await import('./mcp.action.ts')).serve));
}
