import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { App } from '../../../src/extension/app.ts';
import { useAsDataSet } from '../../../src/extension/commands/use-as-data-set.ts';
import { record, Uri, workspace } from './fake-vscode.ts';
import { folderOfTests } from '../../support/folder.ts';

let folder: string;
beforeEach(() => {
  folder = folderOfTests('chirality-use-');
  workspace.isTrusted = false;
});

test('useAsDataSet: opens a table in Restricted Mode', async () => {
  const table = join(folder, 'a.csv');
  writeFileSync(table, 'question,answer\nWhere?,left\n');
  const opened: unknown[] = [];
  const tables = {
    open: (subject: unknown) => {
      opened.push(subject);
      return Promise.resolve({ made: Promise.resolve(undefined) });
    },
  };
  await useAsDataSet({ panels: { tables } } as unknown as App, Uri.file(table));
  expect(opened).toEqual([{ uris: [`file:${table}`] }]);
  expect(record.messages).toEqual([]);
});

test('useAsDataSet: writes no rows for images in Restricted Mode, and offers workspace trust', async () => {
  writeFileSync(join(folder, 'a.png'), '');
  await useAsDataSet({} as App, Uri.file(folder));
  expect(record.messages).toMatchObject([{ kind: 'warning', buttons: ['Manage Workspace Trust'] }]);
  expect(readdirSync(folder)).toEqual(['a.png']);
});
