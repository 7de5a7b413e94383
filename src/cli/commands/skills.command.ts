import { later } from '../command-options.ts';
import type { Command } from 'commander';

/** `chirality skills`: instructions by which agents use this program. */
export function addSkillsCommand(program: Command): void {
  program
    .command('skills')
    .argument('[name]', 'print this skill')
    .description('List the skills that teach agents to use this program, print one, or install them.')
    .option('--install <folder>', 'copy them into this folder, each as <name>/SKILL.md')
    .option('--force', 'with --install, replace files that have been changed')
    .option('--json', 'print a JSON list, or the named skill as {name, about, text}')
    .addHelpText(
      'after',
      `
Examples:
  chirality skills
  chirality skills --install .claude/skills     # or .github/skills, .agents/skills, ~/.codex/skills
  chirality skills chirality-explain-run

In VS Code, the extension offers them by itself. See docs/agents.md.`,
    )
    .action(later(async () => (await import('./skills.action.ts')).skills));
}
