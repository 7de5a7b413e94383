import { Option, type Command } from 'commander';
import { LEVELS } from '../../lab/agent/levels.ts';
import { later } from '../command-options.ts';

/** `chirality mcp`: a server that gives agents access to runs and data. */
export function addMcpCommand(program: Command): void {
  program
    .command('mcp')
    .argument('[folder]', 'folder that agents can read', '.')
    .description('Serve runs, pairs and datasets to an agent over standard input (Model Context Protocol).')
    .addOption(
      new Option(
        '--allow <level>',
        'permissions of agents: read, or propose (also add proposals to the review queue for your decision)',
      )
        .choices(LEVELS)
        .default('read'),
    )
    .option(
      '--root <folder>',
      'additional folder that agents can read; repeatable',
      (folder, all: string[]) => [...all, folder],
      [] as string[],
    )
    .addHelpText(
      'after',
      `
The client starts the server. Most clients use this entry, with the folder of your runs:

  { "mcpServers": { "chirality": { "command": "chirality", "args": ["mcp", "/home/me/project"] } } }

The server reads only these folders, does not follow links out of them, and never sends data over the network.

Examples:
  claude mcp add chirality -- chirality mcp .
  codex mcp add chirality -- chirality mcp ~/project
  chirality mcp ~/project --root /data/runs --allow propose

In VS Code, the extension provides the server. See docs/agents-and-privacy.md.`,
    )
    .action(later(async () => (await import('./mcp.action.ts')).serve));
}
