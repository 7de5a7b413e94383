// Bundles the program into dist/.
import { build } from 'esbuild';
import { bundles } from './bundles.mjs';

const built = await Promise.all(Object.values(bundles).map((bundle) => build({ ...bundle, metafile: true })));

/** Every file that went into a bundle. */
export const inputs = built.flatMap(({ metafile }) => Object.keys(metafile.inputs));
