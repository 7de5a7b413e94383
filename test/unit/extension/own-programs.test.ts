import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Memento } from 'vscode';
import { NotTrusted, Program } from '../../../src/panels/host/cli-program.host.ts';
import { OwnPrograms } from '../../../src/panels/host/consent.host.ts';
import { CLI } from '../lab/recipes/cli.ts';
import { fakeContext, person, record, workspace } from './fake-vscode.ts';
import { folderOfTests } from '../../support/folder.ts';

const folder = folderOfTests('chirality-own-programs-');

const config = `recipe: grpo
steps: 1
sampling: { max_tokens: 24 }
engine: { kind: embedded }
data: { train: rows.qa.jsonl }
rewards: { semantic: { weight: 1 }, brevity: { command: [node, brevity.cjs], weight: 0.2 } }
`;

test('a custom program is confirmed again only after a change, and never in Restricted Mode', async () => {
  writeFileSync(join(folder, 'own.run.yaml'), config);
  writeFileSync(
    join(folder, 'rows.qa.jsonl'),
    '{"id":"1","question":"Where?","answer":"left","images":[]}\n',
  );
  writeFileSync(join(folder, 'brevity.cjs'), 'a');
  const own = new OwnPrograms(fakeContext().workspaceState as unknown as Memento);
  const program = new Program(CLI, own);
  const asked: string[] = [];
  const answer = (button: string | undefined) => {
    person.press = (message) => {
      asked.push(message);
      return button;
    };
  };
  const allow = () => own.allow(program, 'own.run.yaml', folder);

  workspace.isTrusted = false;
  await expect(allow()).rejects.toThrow(NotTrusted);
  workspace.isTrusted = true;
  expect(asked).toEqual([]);

  answer(undefined);
  expect(await allow()).toBe(false);
  expect(own.environment).toEqual({});

  answer('Trust and Start');
  expect(await allow()).toBe(true);
  expect(own.environment).toEqual({ CHIRALITY_TRUST: expect.stringMatching(/^[0-9a-f]{32}$/) });
  expect((await program.commandLine(['runs'])).env).toMatchObject(own.environment);
  expect(await allow()).toBe(true);
  expect(asked).toHaveLength(2);

  // Nothing in a command can break the line, or turn the direction of the words.
  const hostile = { answer: () => Promise.resolve([{ at: 'a', command: ['x\n\n\u202eb'], hash: '0' }]) };
  answer(undefined);
  await own.allow(hostile as unknown as Program, 'own.run.yaml', folder);
  const { detail } = record.messages.at(-1)!.buttons[0] as unknown as { detail: string };
  expect(detail).toMatch(/^a: x[^\n\u202e]*b\n\nReview the script before you start/);

  writeFileSync(join(folder, 'brevity.cjs'), 'b');
  answer(undefined);
  expect(await allow()).toBe(false);
  expect(asked).toHaveLength(4);
});
