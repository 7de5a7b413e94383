import * as z from 'zod/mini';
import { homedir } from 'node:os';
import type { SecretStorage } from 'vscode';
import type { Program } from '../launch/program.ts';
import { tinkerKey } from '../tinker-key.ts';
import { checkEndpoint, type Endpoint, type Fact } from './endpoint.ts';
import type { LoadedModel } from '../playground/loaded-models.ts';
import type { Python } from './python.ts';

/** An entry of the view: an engine, or something an engine could run on. */
export interface Engine {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  /** What it can be used for. */
  readonly about: string;
  /** Determines which commands its menu offers. */
  readonly context: 'embedded' | 'torch' | 'tinker' | 'python' | 'endpoint' | 'model';
  readonly check: () => Promise<Fact[]>;
}

/** What the view's checks need: the program, a folder of the extension in which to start it, and the stored keys. */
export interface Tools {
  program: Program;
  home: string;
  secrets: SecretStorage;
}

const selfTestSchema = z.object({ node: z.string(), runtime: z.string() });

/** The engine that is part of Chirality, checked by running it. */
export const embedded = ({ program, home }: Tools): Engine => ({
  id: 'embedded',
  label: 'Embedded',
  description: 'a tiny model on the CPU',
  icon: 'circuit-board',
  about:
    'Trains and evaluates a tiny vision-language model on any machine: for the demo, for teaching, to try a config.',
  context: 'embedded',
  check: async () => {
    const { node, runtime } = await program.answer(selfTestSchema, ['self-test'], { cwd: home });
    return [`Node ${node}`, runtime].map((label) => ({ state: 'good', label, detail: '' }));
  },
});

/** The engine for real models, with the Python that runs use now. */
export const torch = (tools: Tools): Engine => ({
  id: 'torch',
  label: 'Torch',
  description: 'real models, through Python',
  icon: 'chip',
  about: 'Trains and evaluates models from the hub or a folder, with LoRA, by transformers and peft.',
  context: 'torch',
  check: () => examine(tools),
});

/** The engine for models on a training server, which run configs name; here is the server's key. */
export const tinker = ({ secrets }: Tools): Engine => ({
  id: 'tinker',
  label: 'Tinker',
  description: 'models on a training server',
  icon: 'server-environment',
  about:
    'Trains models on SkyRL on your cluster, or on Thinking Machines’ service. A run config names the server.',
  context: 'tinker',
  check: async () => {
    const { TINKER_API_URL: server } = await tinkerKey(secrets);
    const label = server === undefined ? 'No key is stored' : `A key is stored for ${server}`;
    return [{ state: 'note', label, detail: '' }];
  },
});

/** A Python that the torch engine could run on. */
export const python = (tools: Tools, { path, from }: Python): Engine => ({
  id: path,
  label: 'Python',
  description: from === 'PATH' ? path.replace(homedir(), '~') : from,
  icon: 'snake',
  about: `${path}\nYou can choose it for the torch engine.`,
  context: 'python',
  check: () => examine(tools, path),
});

export const endpoint = (each: Endpoint): Engine => ({
  id: each.url,
  label: each.name,
  description: each.url,
  icon: 'server',
  about: `${each.url}\nAn OpenAI-compatible server: its models are evaluated, not trained.`,
  context: 'endpoint',
  check: () => checkEndpoint(each),
});

/** A model that the Playground has loaded. */
export const loadedModel = ({ source: { id, label, detail }, state }: LoadedModel): Engine => ({
  id,
  label,
  description: `${state} · ${detail}`,
  icon: 'vm-running',
  about: 'The Playground has loaded it. It is unloaded when it has not been asked for a while.',
  context: 'model',
  check: () => Promise.resolve([{ state: 'note', label: detail, detail: '' }]),
});

const findingsSchema = z.array(
  z.object({ state: z.enum(['good', 'warning', 'bad']), text: z.string(), fix: z.optional(z.string()) }),
);

/** Checks the requirements of the torch engine in the given Python, or else in the one that runs use. */
async function examine({ program, home }: Tools, path?: string): Promise<Fact[]> {
  const env: Record<string, string> =
    path === undefined ? {} : { CHIRALITY_PYTHON: path, VIRTUAL_ENV: '', CONDA_PREFIX: '' };
  // Exit code 1 means that something is wrong; the output says what.
  const command = ['engine', 'doctor', '--json'];
  const findings = await program.answer(findingsSchema, command, { cwd: home, env, codes: [0, 1] });
  return findings.map(({ state, text, fix = '' }) => ({
    state: state === 'warning' ? 'note' : state,
    label: text,
    detail: fix,
  }));
}
