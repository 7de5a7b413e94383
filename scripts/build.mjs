// Bundles the program into dist/.
import { build } from 'esbuild';
import { bundles } from './bundles.mjs';

await Promise.all(Object.values(bundles).map((bundle) => build(bundle)));
