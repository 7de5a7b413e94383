import { posix } from 'node:path';
import * as vscode from 'vscode';
import type { Service } from './service-client.ts';

/** How long a check takes before the editor shows that it is running, in ms. */
const GLANCE_MS = 100;
const CHECKED: vscode.DocumentFilter = { pattern: '**/*.{qa.jsonl,run.yaml,sweep.yaml}' };
/** No two items may have the same id. */
let items = 0;

/** A mistake in a document, as the Problems panel shows it. */
export function diagnosticAt(
  range: vscode.Range,
  { severity, code }: { severity: 'error' | 'warning'; code: string },
  message: string,
): vscode.Diagnostic {
  const { Error, Warning } = vscode.DiagnosticSeverity;
  const diagnostic = new vscode.Diagnostic(range, message, severity === 'error' ? Error : Warning);
  diagnostic.source = 'chirality';
  diagnostic.code = code;
  return diagnostic;
}

/** Waits for the check of a document; if it takes longer than a glance, says beside the language's name why. */
export async function whileChecking<T>(
  { uri, lineCount }: vscode.TextDocument,
  service: Service,
  check: Promise<T>,
): Promise<T> {
  let item: vscode.LanguageStatusItem | undefined;
  const why = service.isReady
    ? `It has ${lineCount.toLocaleString('en')} lines.`
    : 'The first check starts the reader of data files.';
  const timer = setTimeout(() => {
    item = vscode.languages.createLanguageStatusItem(`chirality.check.${items++}`, CHECKED);
    item.name = 'Chirality';
    item.text = `Checking ${posix.basename(uri.path)} …`;
    item.detail = why;
    item.busy = true;
  }, GLANCE_MS);
  try {
    return await check;
  } finally {
    clearTimeout(timer);
    item?.dispose();
  }
}
