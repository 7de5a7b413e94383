// Prints every text of the product that a person reads: `node scripts/strings.mjs [ui|cli|error|test …]`.
// One line a text: kind, file, line, and the whole sentence with `${…}` where a value goes.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** Files whose texts are data: words of questions, prompts for models, and code in another language. */
const DATA = [
  'src/rows/read/',
  'src/rows/views/',
  'src/core/answers/',
  'src/core/prompts/',
  'src/core/worlds/',
  'src/lab/curves/python-writer.ts',
  'src/lab/curves/targets.ts',
  'src/cli/harness.ts',
];

/** JSX attributes and object keys with one word that is read; any other text needs two words. */
const LABELS =
  /^(?:label|title|heading|placeholder|description|help|caption|message|tooltip|hint|detail|summary|aria-?label|ariaLabel|prompt)$/;

/** JSX attributes that are never read. */
const MARKS =
  /^(?:className|class|d|viewBox|points|style|transform|key|id|type|role|htmlFor|slot|appearance|codicon|icon)$/;

const PROSE = /[A-Za-z][a-z’']*[,;:.)]?\s+(?:[a-z(“"'‘`$]|[A-Z][a-z])/;

/** @param {ts.Node} node @returns {node is ts.StringLiteral | ts.NoSubstitutionTemplateLiteral | ts.TemplateExpression | ts.JsxText} */
const isText = (node) =>
  ts.isStringLiteral(node) ||
  ts.isNoSubstitutionTemplateLiteral(node) ||
  ts.isTemplateExpression(node) ||
  ts.isJsxText(node);

/**
 * The text of a literal, with `${…}` for each value.
 * @param {ts.StringLiteral | ts.NoSubstitutionTemplateLiteral | ts.TemplateExpression | ts.JsxText} node
 */
function textOf(node) {
  if (!ts.isTemplateExpression(node)) return node.text;
  return (
    node.head.text +
    node.templateSpans.map(({ expression, literal }) => `\${${expression.getText()}}${literal.text}`).join('')
  );
}

/** Whether the literal is an argument of something that fails. @param {ts.Node} node */
function fails(node) {
  for (let at = node.parent; at; at = at.parent) {
    if (ts.isThrowStatement(at)) return true;
    if (ts.isNewExpression(at)) return /Error|Problem|Fault/.test(at.expression.getText());
    if (ts.isFunctionLike(at) || ts.isStatement(at)) return false;
  }
  return false;
}

/** Whether a literal is the title of a test. @param {ts.Node} node */
const titles = (node) =>
  ts.isCallExpression(node.parent) &&
  node.parent.arguments[0] === node &&
  /^(?:it|test|describe)\b/.test(node.parent.expression.getText());

/** Whether a person reads the literal. @param {ts.StringLiteral | ts.NoSubstitutionTemplateLiteral | ts.TemplateExpression | ts.JsxText} node */
function isRead(node) {
  const { parent } = node;
  if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) || ts.isLiteralTypeNode(parent))
    return false;
  if (ts.isTaggedTemplateExpression(parent)) return false;
  if (ts.isJsxText(node)) return /[A-Za-z]{2}/.test(node.text);
  const attribute = ts.isJsxExpression(parent) ? parent.parent : parent;
  if (ts.isJsxAttribute(attribute) && LABELS.test(attribute.name.getText())) return true;
  for (let at = parent; at && !ts.isStatement(at) && !ts.isFunctionLike(at); at = at.parent)
    if (ts.isJsxAttribute(at) && MARKS.test(at.name.getText())) return false;
  if (ts.isPropertyAssignment(parent) && parent.initializer === node && LABELS.test(parent.name.getText()))
    return /[A-Za-z]{2}/.test(textOf(node));
  return PROSE.test(textOf(node));
}

/**
 * The texts of a source file that a person reads.
 * @param {string} file relative to the project's root
 * @returns {{ kind: string, line: number, text: string }[]}
 */
export function textsOf(file, source = readFileSync(file, 'utf8')) {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const shown = file.startsWith('src/cli/') ? 'cli' : 'ui';
  const kindOf = (/** @type {Parameters<typeof isRead>[0]} */ node) => {
    if (file.startsWith('test/')) return titles(node) ? 'test' : null;
    if (!isRead(node)) return null;
    if (fails(node)) return 'error';
    return DATA.some((start) => file.startsWith(start)) ? null : shown;
  };
  /** @type {ReturnType<typeof textsOf>} */
  const found = [];
  const visit = (/** @type {ts.Node} */ node) => {
    if (isText(node) && node.parent) {
      const kind = kindOf(node);
      if (kind)
        found.push({
          kind,
          line: tree.getLineAndCharacterOfPosition(node.getStart()).line + 1,
          text: textOf(node).replace(/\s+/g, ' ').trim(),
        });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** All sources with texts, relative to the project's root. */
export const sources = () =>
  ['src', 'webview', 'test']
    .flatMap((root) =>
      readdirSync(root, { recursive: true }).map((file) => `${root}/${file}`.replaceAll('\\', '/')),
    )
    .filter((file) => /(?<!\.d)\.tsx?$/.test(file))
    .sort();

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const kinds = process.argv.slice(2);
  for (const file of sources())
    for (const { kind, line, text } of textsOf(file))
      if (kinds.length === 0 || kinds.includes(kind)) console.log(`${kind}\t${file}:${line}\t${text}`);
}
