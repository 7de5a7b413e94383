import { test } from 'vitest';
import { checkDirty } from './annotation-editor-law.ts';
import { folderOfTests } from '../../support/folder.ts';

const folder = folderOfTests('chirality-editor-');

test('property: a document unlike its file is dirty', () => checkDirty(folder, 2000), 900_000);
