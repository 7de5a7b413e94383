import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/** One import or re-export between our files. */
export interface Import {
  from: string;
  to: string;
  /** The names taken; `*` for all. */
  names: readonly string[];
  /** Whether types alone are taken, which are gone at run time. */
  types: boolean;
}

/** Every file of the folders, with `/` on every system. */
export const sourcesIn = (folders: readonly string[]): string[] =>
  folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.tsx?$/.test(path))
      .map((path) => join(folder, path).replaceAll('\\', '/')),
  );

/** Reads the imports of our own files, `import()` included, from the syntax alone. */
export function importsIn(folders: readonly string[]): Import[] {
  return sourcesIn(folders).flatMap((from) => {
    const imports: Import[] = [];
    const add = (to: string, names: string[], types: boolean) => {
      if (to.startsWith('.') && /\.tsx?$/.test(to))
        imports.push({ from, to: join(dirname(from), to).replaceAll('\\', '/'), names, types });
    };
    const visit = (node: ts.Node): void => {
      if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
        const clause = node.importClause;
        const bindings = clause?.namedBindings;
        const taken = bindings && ts.isNamedImports(bindings) ? [...bindings.elements] : [];
        const whole = !clause || clause.name !== undefined || (bindings && ts.isNamespaceImport(bindings));
        add(
          node.moduleSpecifier.text,
          whole ? ['*'] : taken.map(({ name, propertyName }) => (propertyName ?? name).text),
          clause?.isTypeOnly === true ||
            (!whole && taken.length > 0 && taken.every(({ isTypeOnly }) => isTypeOnly)),
        );
      } else if (
        ts.isExportDeclaration(node) &&
        node.moduleSpecifier &&
        ts.isStringLiteral(node.moduleSpecifier)
      ) {
        const clause = node.exportClause;
        const taken = clause && ts.isNamedExports(clause) ? [...clause.elements] : [];
        add(
          node.moduleSpecifier.text,
          taken.length > 0 ? taken.map(({ name, propertyName }) => (propertyName ?? name).text) : ['*'],
          node.isTypeOnly || (taken.length > 0 && taken.every(({ isTypeOnly }) => isTypeOnly)),
        );
      } else if (
        ts.isCallExpression(node) &&
        node.expression.kind === ts.SyntaxKind.ImportKeyword &&
        ts.isStringLiteral(node.arguments[0]!)
      )
        add(node.arguments[0].text, ['*'], false);
      else if (
        ts.isImportTypeNode(node) &&
        ts.isLiteralTypeNode(node.argument) &&
        ts.isStringLiteral(node.argument.literal)
      )
        add(node.argument.literal.text, ['*'], true);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(from, readFileSync(from, 'utf8'), ts.ScriptTarget.Latest));
    return imports;
  });
}

/** The files that each file imports. */
export function usesOf(imports: readonly Import[]): Map<string, string[]> {
  const uses = new Map<string, string[]>();
  for (const { from, to } of imports) uses.set(from, [...(uses.get(from) ?? []), to]);
  return uses;
}

/** All files that a file loads when it runs, itself included. */
export function closureOf(start: string, imports: readonly Import[]): Set<string> {
  const uses = usesOf(imports.filter(({ types }) => !types));
  const reached = new Set([start]);
  for (const file of reached) for (const to of uses.get(file) ?? []) reached.add(to);
  return reached;
}
