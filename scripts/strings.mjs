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
function textOf(node, valueOf = (/** @type {ts.Expression} */ value) => `\${${value.getText()}}`) {
  if (!ts.isTemplateExpression(node)) return node.text;
  const parts = node.templateSpans.map(({ expression, literal }) => valueOf(expression) + literal.text);
  return node.head.text + parts.join('');
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

/** Markup, styles and CSS selectors, which contain words but no sentences. */
const MARKUP = /^\s*<[a-z!?/]|^<<|^:root|[.#:][\w-]+(?:, [^{]*)? \{ [\w-]+:|^color-mix|-src '/;

/** Whether a literal is a key: compared, or listed in a constant or in a schema. @param {ts.Node} node */
function isKey({ parent }) {
  if (ts.isBinaryExpression(parent)) return /^[!=]==$/.test(parent.operatorToken.getText());
  if (ts.isCaseClause(parent)) return true;
  if (ts.isPropertyAssignment(parent)) return /^(?:id|key)$/.test(parent.name.getText());
  const list = ts.isArrayLiteralExpression(parent) ? parent : null;
  const outer = list?.elements.every(ts.isStringLiteral) ? list.parent : parent;
  return ts.isAsExpression(outer)
    ? outer.type.getText() === 'const'
    : outer !== parent && ts.isCallExpression(outer) && outer.expression.getText() === 'z.enum';
}

/** The texts in the code of a value, or `$` for a value without texts. @param {ts.Expression} value */
const textsIn = (value) =>
  value
    .getText()
    .match(/'[^']*'|`[^`]*`/g)
    ?.join('') ?? '$';

/** Elements within a line of text. */
const INLINE = /^<(?:b|bdi|code|em|i|mark|strong)\b/;

/** The text of the children of an element on one line, with `${…}` for each value. @param {readonly ts.Node[]} children @returns {string} */
const lineOf = (children) =>
  children
    .map((child) => {
      if (ts.isJsxText(child)) return child.text;
      if (ts.isJsxElement(child)) return INLINE.test(child.getText()) ? lineOf(child.children) : '';
      const value = ts.isJsxExpression(child) ? child.expression : undefined;
      return value && !/<\w/.test(value.getText())
        ? isText(value)
          ? textOf(value)
          : `\${${value.getText()}}`
        : '';
    })
    .join('');

/** Whether a person reads the literal. @param {ts.StringLiteral | ts.NoSubstitutionTemplateLiteral | ts.TemplateExpression | ts.JsxText} node */
function isRead(node) {
  const { parent } = node;
  if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) || ts.isLiteralTypeNode(parent))
    return false;
  if (ts.isTaggedTemplateExpression(parent) || isKey(node) || MARKUP.test(textOf(node))) return false;
  if (ts.isJsxText(node)) return /[A-Za-z]{2}/.test(node.text);
  const attribute = ts.isJsxExpression(parent) ? parent.parent : parent;
  if (ts.isJsxAttribute(attribute) && LABELS.test(attribute.name.getText())) return true;
  for (let at = parent; at && !ts.isStatement(at) && !ts.isFunctionLike(at); at = at.parent)
    if (ts.isJsxAttribute(at) && MARKS.test(at.name.getText())) return false;
  if (ts.isPropertyAssignment(parent) && parent.initializer === node && LABELS.test(parent.name.getText()))
    return /[A-Za-z]{2}/.test(textOf(node));
  return PROSE.test(textOf(node, textsIn));
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
  /** Elements whose line of text is listed. @type {Set<ts.Node>} */
  const lines = new Set();
  // Texts in the values of a listed template or line are part of it.
  const visit = (/** @type {ts.Node} */ node, isInTemplate = false) => {
    const kind = !isInTemplate && isText(node) && node.parent && kindOf(node);
    const line = kind && ts.isJsxText(node) && ts.isJsxElement(node.parent) ? node.parent : null;
    if (kind && !(line && lines.has(line)))
      found.push({
        kind,
        line: tree.getLineAndCharacterOfPosition(node.getStart()).line + 1,
        text: (line ? lineOf(line.children) : textOf(node)).replace(/\s+/g, ' ').trim(),
      });
    if (line) lines.add(line);
    const isListed = isInTemplate || (!!kind && ts.isTemplateExpression(node));
    ts.forEachChild(node, (child) => visit(child, isListed));
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
