import * as vscode from 'vscode';
import type { Look } from '../../core/insight/look.ts';
import type { ModelAnswers, FinishedStage } from '../../core/metrics/model-answers.ts';
import { RemoteError } from '../../base/channel.ts';
import type { Call } from '../../base/call.ts';
import type { AskUpdate, ModelSource } from './playground.contract.ts';
import type { ServedLook, ServedModel, ServedQuestion } from '../../core/insight/served-model.ts';
import { endpointCommand } from '../host/endpoint-keys.host.ts';
import { askForGpu } from '../host/quick-picks.host.ts';
import type { Program, Running, RunOptions } from '../host/cli-program.host.ts';
import type { RunList } from '../host/run-list.host.ts';
import type { Service } from '../service.host.ts';
import { languageModel } from '../host/language-model.host.ts';
import { requireTrust } from '../host/report-errors.host.ts';
import { chooseModel } from './choose-model.host.ts';

export interface LoadedModel {
  source: ModelSource;
  state: 'loading' | 'ready' | 'answering';
}

interface Process extends LoadedModel {
  running: Running<ServedModel>;
  opened: Promise<unknown>;
}

/** Models that stay loaded between questions, each in its own process. */
export class LoadedModels implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly processes = new Map<string, Promise<Process>>();
  private readonly loaded = new Map<string, Process>();

  constructor(
    private readonly tools: {
      program: Program;
      runs: RunList;
      service: Service;
      secrets: vscode.SecretStorage;
      home: string;
    },
  ) {}

  list(): LoadedModel[] {
    return [...this.loaded.values()];
  }

  /**
   * Asks a model. Loads the model first if necessary; if aborted during loading, finishes loading without asking.
   * @throws if the user declines to load the model
   */
  async ask(
    source: ModelSource,
    question: ServedQuestion,
    { signal, onProgress }: Call<AskUpdate>,
  ): Promise<ModelAnswers> {
    const onStage = (stage: FinishedStage) => onProgress({ stage });
    const phases: Call<string> = { signal, onProgress: (phase) => onProgress({ phase }) };
    return this.withModel(source, phases, (channel) =>
      channel.call('ask', question, { signal, onProgress: onStage }),
    );
  }

  /** Returns a model's attention while it answers a row. Loads the model and throws errors in the same way as `ask`. */
  look(source: ModelSource, row: ServedLook, call: Call<string>): Promise<Look> {
    return this.withModel(source, call, (channel) => channel.call('look', row, call));
  }

  private async withModel<T>(
    source: ModelSource,
    { signal, onProgress }: Call<string>,
    work: (channel: Process['running']['channel']) => Promise<T>,
  ): Promise<T> {
    const process = await this.process(source, onProgress);
    try {
      await process.opened;
      signal.throwIfAborted();
      this.become(process, 'answering');
      return await work(process.running.channel);
    } catch (error) {
      if (error instanceof RemoteError || signal.aborted) throw error;
      // The process has exited. Its last output contains the reason.
      const complaint = await process.running.ended;
      throw complaint === '' ? error : new Error(complaint);
    } finally {
      this.become(process, 'ready');
    }
  }

  stop(id: string): void {
    this.loaded.get(id)?.running.stop();
  }

  dispose(): void {
    for (const { running } of this.loaded.values()) running.stop();
    this.changed.dispose();
  }

  /** Returns the process of a model. Simultaneous questions share the process. */
  private process(source: ModelSource, onPhase: (phase: string) => void): Promise<Process> {
    let process = this.processes.get(source.id);
    if (!process) {
      process = this.start(source, onPhase);
      this.processes.set(source.id, process);
      process.catch(() => this.processes.delete(source.id));
    }
    return process;
  }

  private async start(source: ModelSource, onPhase: (phase: string) => void): Promise<Process> {
    const { program, home } = this.tools;
    const minutes = vscode.workspace.getConfiguration('chirality').get('modelIdleMinutes', 10);
    const idle = ['--idle', `${Math.round(60 * minutes)}`];
    const { args, ...options } = await this.commandOf(source);
    const command = ['serve-model', ...args, ...idle];
    const running = await program.serve<ServedModel>(command, { cwd: home, ...options });
    const opened = running.channel.call('open', null, { onProgress: onPhase });
    const process: Process = { source, state: 'loading', running, opened };
    opened.then(
      () => this.become(process, 'ready'),
      // Stop the process if its model cannot be opened.
      () => running.stop(),
    );
    this.loaded.set(source.id, process);
    this.changed.fire();
    void running.ended.then(() => {
      this.processes.delete(source.id);
      this.loaded.delete(source.id);
      this.changed.fire();
    });
    return process;
  }

  private async commandOf(
    source: ModelSource,
  ): Promise<{ args: string[] } & Pick<RunOptions, 'env' | 'offers'>> {
    if (source.kind === 'local') {
      if (!(await askForGpu(this.tools, source.path, source.label))) throw new Error('Cancelled.');
      return { args: ['--model', source.path] };
    }
    if (source.kind === 'vscode') {
      const { vendor, model: id, label } = source;
      const [model] = await vscode.lm.selectChatModels({ vendor, id });
      if (!model) throw new Error(`VS Code no longer offers ${label}. Select another model.`);
      // Do not cache: the provider controls the sampling, so an equal question can get a different answer.
      const lacks = ['--no-cache', '--without', 'image,several-images'];
      return {
        args: ['--endpoint', 'host', '--model', `${vendor}/${id}`, ...lacks],
        offers: languageModel(model, 'Chirality sends Playground questions to this model.'),
      };
    }
    return endpointCommand(source, this.tools.secrets);
  }

  private become(process: Process, state: LoadedModel['state']): void {
    process.state = state;
    this.changed.fire();
  }
}

interface Tools {
  service: Service;
  runs: RunList;
  models: LoadedModels;
  secrets: vscode.SecretStorage;
}

/** @throws with a message for panels if the program cannot analyse the model */
export function checkLookable({ kind, label }: ModelSource): void {
  if (kind !== 'local')
    throw new Error(`Cannot analyse ${label} because the endpoint returns only text. Select a local model.`);
}

/** Analyses models for the Pair panel, and remembers the last chosen model. */
export class Looking {
  private chosen: ModelSource | null = null;

  constructor(private readonly tools: Tools) {}

  /** Analyses a model on a row. @returns null if the user chose no model. @throws Error with a message for panels */
  async look(row: ServedLook, choose: boolean, call: Call<string>): Promise<Look | null> {
    requireTrust();
    const source = choose || !this.chosen ? await chooseModel(this.tools) : this.chosen;
    if (!source) return null;
    checkLookable(source);
    call.signal.throwIfAborted();
    this.chosen = source;
    return this.tools.models.look(source, row, call);
  }
}
