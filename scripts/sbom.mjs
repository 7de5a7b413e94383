// What a package carries, as CycloneDX: npm's list of the lock file, less the tools that only build and test.
import { execFileSync } from 'node:child_process';

/** @returns {{ components: { 'bom-ref': string }[], dependencies: { ref: string, dependsOn: string[] }[] }} */
const wholeList = () =>
  JSON.parse(
    execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only', '--loglevel=error'], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      shell: process.platform === 'win32',
    }),
  );

/**
 * @param {Iterable<string>} carried as name@version
 * @returns {string}
 */
export function sbom(carried) {
  const list = wholeList();
  const { component } = list.metadata;
  // npm takes the name of the folder.
  component.name = component['bom-ref'].replace(/@[^@]*$/, '');
  const kept = new Set(carried);
  list.components = list.components.filter((one) => kept.has(one['bom-ref']));
  const listed = new Set(list.components.map((one) => one['bom-ref']));
  for (const name of kept) if (!listed.has(name)) throw new Error(`npm's list has no ${name}.`);
  list.dependencies = list.dependencies
    .filter(({ ref }) => ref === component['bom-ref'] || listed.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((name) => listed.has(name)) }));
  return `${JSON.stringify(list, null, 2)}\n`;
}
