import { Command, Help, type Option } from 'commander';
import { refuseWithoutEffect } from './no-effect.ts';
import { UsageError } from './errors.ts';
import { WRITERS, beQuiet } from './print.ts';

type Add = (program: Command) => void;

/**
 * Every command, by the group in which help lists it, with what adds it to the program. Only the file of the command
 * that was called is loaded, because most of the time of a short command is the loading of the program.
 */
const GROUPS: Record<string, Record<string, () => Promise<Add>>> = {
  'Data:': {
    worlds: async () => (await import('./commands/worlds.ts')).addWorldsCommand,
    convert: async () => (await import('./commands/convert.ts')).addConvertCommand,
    data: async () => (await import('./commands/data.ts')).addDataCommand,
    mirror: async () => (await import('./commands/mirror.ts')).addMirrorCommand,
    polarity: async () => (await import('./commands/polarity.ts')).addPolarityCommand,
    view: async () => (await import('./commands/view.ts')).addViewCommand,
    compose: async () => (await import('./commands/compose.ts')).addComposeCommand,
    review: async () => (await import('./commands/review.ts')).addReviewCommand,
    graph: async () => (await import('./commands/graph.ts')).addGraphCommand,
  },
  'Training:': {
    demo: async () => (await import('./commands/demo.ts')).addDemoCommand,
    train: async () => (await import('./commands/train.ts')).addTrainCommand,
    runs: async () => (await import('./commands/runs.ts')).addRunCommands,
    attach: async () => (await import('./commands/runs.ts')).addRunCommands,
    stop: async () => (await import('./commands/runs.ts')).addRunCommands,
    resume: async () => (await import('./commands/runs.ts')).addRunCommands,
    fork: async () => (await import('./commands/fork.ts')).addForkCommand,
    sweep: async () => (await import('./commands/sweep.ts')).addSweepCommand,
    export: async () => (await import('./commands/export.ts')).addExportCommand,
    trace: async () => (await import('./commands/trace.ts')).addTraceCommand,
    import: async () => (await import('./commands/import.ts')).addImportCommand,
    skeleton: async () => (await import('./commands/skeleton.ts')).addSkeletonCommand,
    presets: async () => (await import('./commands/presets.ts')).addPresetsCommand,
    rewards: async () => (await import('./commands/rewards.ts')).addRewardsCommand,
    engine: async () => (await import('./commands/engine.ts')).addEngineCommand,
  },
  'Evaluation:': {
    acuity: async () => (await import('./commands/acuity.ts')).addAcuityCommand,
    ask: async () => (await import('./commands/ask.ts')).addAskCommand,
    eval: async () => (await import('./commands/eval.ts')).addEvalCommand,
    benchmark: async () => (await import('./commands/benchmark.ts')).addBenchmarkCommand,
    look: async () => (await import('./commands/look.ts')).addLookCommand,
    insight: async () => (await import('./commands/insight.ts')).addInsightCommand,
    patch: async () => (await import('./commands/patch.ts')).addPatchCommand,
    probe: async () => (await import('./commands/probe.ts')).addProbeCommand,
    report: async () => (await import('./commands/report.ts')).addReportCommand,
    publish: async () => (await import('./commands/publish.ts')).addPublishCommand,
    serve: async () => (await import('./commands/serve.ts')).addServeCommand,
    'export-task': async () => (await import('./commands/export-task.ts')).addExportTaskCommand,
    strategies: async () => (await import('./commands/strategies.ts')).addStrategiesCommand,
    score: async () => (await import('./commands/score.ts')).addScoreCommand,
    metrics: async () => (await import('./commands/metrics.ts')).addMetricsCommand,
  },
  'Help:': {
    completion: async () => (await import('./commands/completion.ts')).addCompletionCommand,
    work: async () => (await import('./commands/train.ts')).addWorkCommand,
    'serve-model': async () => (await import('./commands/serve-model.ts')).addServeModelCommand,
    'self-test': async () => (await import('./commands/self-test.ts')).addSelfTestCommand,
  },
};

async function addCommands(program: Command, called: string | undefined): Promise<void> {
  const one = Object.values(GROUPS).find((commands) => Object.hasOwn(commands, called ?? ''))?.[called!];
  // Completion needs all commands.
  if (one && called !== 'completion') return (await one())(program);
  for (const [group, commands] of Object.entries(GROUPS)) {
    program.commandsGroup(group);
    const adds = await Promise.all(Object.values(commands).map((load) => load()));
    for (const add of new Set(adds)) add(program);
  }
}

/** Marks required options. The default of a list is left out, because its description says it. */
function describeOption(option: Option): string {
  const text = new Help().optionDescription(option).replace(/ *\(default: [[{].*\)$/, '');
  return option.mandatory ? `${text} (required)` : text;
}

/** Builds the command tree: the command that was called, or all if it is none of them. */
export async function createProgram(called: string | undefined, version: string): Promise<Command> {
  const program = new Command('chirality')
    .description('A laboratory for spatial reasoning in vision-language models.')
    .version(version)
    .showHelpAfterError('(add --help for examples)')
    .exitOverride()
    .configureOutput(WRITERS)
    .configureHelp({ optionDescription: describeOption });
  await addCommands(program, called);
  program.commandsGroup('Help:').helpCommand('help [command]', 'Print the help of a command.');
  for (const command of program.commands.flatMap(allCommands))
    command.option('--quiet', 'print only results and problems');
  program.hook('preAction', (_, called) => {
    const options = called.optsWithGlobals<Record<string, unknown>>();
    if (options.quiet) beQuiet();
    refuseWithoutEffect(called);
    // An unset shell variable gives an empty path, which would be the current folder.
    for (const { long, attributeName } of called.options.map((one) => ({
      long: one.long!,
      attributeName: one.attributeName(),
    })))
      if (PATH_OPTIONS.includes(attributeName) && options[attributeName] === '')
        throw new UsageError(`${long} is empty: name a file or folder.`);
  });
  return program;
}

const PATH_OPTIONS = ['output', 'runs', 'sweeps', 'dataRoot', 'writeImages'];

const allCommands = (command: Command): Command[] => [command, ...command.commands.flatMap(allCommands)];
