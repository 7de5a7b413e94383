import { Command, type CommandUnknownOpts, Help, type Option } from 'commander';
import { nearest } from '../base/problem.ts';
import { GROUPS, HIDDEN, namesTyped, type Commands } from './command-table.ts';
import { UsageError } from './errors.ts';
import { refuseWithoutEffect } from './no-effect.ts';
import { WRITERS, beQuiet } from './print.ts';

/**
 * Adds the called command below its family. Without a called command, adds all commands by name and description for the
 * help. Loads nothing else, because loading takes most of the time of a short command.
 * @param words words that the user typed after the parent's name; undefined loads everything
 */
async function addCommands(
  parent: Command,
  groups: Readonly<Record<string, Commands>>,
  words: readonly string[] | undefined,
): Promise<void> {
  const typed = words?.[0] === 'help' ? words.slice(1) : words;
  const at = typed?.findIndex((word) => !word.startsWith('-')) ?? -1;
  const called = typed?.slice(0, at).some((word) => /^(?:-h|--help)$/.test(word)) ? undefined : typed?.[at];
  const isKnown = Object.values(groups).some((commands) => Object.hasOwn(commands, called ?? ''));
  for (const [group, commands] of Object.entries(groups)) {
    if (group !== '') parent.commandsGroup(group);
    for (const [name, command] of Object.entries(commands)) {
      if (isKnown && name !== called) continue;
      if ('commands' in command) {
        const family = parent.command(name).description(command.about);
        await addCommands(family, { '': command.commands }, isKnown ? typed!.slice(at + 1) : words && []);
      } else if (isKnown || words === undefined) {
        (await command.load())(parent);
        parent.commands.at(-1)!.summary(command.about);
      } else parent.command(name, { hidden: commands === HIDDEN }).description(command.about);
    }
  }
}

/** Returns the description of an option, marked if required. Omits a list's default, which the description repeats. */
function describeOption(option: Option): string {
  const text = new Help().optionDescription(option).replace(/ *\(default: [[{].*\)$/, '');
  return option.mandatory ? `${text} (required)` : text;
}

/**
 * Builds the command tree.
 * @param words words after `chirality`, to load only the called command; undefined loads all commands
 */
export async function createProgram(words: readonly string[] | undefined, version: string): Promise<Command> {
  const program = new Command('chirality')
    .description('Test and train spatial reasoning in vision-language models.')
    .version(version)
    .showHelpAfterError('(for help, add --help)')
    .exitOverride()
    .configureOutput({ ...WRITERS, outputError: (text, write) => write(text + fixOf(text, program)) })
    .configureHelp({ optionDescription: describeOption, subcommandTerm: (command) => command.name() });
  // Completion requires all commands.
  await addCommands(
    program,
    { ...GROUPS, 'Hidden:': HIDDEN },
    words?.[0] === 'completion' ? undefined : words,
  );
  program.commandsGroup('Help:').helpCommand('help [command]', 'Print the help of a command.');
  program.on('command:*', ([typed]: string[]) => {
    const names = namesTyped();
    const meant = nearest(typed!, [...names.keys()]);
    const hint = meant === undefined ? '' : `\n(Did you mean ${names.get(meant)}?)`;
    program.error(`error: unknown command '${typed}'${hint}`, { code: 'commander.unknownCommand' });
  });
  for (const command of program.commands.flatMap(allCommands)) {
    command.option('--quiet', 'print only results and problems');
    preferUnknown(command);
  }
  program.hook('preAction', (_, called) => {
    const options = called.optsWithGlobals();
    if (options.quiet) beQuiet();
    refuseWithoutEffect(called);
    // An unset shell variable results in an empty path, which would otherwise mean the current folder.
    for (const { long, attributeName } of called.options.map((option) => ({
      long: option.long!,
      attributeName: option.attributeName(),
    })))
      if (PATH_OPTIONS.includes(attributeName) && options[attributeName] === '')
        throw new UsageError(`${long} is empty. Pass a file or folder.`);
  });
  return program;
}

/** Reports an unknown option before a missing required one, which is often the option that was misspelt. */
function preferUnknown(command: CommandUnknownOpts): void {
  const parse = command.parseOptions.bind(command);
  command.parseOptions = (words) => {
    const parsed = parse(words);
    const isAsking = parsed.unknown.some((word) => word === '-h' || word === '--help');
    if (parsed.unknown.length > 0 && !isAsking)
      for (const option of command.options) option.mandatory = false;
    return parsed;
  };
}

/** Matches a field of a row that a user passes as an option, instead of as a rule of `--map`. */
const FIELD_OPTION = /unknown option '--(id|question|answer|completion|image|images|choices)'/;

function fixOf(error: string, program: Command): string {
  if (error.includes("missing required argument 'run'")) return 'List the runs with `chirality runs`.\n';
  if (error.includes("missing required argument 'config'"))
    return 'To write a config from a preset, run `chirality presets demo > demo.run.yaml`. To list presets, run `chirality presets`.\n';
  const field = FIELD_OPTION.exec(error)?.[1];
  const called = program.commands.flatMap(allCommands).flatMap(({ options }) => options);
  const isMapped = field !== undefined && called.some(({ flags }) => flags === '--map <rules>');
  return isMapped ? `To select the column of a field, pass --map ${field}=COLUMN.\n` : '';
}

const PATH_OPTIONS = ['output', 'runs', 'sweeps', 'dataRoot', 'writeImages'];

const allCommands = (command: CommandUnknownOpts): CommandUnknownOpts[] => [
  command,
  ...command.commands.flatMap(allCommands),
];
