import * as vscode from 'vscode';
import { askModelName, chooseKey } from '../endpoint-key.ts';
import { ADD_ENDPOINT, addEndpoint, listedEndpoints, type Endpoint } from '../views/endpoint.ts';

/** The rewriter of the rows that the rules defer, in the form of `chirality mirror` options. */
export interface RewriterChoice {
  args: string[];
  /** Contains the key, if one is stored. */
  env: Record<string, string>;
  /** The VS Code model that answers the program's requests, if one was chosen. */
  model?: vscode.LanguageModelChat;
}

export const TITLE = 'Mirror Data Set';

/** Lets the user choose who rewrites the deferred rows. @returns undefined if cancelled */
export async function chooseRewriter(secrets: vscode.SecretStorage): Promise<RewriterChoice | undefined> {
  const models = await vscode.lm.selectChatModels();
  const picked = await vscode.window.showQuickPick<vscode.QuickPickItem & { choose(): Choosing }>(
    [
      {
        label: '$(circle-slash) Nobody',
        detail: 'Rows that the rules cannot decide are marked, and wait.',
        choose: () => Promise.resolve({ args: [], env: {} }),
      },
      ...listedEndpoints().map((endpoint) => ({
        label: `$(server) ${endpoint.name}`,
        description: endpoint.url,
        choose: () => askEndpoint(endpoint, secrets),
      })),
      ...models.map((model) => ({
        label: `$(sparkle) ${model.name}`,
        description: `${model.vendor} · language model of VS Code`,
        choose: () => askModel(model),
      })),
      { label: ADD_ENDPOINT, choose: addEndpoint },
    ],
    {
      title: TITLE,
      placeHolder: 'Who rewrites the rows that the rules cannot decide?',
      matchOnDescription: true,
      ignoreFocusOut: true,
    },
  );
  return picked?.choose();
}

type Choosing = Promise<RewriterChoice | undefined>;

/** The name is part of the cache key, so that another model's answers are not taken for this one's. */
const askModel = (model: vscode.LanguageModelChat): Choosing =>
  withVerify({ args: ['--llm', 'host', '--llm-model', `${model.vendor}/${model.id}`], env: {}, model });

async function askEndpoint({ name, url }: Endpoint, secrets: vscode.SecretStorage): Choosing {
  const model = await askModelName(TITLE, name, 'Qwen/Qwen3-8B');
  if (!model) return undefined;
  const env = await chooseKey(TITLE, url, secrets);
  return env && withVerify({ args: ['--llm', url, '--llm-model', model], env });
}

/** Offers a second request per row, which SVQA-R1 calls verification. */
async function withVerify(choice: RewriterChoice): Choosing {
  const verify = {
    label: 'Rewrite, then verify',
    detail: 'Each row is asked about twice; both answers are kept beside each other for the review.',
  };
  const once = { label: 'Rewrite only', detail: 'Each row is asked about once.' };
  const placeHolder = 'Should the model verify what it wrote?';
  const picked = await vscode.window.showQuickPick([verify, once], {
    title: TITLE,
    placeHolder,
    ignoreFocusOut: true,
  });
  return picked && { ...choice, args: [...choice.args, ...(picked === verify ? ['--verify'] : [])] };
}
