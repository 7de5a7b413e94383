import { inspect } from 'node:util';
import { Command, CommanderError } from 'commander';
import { addAskCommand } from './commands/ask.ts';
import { addCompletionCommand } from './commands/completion.ts';
import { addConvertCommand } from './commands/convert.ts';
import { addMirrorCommand } from './commands/mirror.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addEngineCommand } from './commands/engine.ts';
import { addExportCommand } from './commands/export.ts';
import { addEvalCommand } from './commands/eval.ts';
import { addPresetsCommand } from './commands/presets.ts';
import { addReportCommand } from './commands/report.ts';
import { addReviewCommand } from './commands/review.ts';
import { addRewardsCommand } from './commands/rewards.ts';
import { addRunCommands } from './commands/runs.ts';
import { addSelfTestCommand } from './commands/self-test.ts';
import { addServeModelCommand } from './commands/serve-model.ts';
import { addStrategiesCommand } from './commands/strategies.ts';
import { addSweepCommand } from './commands/sweep.ts';
import { addTraceCommand } from './commands/trace.ts';
import { addTrainCommand, addWorkCommand } from './commands/train.ts';
import { addComposeCommand } from './commands/compose.ts';
import { addImportCommand } from './commands/import.ts';
import { addForkCommand } from './commands/fork.ts';
import { addGraphCommand } from './commands/graph.ts';
import { addPolarityCommand } from './commands/polarity.ts';
import { addViewCommand } from './commands/view.ts';
import { addDataCommand } from './commands/data.ts';
import { addInsightCommand } from './commands/insight.ts';
import { addLookCommand } from './commands/look.ts';
import { addMetricsCommand } from './commands/metrics.ts';
import { addScoreCommand } from './commands/score.ts';
import { addWorldsCommand } from './commands/worlds.ts';
import { JobError, UsageError } from './errors.ts';
import { explainError } from '../lab/files/disk-error.ts';
import { WRITERS, beQuiet, fail, outliveClosedPipes } from './print.ts';
import { endEarly } from '../lab/files/leftovers.ts';

declare const CHIRALITY_VERSION: string;

/** Builds the command tree. Each command's file adds it to the program. */
function createProgram(): Command {
  const program = new Command('chirality')
    .description('A laboratory for spatial reasoning in vision-language models.')
    .version(CHIRALITY_VERSION)
    .showHelpAfterError('(add --help for examples)')
    .exitOverride()
    .configureOutput(WRITERS);
  program.commandsGroup('Data:');
  addWorldsCommand(program);
  addConvertCommand(program);
  addDataCommand(program);
  addMirrorCommand(program);
  addPolarityCommand(program);
  addViewCommand(program);
  addComposeCommand(program);
  addReviewCommand(program);
  addGraphCommand(program);
  program.commandsGroup('Training:');
  addDemoCommand(program);
  addTrainCommand(program);
  addRunCommands(program);
  addForkCommand(program);
  addSweepCommand(program);
  addExportCommand(program);
  addTraceCommand(program);
  addImportCommand(program);
  addPresetsCommand(program);
  addRewardsCommand(program);
  addEngineCommand(program);
  program.commandsGroup('Evaluation:');
  addAskCommand(program);
  addEvalCommand(program);
  addLookCommand(program);
  addInsightCommand(program);
  addReportCommand(program);
  addStrategiesCommand(program);
  addScoreCommand(program);
  addMetricsCommand(program);
  program.commandsGroup('Help:').helpCommand('help [command]', 'Print the help of a command.');
  addCompletionCommand(program);
  // Commands that the program itself starts; help does not list them.
  addWorkCommand(program);
  addServeModelCommand(program);
  addSelfTestCommand(program);
  for (const command of program.commands.flatMap(allCommands))
    command.option('--quiet', 'tell only what was asked for and what is wrong');
  program.hook('preAction', (_, called) => {
    const options = called.optsWithGlobals<Record<string, unknown>>();
    if (options.quiet) beQuiet();
    // As a variable leaves it that is not set; an empty path would be the current folder.
    for (const { long, attributeName } of called.options.map((one) => ({
      long: one.long!,
      attributeName: one.attributeName(),
    })))
      if (PATH_OPTIONS.includes(attributeName) && options[attributeName] === '')
        throw new UsageError(`${long} is empty: name a file or folder.`);
  });
  return program;
}

const PATH_OPTIONS = ['output', 'out', 'runs', 'sweeps', 'dataRoot', 'writeImages'];

const allCommands = (command: Command): Command[] => [command, ...command.commands.flatMap(allCommands)];

/**
 * Removes half-written files if a person, a closing terminal or the system ends the program. A command with a signal
 * handler of its own decides how to end.
 */
function leaveNothingBehind(): void {
  process.on('exit', endEarly);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const end = () => {
      if (process.listenerCount(signal) > 1) return;
      endEarly();
      // Node restores a raw terminal only if nobody listens for the signal.
      if (process.stdin.isTTY) process.stdin.setRawMode(false);
      process.off(signal, end);
      // eslint-disable-next-line no-restricted-properties -- this very process
      process.kill(process.pid, signal);
    };
    process.on(signal, end);
  }
}

/** Exit codes: 0 done, 1 the job failed, 2 wrong usage. */
async function main(): Promise<number> {
  outliveClosedPipes();
  leaveNothingBehind();
  try {
    await createProgram().parseAsync();
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof UsageError) fail(error.message);
    else if (error instanceof JobError) fail(error.toString());
    else fail(process.env.CHIRALITY_DEBUG ? inspect(error) : explainError(error as Error));
    return error instanceof UsageError ? 2 : 1;
  }
}

process.exitCode = await main();
