// Calls the built program many times in one process, as cli.ts asks for by messages: most of the time of a short
// command is the loading of the program.
import { Buffer } from 'node:buffer';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const { stdout, stderr } = process;
let printed = { stdout: '', stderr: '' };
for (const name of ['stdout', 'stderr'])
  process[name].write = (chunk, encoding, done) => {
    printed[name] += Buffer.isBuffer(chunk) ? chunk.toString() : String(chunk);
    (typeof encoding === 'function' ? encoding : done)?.();
    return true;
  };

const listeners = (emitter) =>
  new Map(emitter.eventNames().map((event) => [event, [...emitter.rawListeners(event)]]));

/** Takes off what a call listens for. */
function restore(emitter, before) {
  for (const event of emitter.eventNames())
    for (const listener of emitter.rawListeners(event))
      if (!before.get(event)?.includes(listener)) emitter.removeListener(event, listener);
}

let count = 0;
process.on('message', async ({ program, cwd, args, env }) => {
  printed = { stdout: '', stderr: '' };
  process.env = env;
  process.chdir(cwd);
  process.argv = [process.execPath, program, ...args];
  process.exitCode = undefined;
  const emitters = [process, stdout, stderr].map((emitter) => [emitter, listeners(emitter)]);
  // Its first file is loaded anew, and runs; the others stay.
  await import(`${pathToFileURL(program).href}?${count++}`);
  const code = Number(process.exitCode ?? 0);
  // As at the end of a process.
  for (const end of process.listeners('exit')) end(code);
  for (const [emitter, before] of emitters) restore(emitter, before);
  process.exitCode = undefined;
  process.send({ code, ...printed });
});
process.on('disconnect', () => process.exit());
