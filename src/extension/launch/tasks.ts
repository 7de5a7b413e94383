import * as vscode from 'vscode';
import { type RunList, isActiveRun } from '../../panels/host/run-list.host.ts';
import { runName } from '../../core/run-data/run-name.ts';
import type { Program } from '../../panels/host/cli-program.host.ts';

interface Definition extends vscode.TaskDefinition {
  type: 'chirality';
  /** Arguments that the task passes to the program. */
  args: string[];
}

const TYPE = 'chirality';
type Scope = vscode.WorkspaceFolder | vscode.TaskScope.Workspace;

/** Registers tasks that run the program in a terminal: one per active run to watch, and the tasks in tasks.json. */
export function registerTasks(program: Program, runs: RunList): vscode.Disposable {
  return vscode.tasks.registerTaskProvider(TYPE, {
    provideTasks: async () => {
      const active = vscode.workspace.isTrusted ? (await runs.refresh()).filter(isActiveRun) : [];
      return Promise.all(active.map(({ dir }) => attachTask(program, dir)));
    },
    resolveTask: ({ definition, scope, name }) => {
      const { args } = definition as Definition;
      const isCommand = Array.isArray(args) && args.every((each) => typeof each === 'string');
      return isCommand
        ? makeTask(
            program,
            definition as Definition,
            name,
            (scope as Scope | undefined) ?? vscode.TaskScope.Workspace,
          )
        : undefined;
    },
  });
}

export const attachTask = (program: Program, dir: string): Promise<vscode.Task> =>
  programTask(program, ['attach', dir], `Run ${runName(dir)}`, folderOf(dir));

/** Returns a task that runs the program with arguments and additional variables. @throws NotTrusted, NodeNotFound */
export const programTask = (
  program: Program,
  args: string[],
  name: string,
  scope: Scope,
  env: Record<string, string> = {},
): Promise<vscode.Task> => makeTask(program, { type: TYPE, args }, name, scope, env);

async function makeTask(
  program: Program,
  definition: Definition,
  name: string,
  scope: Scope,
  more: Record<string, string> = {},
): Promise<vscode.Task> {
  const { executable, args, env } = await program.commandLine(definition.args);
  // Keep the same definition object, because VS Code compares it by identity.
  const task = new vscode.Task(
    definition,
    scope,
    name,
    'Chirality',
    new vscode.ProcessExecution(executable, args, { env: { ...env, ...more } }),
  );
  task.isBackground = true;
  task.presentationOptions = { panel: vscode.TaskPanelKind.Dedicated, clear: true, echo: false };
  return task;
}

const folderOf = (dir: string): Scope =>
  vscode.workspace.getWorkspaceFolder(vscode.Uri.file(dir)) ?? vscode.TaskScope.Workspace;
