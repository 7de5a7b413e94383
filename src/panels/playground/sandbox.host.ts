import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { Call } from '../../base/call.ts';
import type { Look } from '../../core/insight/look.ts';
import type { ModelAnswers } from '../../core/metrics/model-answers.ts';
import type { AskUpdate, ModelSource, PlaySampling } from './playground.contract.ts';
import type { ReadonlyDeep } from '../calls.contract.ts';
import type { SandboxScene } from '../../core/worlds/sandbox/sandbox-scene.ts';
import type { SceneRow } from './sandbox.reads.ts';
import type { Service } from '../service.host.ts';
import { type LoadedModels, checkLookable } from './loaded-models.host.ts';
import { saveSamples } from './playground-save.host.ts';

interface Tools {
  service: Service;
  models: LoadedModels;
  /** Folder for images of scenes that the user has not saved yet. */
  storage: vscode.Uri;
}

type Scene = ReadonlyDeep<SandboxScene>;

/** Sampling options for a single answer with greedy decoding. */
const ONCE: PlaySampling = { n: 1, temperature: 0, top_p: 1, seed: 0, max_tokens: null };

/** Scenes of the Playground's sandbox. For the duration of a call, each scene is rendered to a file. */
export class Sandbox {
  constructor(private readonly tools: Tools) {}

  ask(
    source: ModelSource,
    asked: { scene: Scene; mirrored: boolean; strategy: string | null },
    call: Call<AskUpdate>,
  ): Promise<ModelAnswers> {
    const { scene, mirrored, strategy } = asked;
    return this.withRow(scene, ({ sample, mirror, place }) => {
      const request = { sample, place, mirror: mirrored ? mirror : null, strategy, sampling: ONCE };
      return this.tools.models.ask(source, request, call);
    });
  }

  /** Analyses the attention of a model while it answers. @throws with a message if the model cannot be analysed */
  async look(
    source: ModelSource,
    { scene, strategy }: { scene: Scene; strategy: string | null },
    call: Call<string>,
  ): Promise<Look> {
    checkLookable(source);
    return this.withRow(scene, (row) =>
      this.tools.models.look(source, { ...row, strategy, queries: [] }, call),
    );
  }

  /** Appends scenes to a file that the user chooses. */
  async save(
    rows: readonly { readonly scene: Scene; readonly asked: ReadonlyDeep<ModelAnswers[]> }[],
    drawn: readonly (SceneRow & { asked: ReadonlyDeep<ModelAnswers[]> })[] = [],
  ): Promise<void> {
    const [next, ...rest] = rows;
    if (next)
      return this.withRow(next.scene, (row) => this.save(rest, [...drawn, { ...row, asked: next.asked }]));
    const kept = drawn.map(({ sample, place, asked }) => {
      const { question, answer, choices = [] } = sample;
      return { source: { name: 'sandbox', place, sample }, question: { question, answer, choices }, asked };
    });
    await saveSamples(kept, 'sandbox', this.tools.service);
  }

  private async withRow<T>(scene: Scene, use: (row: SceneRow) => Promise<T>): Promise<T> {
    const folder = vscode.Uri.joinPath(this.tools.storage, 'sandbox');
    const name = randomUUID();
    const drawn = { scene: scene as SandboxScene, folder: folder.fsPath, name };
    const row = await this.tools.service.call('drawScene', drawn);
    try {
      return await use(row);
    } finally {
      await vscode.workspace.fs.delete(vscode.Uri.joinPath(folder, `${name}.png`));
    }
  }
}
