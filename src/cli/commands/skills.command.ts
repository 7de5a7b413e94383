import { later } from '../command-options.ts';
import type { Command } from 'commander';

/** `chirality skills`: instructions that teach agents to use this program. */
export function addSkillsCommand(program: Command) {
  const command = program
    .command('skills')
    .argument('[name]', 'skill to print')
    .description('List, print or install the skills that teach agents to use Chirality.')
    .option('--install <folder>', 'folder to copy the skills to, each as <name>/SKILL.md')
    .option('--force', 'with --install, replace changed files')
    .option('--json', 'print a JSON list, or the named skill as {name, about, text}')
    .addHelpText(
      'after',
      `
Examples:
  chirality skills
  chirality skills --install .claude/skills     # or .github/skills, .agents/skills, ~/.codex/skills
  chirality skills chirality-explain-run

In VS Code, the extension provides the skills. See docs/agents-and-privacy.md.`,
    );
  command.action(later(async () => (await import('./skills.action.ts')).skills));
  return command;
}
