import type { Command } from 'commander';

type Add = (parent: Command) => void;

/** Command with its line in the help and its source file, which is loaded only when the command is called. */
interface Leaf {
  about: string;
  load: () => Promise<Add>;
}

export type Commands = Readonly<Record<string, Leaf | { about: string; commands: Commands }>>;

const leaf = (about: string, load: () => Promise<Add>): Leaf => ({ about, load });

/** Public commands by their group in the help. */
export const GROUPS: Readonly<Record<string, Commands>> = {
  'Data:': {
    worlds: leaf(
      'Create synthetic scenes with questions and computed answers.',
      async () => (await import('./commands/worlds.command.ts')).addWorldsCommand,
    ),
    convert: leaf(
      'Convert datasets from and to other formats.',
      async () => (await import('./commands/convert.command.ts')).addConvertCommand,
    ),
    data: leaf(
      'Check, count, audit and freeze datasets.',
      async () => (await import('./commands/data.command.ts')).addDataCommand,
    ),
    view: {
      about: 'Add a mirrored, opposite or other view to every row.',
      commands: {
        mirror: leaf(
          'Add the mirrored question and answer to every row.',
          async () => (await import('./commands/view-mirror.command.ts')).addMirrorCommand,
        ),
        polarity: leaf(
          'Add the opposite question and answer to every row.',
          async () => (await import('./commands/view-polarity.command.ts')).addPolarityCommand,
        ),
        add: leaf(
          'Add another view, for example a rotated image or reworded text.',
          async () => (await import('./commands/view-add.command.ts')).addViewCommand,
        ),
      },
    },
    review: leaf(
      'Accept, edit or discard rewritten rows.',
      async () => (await import('./commands/review.command.ts')).addReviewCommand,
    ),
    graph: {
      about: 'Check and convert scene graphs, and compose questions from them.',
      commands: {
        check: leaf(
          'Check scene graphs, and the answers of their rows.',
          async () => (await import('./commands/graph.command.ts')).addGraphCheckCommand,
        ),
        convert: leaf(
          'Convert scene graphs of other datasets.',
          async () => (await import('./commands/graph.command.ts')).addGraphConvertCommand,
        ),
        compose: leaf(
          'Compose questions from scene graphs.',
          async () => (await import('./commands/graph-compose.command.ts')).addComposeCommand,
        ),
      },
    },
  },
  'Training:': {
    demo: leaf(
      'Train a tiny model from scratch, with and without mirrored views.',
      async () => (await import('./commands/demo.command.ts')).addDemoCommand,
    ),
    train: leaf(
      'Start a run and watch it.',
      async () => (await import('./commands/train.command.ts')).addTrainCommand,
    ),
    runs: leaf('List runs.', async () => (await import('./commands/runs.command.ts')).addRunsCommand),
    attach: leaf('Watch a run.', async () => (await import('./commands/runs.command.ts')).addAttachCommand),
    stop: leaf('Stop a run.', async () => (await import('./commands/runs.command.ts')).addStopCommand),
    resume: leaf(
      'Resume a run from its last checkpoint.',
      async () => (await import('./commands/runs.command.ts')).addResumeCommand,
    ),
    fork: leaf(
      'Start a run from a checkpoint of another run.',
      async () => (await import('./commands/fork.command.ts')).addForkCommand,
    ),
    sweep: leaf(
      'Start many runs and compare them.',
      async () => (await import('./commands/sweep.command.ts')).addSweepCommand,
    ),
    trace: leaf(
      'Show the completions, rewards and advantages of a pair.',
      async () => (await import('./commands/trace.command.ts')).addTraceCommand,
    ),
    verify: leaf(
      'Recompute a run from its traces and compare the results.',
      async () => (await import('./commands/verify.command.ts')).addVerifyCommand,
    ),
    export: leaf(
      'Export the weights of a run for other programs.',
      async () => (await import('./commands/export.command.ts')).addExportCommand,
    ),
    import: leaf(
      'Import a run or an external evaluation.',
      async () => (await import('./commands/import.command.ts')).addImportCommand,
    ),
    presets: leaf(
      'List the presets for run configs, or print one.',
      async () => (await import('./commands/presets.command.ts')).addPresetsCommand,
    ),
    rewards: leaf(
      'Test rewards before you train on them.',
      async () => (await import('./commands/rewards.command.ts')).addRewardsCommand,
    ),
    engine: leaf(
      'Set up and check the engine that trains full-size models.',
      async () => (await import('./commands/engine.command.ts')).addEngineCommand,
    ),
  },
  'Evaluation:': {
    ask: leaf(
      'Ask models a question about an image and its mirror image.',
      async () => (await import('./commands/ask.command.ts')).addAskCommand,
    ),
    eval: leaf(
      'Evaluate models on originals, mirrors and other views.',
      async () => (await import('./commands/eval.command.ts')).addEvalCommand,
    ),
    suspects: leaf(
      'Rank likely label errors in a dataset.',
      async () => (await import('./commands/suspects.command.ts')).addSuspectsCommand,
    ),
    acuity: leaf(
      'Measure the smallest difference that a model can detect.',
      async () => (await import('./commands/acuity.command.ts')).addAcuityCommand,
    ),
    benchmark: {
      about: 'Benchmark models, or export a task for another harness.',
      commands: {
        consistency: leaf(
          'Measure accuracy and agreement across views, and write a card.',
          async () => (await import('./commands/benchmark.command.ts')).addConsistencyCommand,
        ),
        motion: leaf(
          'Measure whether a model sees motion in clips, and write a card.',
          async () => (await import('./commands/benchmark.command.ts')).addMotionCommand,
        ),
        task: leaf(
          'Export a dataset as a task for another harness.',
          async () => (await import('./commands/benchmark-task.command.ts')).addBenchmarkTaskCommand,
        ),
      },
    },
    inspect: {
      about: 'Analyse what a model sees, its attention and its hidden states.',
      commands: {
        seen: leaf(
          'Show how a model receives an image: size, crop, padding and tiles.',
          async () => (await import('./inspect/inspect-seen.command.ts')).addInspectSeenCommand,
        ),
        row: leaf(
          'Show the attention of a model while it answers one row.',
          async () => (await import('./inspect/inspect-row.command.ts')).addInspectRowCommand,
        ),
        attention: leaf(
          'Measure the attention of models over a set of rows.',
          async () => (await import('./inspect/inspect-attention.command.ts')).addInspectAttentionCommand,
        ),
        probe: leaf(
          'Train probes that read facts from hidden states.',
          async () => (await import('./inspect/inspect-probe.command.ts')).addInspectProbeCommand,
        ),
        patch: leaf(
          'Swap hidden states between an image and its mirror.',
          async () => (await import('./inspect/inspect-patch.command.ts')).addInspectPatchCommand,
        ),
      },
    },
    report: leaf(
      'Compare evaluations with each other and with published results.',
      async () => (await import('./commands/report.command.ts')).addReportCommand,
    ),
    publish: leaf(
      'Write runs as a static website.',
      async () => (await import('./commands/publish.command.ts')).addPublishCommand,
    ),
    serve: leaf(
      'Show runs in a browser on this machine.',
      async () => (await import('./commands/serve.command.ts')).addServeCommand,
    ),
    strategies: leaf(
      'List the prompting strategies, or print one.',
      async () => (await import('./commands/strategies.command.ts')).addStrategiesCommand,
    ),
    score: leaf(
      'Score completions against reference answers.',
      async () => (await import('./commands/score.command.ts')).addScoreCommand,
    ),
    metrics: leaf(
      'Print the metrics of scored rows.',
      async () => (await import('./commands/metrics.command.ts')).addMetricsCommand,
    ),
  },
  'Help:': {
    skills: leaf(
      'List or install skills that teach agents to use Chirality.',
      async () => (await import('./commands/skills.command.ts')).addSkillsCommand,
    ),
    mcp: leaf(
      'Serve runs, pairs and datasets to an agent (MCP).',
      async () => (await import('./commands/mcp.command.ts')).addMcpCommand,
    ),
    completion: leaf(
      'Print the completion script of a shell.',
      async () => (await import('./commands/completion.command.ts')).addCompletionCommand,
    ),
  },
};

/** Commands for the program and the editor; hidden from the help. */
export const HIDDEN: Commands = {
  work: leaf('', async () => (await import('./commands/train.command.ts')).addWorkCommand),
  'serve-model': leaf(
    '',
    async () => (await import('./commands/serve-model.command.ts')).addServeModelCommand,
  ),
  'self-test': leaf('', async () => (await import('./commands/self-test.command.ts')).addSelfTestCommand),
};

/** Returns every command name that a user can type, each with the full words of its command. */
export function namesTyped(): Map<string, string> {
  const entries = Object.values(GROUPS).flatMap(Object.entries<Commands[string]>);
  const parts = entries.flatMap(([name, entry]): [string, string][] =>
    'commands' in entry ? Object.keys(entry.commands).map((part) => [part, `${name} ${part}`]) : [],
  );
  // A command of its own comes last: it replaces a command of a family with the same name.
  return new Map([...parts, ...entries.map(([name]): [string, string] => [name, name])]);
}
