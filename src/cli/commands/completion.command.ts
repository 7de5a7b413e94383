import { Argument, type Command, type CommandUnknownOpts } from 'commander';
import { printDocument } from '../print.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'shell').choices(SHELLS))
    .description('Print the completion script of a shell.')
    .addHelpText(
      'after',
      `
Examples:
  chirality completion bash > ~/.local/share/bash-completion/completions/chirality
  chirality completion zsh >> ~/.zshrc
  chirality completion fish > ~/.config/fish/completions/chirality.fish`,
    )
    .action((shell: Shell) => {
      const words = [...wordsOf(program)];
      printDocument({ bash: bash(words), zsh: `${ZSH}${bash(words)}`, fish: fish(words) }[shell]);
    });
}

/**
 * Pairs of a command and the words that can follow the command (its subcommands and options). The empty command is the
 * program itself.
 */
type Words = readonly (readonly [place: string, words: string[]])[];

function wordsOf(command: CommandUnknownOpts, place: readonly string[] = []): Map<string, string[]> {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  const options = help.visibleOptions(command).flatMap(({ long }) => long ?? []);
  return new Map([
    [place.join(' '), [...commands.map((each) => each.name()), ...options]],
    ...commands.flatMap((each) => [...wordsOf(each, [...place, each.name()])]),
  ]);
}

/** Calls `compinit` unless the user's own file has called it, because zsh cannot complete words without it. */
const ZSH = `(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
autoload -U +X bashcompinit && bashcompinit
`;

/** Returns the completion script for bash. The script completes file names if no word matches. */
const bash = (words: Words): string => `_chirality() {
  local place= word
  for word in "\${COMP_WORDS[@]:1:$((COMP_CWORD - 1))}"; do
    case "\${place:+$place }$word" in
${indented(words.filter(([place]) => place).map(([place]) => `'${place}') place='${place}' ;;`))}
    esac
  done
  case "$place" in
${indented(words.map(([place, next]) => `'${place}') word='${next.join(' ')}' ;;`))}
  esac
  COMPREPLY=($(compgen -W "$word" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _chirality chirality
`;

const indented = (lines: string[]): string => lines.map((line) => `      ${line}`).join('\n');

const fish = (words: Words): string =>
  words
    .flatMap(([place, next]) => {
      const inner = words.filter(([other]) => other.startsWith(`${place} `) && place !== '');
      const not = inner.map(([other]) => other.slice(place.length + 1)).join(' ');
      const where =
        place === ''
          ? '__fish_use_subcommand'
          : [...place.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`)]
              .concat(not === '' ? [] : [`not __fish_seen_subcommand_from ${not}`])
              .join('; and ');
      return next.map((word) =>
        word.startsWith('--')
          ? `complete -c chirality -n '${where}' -l ${word.slice(2)}`
          : `complete -c chirality -n '${where}' -a ${word}`,
      );
    })
    .join('\n') + '\n';
