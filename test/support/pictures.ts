import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** The images of README and docs, and the panels that each shows. */
export const PICTURES: Readonly<Record<string, readonly string[]>> = {
  'acuity.png': ['acuity'],
  'annotate.png': ['annotate'],
  'chirality.webp': ['run', 'report', 'trace', 'annotate'],
  'inside.png': ['inside'],
  'motion.webp': ['trace'],
  'pair.png': [], // a figure of `trace --figure`
  'playground.png': ['playground'],
  'report.png': ['report'],
  'run.png': ['run'],
  'trace.png': ['trace'],
};

/** How the panels looked when their images were made: by panel, `looksOfPanel` of that day. */
export const MARKS = 'media/pictures.json';
export const RETAKE =
  'CHIRALITY_PICTURES=1 CHIRALITY_SLOW=1 npm run test:e2e -- test/e2e/pictures.slow.test.ts';

export const panels = [...new Set(Object.values(PICTURES).flat())].sort();

/** `looksOf` the sources of a panel. */
export function looksOfPanel(panel: string): string {
  const folder = join('webview', panel);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:tsx|css)$/.test(file))
    .map((file) => file.replaceAll('\\', '/'));
  return looksOf(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}

/**
 * What sources say about the looks of a panel, as a hash: elements with their classes, the words in them, and styles.
 * Whatever else is edited there (names, types, comments, handlers, what a pointer shows) leaves it the same.
 * @param files names and texts
 */
export function looksOf(files: readonly (readonly [file: string, text: string])[]): string {
  const hashOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);
  const looks = files.map(([file, text]) =>
    hashOf(file.endsWith('.css') ? stylesOf(text) : markupOf(file, text).join('\n')),
  );
  // What files are called is not seen.
  return hashOf(looks.sort().join('\n'));
}

/** The elements of a file in their order, each with its class and the texts that stand in it. */
function markupOf(file: string, text: string): string[] {
  const parts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJsxOpeningElement(node) || ts.isJsxSelfClosingElement(node)) {
      parts.push(`<${node.tagName.getText()}`);
      for (const attribute of node.attributes.properties)
        if (ts.isJsxAttribute(attribute) && attribute.name.getText() === 'class')
          parts.push(...literalsIn(attribute));
    } else if (ts.isJsxText(node)) parts.push(node.text.replaceAll(/\s+/g, ' ').trim());
    else if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent)) parts.push(...literalsIn(node));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX));
  return parts.filter((part) => part !== '');
}

/** The strings of an expression, up to the next element: that has its own. */
function literalsIn(node: ts.Node): string[] {
  if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
    return [node.text];
  const parts: string[] = [];
  ts.forEachChild(node, (child) => {
    if (!ts.isJsxElement(child) && !ts.isJsxSelfClosingElement(child) && !ts.isJsxFragment(child))
      parts.push(...literalsIn(child));
  });
  return parts;
}

const stylesOf = (css: string): string => css.replaceAll(/\/\*[^]*?\*\//g, '').replaceAll(/\s+/g, ' ');
