import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requireAll } from './required.ts';

const hasTex = spawnSync('pdflatex', ['--version'], { stdio: 'ignore' }).status === 0;
const NO_TEX = 'No pdfLaTeX: apt-get install --no-install-recommends texlive-latex-base.';
if (!hasTex && !requireAll) console.warn(`Tests that compile LaTeX are skipped. ${NO_TEX}`);

/** Whether tests that compile LaTeX run; without it, they fail where everything is required. */
export const runsTex = hasTex || requireAll;

/** A page of a paper, without any package. */
const page = (body: string) => `\\documentclass{article}\n\\begin{document}\n${body}\n\\end{document}\n`;

/** Compiles the body of a page, and returns TeX's log. @throws with the log's end if it does not compile */
export async function compileLatex(body: string): Promise<string> {
  if (!hasTex) throw new Error(NO_TEX);
  const folder = await mkdtemp(join(tmpdir(), 'chirality-tex-'));
  try {
    await writeFile(join(folder, 'page.tex'), page(body));
    const options = ['-interaction=nonstopmode', '-halt-on-error', 'page.tex'];
    const failed = await promisify(execFile)('pdflatex', options, { cwd: folder }).then(
      () => false,
      () => true,
    );
    const log = await readFile(join(folder, 'page.log'), 'utf8');
    if (failed || !log.includes('Output written on page.pdf')) throw new Error(log.slice(-2000));
    return log;
  } finally {
    await rm(folder, { recursive: true });
  }
}
