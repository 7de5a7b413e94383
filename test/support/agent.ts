import { callTool, type Told } from '../../src/lab/agent/call-tool.ts';
import type { Caller } from '../../src/lab/agent/agent-context.ts';
import { rootsOf } from '../../src/lab/agent/places.ts';

/** An agent that sees only answers, and counts what it asked and got. */
export class Agent {
  calls = 0;
  characters = 0;

  private constructor(readonly context: Caller) {}

  static async in(folder: string | readonly string[], more: Partial<Caller> = {}): Promise<Agent> {
    const roots = await rootsOf([folder].flat());
    const signal = new AbortController().signal;
    return new Agent({ roots, allow: 'read', by: 'test', signal, ...more });
  }

  async told(name: string, input: unknown = {}): Promise<Told> {
    const told = await callTool(name, input, this.context);
    this.calls += 1;
    this.characters += 'error' in told ? told.error.length : told.text.length;
    return told;
  }

  /** The answer of a call. @throws what is wrong with it */
  async call<T = Record<string, unknown>>(name: string, input: unknown = {}): Promise<T> {
    const told = await this.told(name, input);
    if ('error' in told) throw new Error(told.error);
    return JSON.parse(told.text) as T;
  }

  /** What is wrong with a call. */
  async mistake(name: string, input: unknown = {}): Promise<string> {
    const told = await this.told(name, input);
    if (!('error' in told)) throw new Error(`${name} answered: ${told.text}`);
    return told.error;
  }
}
