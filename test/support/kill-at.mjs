// Loaded into a process (NODE_OPTIONS) with KILL_AT=n: at its nth call that changes a file, the whole process group
// dies by SIGKILL, before the call is made. So a crash comes at a moment of the work, not of the clock.
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import process from 'node:process';
import { URL } from 'node:url';

let calls = 0;
function count(holder, name) {
  const call = holder[name];
  holder[name] = function (...args) {
    // The state is also written by a clock.
    if (!String(args[0]).includes('state.json') && ++calls === Number(process.env.KILL_AT))
      process.kill(0, 'SIGKILL');
    return call.apply(this, args);
  };
}
const file = await fs.open(new URL(import.meta.url));
const handle = Object.getPrototypeOf(file);
await file.close();
for (const name of ['write', 'writeFile', 'appendFile', 'sync', 'datasync', 'truncate']) count(handle, name);
for (const name of ['rename', 'mkdir', 'rm', 'unlink', 'link', 'writeFile']) count(fs, name);
syncBuiltinESMExports();
