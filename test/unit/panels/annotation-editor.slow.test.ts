import { test } from 'vitest';
import { checkDirty } from './annotation-editor-law.ts';
import { folderOfTests } from '../../support/folder.ts';

const folder = folderOfTests('chirality-editor-');

test('rows that are not those of the file never count as saved', () => checkDirty(folder, 2000), 900_000);
