import type * as vscode from 'vscode';
import type { Call } from '../../core/call.ts';
import type { Look } from '../../core/insight/look.ts';
import type { ServedLook } from '../../core/protocol/models.ts';
import type { ModelSource } from '../../core/protocol/playground.ts';
import { requireTrust } from '../launch/report.ts';
import type { RunList } from '../run-list/run-list.ts';
import type { Service } from '../service-client.ts';
import { chooseModel } from './choose-model.ts';
import type { LoadedModels } from './loaded-models.ts';

interface Tools {
  service: Service;
  runs: RunList;
  models: LoadedModels;
  secrets: vscode.SecretStorage;
}

/** @throws in words that a panel can show, if nobody can look into the model. */
export function checkLookable({ kind, label }: ModelSource): void {
  if (kind !== 'local')
    throw new Error(`${label} answers elsewhere, and sends only its texts: choose a model of this machine.`);
}

/** Looks into models for the Pair panel. It remembers the model that was chosen last. */
export class Looking {
  private chosen: ModelSource | null = null;

  constructor(private readonly tools: Tools) {}

  /** @returns null if the user chose no model. @throws in words that a panel can show. */
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
