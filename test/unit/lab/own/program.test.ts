import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { OwnProgram, OwnQuestion } from '../../../../src/core/rewards/own.ts';
import { OwnPrograms, RunningProgram } from '../../../../src/lab/own/own-program.ts';
import { requireTrusted, trustable, TRUSTED } from '../../../../src/lab/own/trust.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { slowly } from '../../../support/slow.ts';

const folder = folderOfTests('chirality-own-');
afterEach(() => {
  process.env[TRUSTED] = '';
});

/** A program that runs `each` on every question, with `answer(value, why)`. */
function program(name: string, each: string, timeout = 20): OwnProgram {
  const path = join(folder, `${name}.cjs`);
  writeFileSync(
    path,
    `let asked;
     const answer = (value, why) => console.log(JSON.stringify({ n: asked.n, value, why }));
     require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
       asked = JSON.parse(line);
       ${each}
     });`,
  );
  return { name, at: `rewards.${name}`, command: [process.execPath, path], timeout };
}

const question = (index: number, completion: string): OwnQuestion => ({
  sample: 'row-7',
  view: 'mirror',
  index,
  question: 'Which side?',
  reference: 'left',
  images: [],
  completion,
  answer: null,
});
const QUESTIONS = ['a', 'b b', 'c c c'].map((text, i) => question(i, text));

async function refusal(one: OwnProgram, times = 1): Promise<string> {
  const running = RunningProgram.start(one);
  try {
    for (let i = 0; i < times; i++) await running.values(QUESTIONS);
    return 'none';
  } catch (error) {
    return (error as Error).message;
  } finally {
    await running.close();
  }
}

describe('a custom program', () => {
  it('a custom program remains one process, and answers every question in order', async () => {
    const counting = program('counting', 'answer(asked.completion.length, `${process.pid} ${asked.index}`);');
    const running = RunningProgram.start(counting);
    const many = Array.from({ length: 700 }, (_, i) => question(i, 'x'.repeat(i)));
    const first = await running.values(many);
    const second = await running.values(QUESTIONS);
    await running.close();
    expect(first.map(({ value }) => value)).toEqual(many.map(({ completion }) => completion.length));
    expect(second.map(({ value }) => value)).toEqual([1, 3, 5]);
    expect(new Set([...first, ...second].map(({ why }) => why.split(' ')[0])).size).toBe(1);
  });

  it('a custom program receives all fields of a completion', async () => {
    const echo = program('echo', 'answer(0, Object.keys(asked).join());');
    const running = RunningProgram.start(echo);
    const [part] = await running.values([{ ...question(0, 'a'), choices: ['left', 'right'] }]);
    await running.close();
    expect(part!.why.split(',').sort()).toEqual(
      'answer,choices,completion,images,index,n,question,reference,sample,view'.split(','),
    );
  });

  it.each([
    [
      'ends',
      'if (asked.index === 1) { console.error("no\\u001b[31m model"); process.exit(3); } answer(1);',
      'ended with exit code 3',
    ],
    [
      'is killed',
      'if (asked.index === 1) process.kill(process.pid, "SIGKILL"); else answer(1);',
      'was stopped by SIGKILL',
    ],
    [
      'prints invalid output',
      'if (asked.index === 1) console.log("loading\\u001b…"); else answer(1);',
      'wrote loading',
    ],
    [
      'returns no number',
      'answer(asked.index === 1 ? null : 1);',
      'instead of {"n": 1, "value": 0.5, "why": "…"}',
    ],
    [
      'writes an endless line',
      'if (asked.index === 1) process.stdout.write("x".repeat(70000)); else if (asked.index === 0) answer(1);',
      'a line of more than',
    ],
  ])('a custom program is rejected at the row where it %s', async (name, each, why) => {
    const message = await refusal(program(name.replace(/\W/g, ''), each));
    expect(message).toContain(why);
    expect(message).toContain('(completion 2 of "row-7", view mirror).');
    expect(message).not.toContain('\u001b');
    if (name === 'ends') expect(message).toContain('model');
  });

  slowly('a custom program is stopped after a timeout, with the row of the hang', async () => {
    const hanging = program('hanging', 'if (asked.index === 1) for (;;); answer(1);');
    const running = RunningProgram.start(hanging);
    await running.values(QUESTIONS.slice(0, 1));
    // Short only now: how long a process takes to start says something about the machine.
    hanging.timeout = 0.5;
    await expect(running.values(QUESTIONS.slice(1))).rejects.toThrow(
      /did not answer within 0.5 s \(completion 2 /,
    );
    await running.close();
  });

  it.skipIf(process.platform === 'win32')('a custom program ends with its children', async () => {
    const pidFile = join(folder, 'helper.pid');
    // Its helper inherits the output, and would keep it open.
    const helper = (then: string) => `
      const { spawn } = require('node:child_process');
      const child = spawn('sleep', ['40'], { stdio: 'inherit' });
      require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(child.pid));
      ${then}`;
    const begun = performance.now();
    expect(await refusal(program('helpless', helper('process.exit(3);')))).toContain(
      'ended with exit code 3',
    );
    expect(performance.now() - begun).toBeLessThan(15_000);
    const isAlive = () => {
      const stat = existsSync(`/proc/${readFileSync(pidFile, 'utf8')}/stat`)
        ? readFileSync(`/proc/${readFileSync(pidFile, 'utf8')}/stat`, 'utf8')
        : null;
      return stat !== null && !stat.includes(') Z ');
    };
    await vi.waitFor(() => expect(isAlive()).toBe(false));
    const served = RunningProgram.start(program('served', helper('answer(1);')));
    expect(await served.values(QUESTIONS.slice(0, 1))).toEqual([{ value: 1, why: '' }]);
    await served.close();
    await vi.waitFor(() => expect(isAlive()).toBe(false));
  });

  it('a custom program receives no API keys, and leaks no keys in reasons or errors', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'sk-0123456789');
    vi.stubEnv('HF_TOKEN', 'hf_abcdefgh');
    const telling = program(
      'telling-keys',
      'answer(1, `${process.env.OPENAI_API_KEY} ${process.env.HF_TOKEN} sk-0123456789`);',
    );
    const running = RunningProgram.start(telling);
    const [part] = await running.values(QUESTIONS.slice(0, 1));
    await running.close();
    expect(part!.why).toBe('undefined undefined [key]');
    const failing = program('failing-keys', 'console.error("key hf_abcdefgh"); process.exit(1);');
    const message = await refusal(failing);
    expect(message).toContain('key [key]');
    vi.unstubAllEnvs();
  });

  it('a custom program is rejected after an answer without a question', async () => {
    const eager = program('eager', 'answer(1); if (asked.index === 2) answer(1);');
    expect(await refusal(eager, 2)).toMatch(/unexpected output|instead of \{"n": 3/);
  });

  it('a custom program that cannot be started is rejected by name', async () => {
    const missing = { ...program('missing', ''), command: ['no-such-program', join(folder, 'missing.cjs')] };
    await expect(refusal(missing)).rejects.toThrow(
      'rewards.missing: program no-such-program is not on the PATH.',
    );
    // Windows would look next to the file, too.
    writeFileSync(join(folder, 'no-such-program'), '', { mode: 0o755 });
    await expect(refusal(missing)).rejects.toThrow('on the PATH');
  });
});

describe('trust in a custom program', () => {
  slowly('trust depends on the arguments and files of the command', async () => {
    const one = program('trusted', 'answer(1);');
    const { hash } = await trustable(one);
    process.env[TRUSTED] = `other,${hash}`;
    await requireTrusted([one]);
    const longer = { ...one, command: [...one.command, '--strict'] };
    await expect(requireTrusted([longer])).rejects.toThrow('add --trust');
    program('trusted', 'answer(2);');
    await expect(requireTrusted([one])).rejects.toThrow('rewards.trusted: ');
  });

  it('trust depends on the program’s path and neighbouring files, and excludes folders', async () => {
    const one = program('placed', 'answer(1);');
    const other = join(folder, 'other');
    mkdirSync(join(other, 'package'), { recursive: true });
    copyFileSync(one.command[1]!, join(other, 'placed.cjs'));
    const moved = { ...one, command: [one.command[0]!, join(other, 'placed.cjs')] };
    expect((await trustable(moved)).hash).not.toBe((await trustable(one)).hash);
    const packed = { ...one, command: ['python3', 'package', join(other, 'placed.cjs')] };
    await expect(trustable(packed)).rejects.toThrow('has arguments before its file');
    const told = { ...one, command: ['python3', join(other, 'placed.cjs'), 'package'] };
    await expect(trustable(told)).resolves.toBeTruthy();
  });

  it('trust covers only the started file, and rejects arguments that could start other code', async () => {
    const one = program('started-file', 'answer(1);');
    const [node, file] = one.command as [string, string];
    for (const command of [
      ['python3', '-m', 'evilmod', file],
      ['python3', '-c', 'import evilmod', file],
      ['node', 'nrew', file],
      ['node', '--require', './evil.cjs', file],
      ['env', 'A=b', 'node', file],
      [node, '-e', '1'],
      [node, 'nrew'],
    ])
      await expect(trustable({ ...one, command }), command.join(' ')).rejects.toThrow(
        'arguments before its file',
      );
    const own = join(folder, 'rewards-of-mine');
    writeFileSync(own, '', { mode: 0o755 });
    for (const command of [one.command, ['node', file, '--strict'], [own, '--model', file]])
      await expect(trustable({ ...one, command }), command.join(' ')).resolves.toBeTruthy();
    // A link by another name is an interpreter, too.
    symlinkSync(node, join(folder, 'rewarder'));
    await expect(trustable({ ...one, command: [join(folder, 'rewarder'), '-e', '1'] })).rejects.toThrow(
      'has arguments',
    );
    await expect(requireTrusted([{ ...one, command: ['node', file] }])).rejects.toThrow(
      /\(node is \S+node\)/,
    );
  });

  it('trust is required before the program starts', async () => {
    const marker = join(folder, 'started');
    const one = program('marking', `require('node:fs').writeFileSync(${JSON.stringify(marker)}, '');`);
    await expect(OwnPrograms.open([one])).rejects.toThrow('with your permissions');
    await expect(trustable({ ...one, command: ['node', '-e', '1'] })).rejects.toThrow(
      'contains no existing file',
    );
  });

  it('the environment of the program does not contain the trust', async () => {
    const telling = program('telling', `answer(1, String(process.env.${TRUSTED}));`);
    process.env[TRUSTED] = (await trustable(telling)).hash;
    const open = await OwnPrograms.open([telling]);
    expect(await open.values(QUESTIONS.slice(0, 1))).toEqual([{ telling: { value: 1, why: 'undefined' } }]);
    await open.close();
  });
});
