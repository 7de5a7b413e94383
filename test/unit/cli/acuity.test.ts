import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addAcuityCommand } from '../../../src/cli/commands/acuity.command.ts';
import { addReportCommand } from '../../../src/cli/commands/report.command.ts';
import { probability } from '../../../src/core/psychophysics/observer.ts';
import { Random } from '../../../src/base/random.ts';
import { sceneOf } from '../../../src/core/worlds/views/scene.ts';
import type { AcuityMeta } from '../../../src/core/worlds/acuity/ask-block.ts';
import { openEmbedded, type NewModel } from '../../../src/engines/embedded/open-embedded.ts';
import { vocabularyOf } from '../../../src/engines/embedded/tokenizer.ts';
import { isTextModel } from '../../../src/lab/models/open-model.ts';
import { openStrategy } from '../../../src/lab/strategies.ts';
import { runCommand } from '../../support/command.ts';
import { refuse, ScriptedServer } from '../engines/openai/server.ts';
import { TINY } from '../engines/tiny.ts';
import { readRows } from '../../support/rows.ts';
import { folderOfTests } from '../../support/folder.ts';
import { slowly } from '../../support/slow.ts';

const folder = folderOfTests('chirality-acuity-');

const OPTIONS = ['--axis', 'side', '--style', 'compact', '--blocks', '6', '-o', join(folder, 'acuity')];
const acuity = async (...args: string[]) =>
  (await runCommand(addAcuityCommand, 'acuity', ...OPTIONS, ...args)).out.join('\n');

interface Row {
  id: string;
  question: string;
  choices: string[];
  answer: string;
  meta: { acuity: AcuityMeta };
}

/** The file of rows that the command names, and its rows. */
async function rows(): Promise<{ file: string; rows: Row[] }> {
  const said = await acuity('--rows-only');
  const file = join(folder, 'acuity', 'rows', /rows[/\\](side-[0-9a-f]{8})/.exec(said)![1]!, 'data.qa.jsonl');
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return { file, rows: lines.map((line) => JSON.parse(line) as Row) };
}

function answered(name: string, list: readonly Row[], say: (row: Row) => string): string {
  const file = join(folder, name);
  writeFileSync(file, list.map((row) => `${JSON.stringify({ id: row.id, answer: say(row) })}\n`).join(''));
  return file;
}

/** An observer of known width, who sees what is named first so much farther to the right, and answers in words. */
function observer(shift: number, width: number): (row: Row) => string {
  const random = Random.from(`${shift} ${width}`);
  const who = { width, shifts: [shift], shares: [0], lapseLow: 0, lapseHigh: 0, likeness: 0 };
  return ({ answer, meta: { acuity: about } }) => {
    const claim = random.chance(probability(about.x, [about.signs.right!], who)) ? 1 : -1;
    return claim === about.claim ? answer : answer === 'left' ? 'right' : 'left';
  };
}

interface Measured {
  all: {
    verdict: string;
    threshold: { interval: [number, number] };
    habits: Record<string, { shift: { interval: [number, number] } }>;
  };
}
const measured = async (file: string) =>
  (JSON.parse(await acuity('--answers', file, '--json')) as Measured[])[0]!;

describe('chirality acuity', () => {
  it('draws the same rows for the same options, and recovers a simulated observer', async () => {
    const { file, rows: list } = await rows();
    const bytes = readFileSync(file, 'utf8');
    rmSync(join(folder, 'acuity'), { recursive: true });
    expect(readFileSync((await rows()).file, 'utf8')).toBe(bytes);
    const { all } = await measured(answered('planted.jsonl', list, observer(4, 30)));
    expect(all.verdict).toBe('measured');
    for (const [interval, truth] of [
      [all.habits.right!.shift.interval, 4],
      [all.threshold.interval, (30 * 0.6744897501960817) / (2 * 1.6448536269514722)],
    ] as const) {
      expect(interval[0]).toBeLessThan(truth);
      expect(interval[1]).toBeGreaterThan(truth);
    }
    const text = await acuity('--answers', join(folder, 'planted.jsonl'));
    // In percent of the width, and in pixels.
    const [, percent, pixels] =
      /planted\.jsonl distinguishes right from left at differences of at least (\S+)% of the width \((\S+) of 64 px\)/.exec(
        text,
      )!;
    expect(Math.abs(Number(pixels) - 0.64 * Number(percent))).toBeLessThan(0.09);
    expect(text).toMatch(
      /^ +mirror − original threshold -?\S+ \[.+\] · PSE shift to right .+ · lapse rate .+$/m,
    );
    expect(text).toMatch(/48% │.*●.*│ \d+ of 24/);
  });

  slowly('compares several results, with curves and with differences on the same scenes', async () => {
    const { file, rows: list } = await rows();
    const results = [];
    for (const [name, shift] of [
      ['fair', 0],
      ['leaning', 12],
    ] as const) {
      await measured(answered(name, list, observer(shift, 30)));
      results.push(join(dirname(file), `${name}.acuity.json`));
    }
    const report = async (...args: string[]) =>
      (await runCommand(addReportCommand, 'report', ...args)).out.join('\n');
    const text = await report(...results, '--format', 'text');
    expect(text).toMatch(
      /^fair distinguishes right from left at differences of at least \d+\.\d% of the width \(\d\.\d of 64 px\)/m,
    );
    expect(text).toMatch(/^fair: mirror − original +[−-]?\d/m);
    expect(text).toMatch(/^leaning − fair +-?\d+\.\d \[/m);
    const [, shift] = /^leaning − fair +\S+ \[[^\]]+\] +(\S+) \[/m.exec(text)!;
    expect(Number(shift)).toBeGreaterThan(6);
    const page = join(folder, 'report.html');
    await report(...results, '-o', page);
    expect(readFileSync(page, 'utf8').match(/class="band s[01]"/g)).toHaveLength(2);
    expect(readFileSync(page, 'utf8')).toContain('difference towards right, % of the width (1% = 0.6 px)');
    await report(results[0]!, '-o', page);
    expect(readFileSync(page, 'utf8')).toContain('>mirror</text>');
    const card = join(folder, 'card.json');
    writeFileSync(card, '{"kind":"chirality-card"}');
    await expect(report(results[0]!, card)).rejects.toThrow('Report them separately.');
    writeFileSync(card, readFileSync(results[0]!, 'utf8').replace(/"trusted": ?true/, '"trusted":"yes"'));
    await expect(report(card)).rejects.toThrow('card.json cannot be read: "trusted" must be');
    await expect(report(results[0]!, 'some-run')).rejects.toThrow('Cannot combine some-run');
  });

  it('reports a constant answer, and marks values with unparsed answers as unreliable', async () => {
    const { rows: list } = await rows();
    const constant = join(folder, 'left.csv');
    writeFileSync(constant, `question_id,prediction\n${list.map(({ id }) => `${id},left\n`).join('')}`);
    expect(await acuity('--answers', constant)).toMatch(/response bias left 100%/);
    const text = await acuity(
      '--answers',
      answered('odd.jsonl', list, ({ id, answer }) => (id.endsWith('ab-0') ? `hm ${id.slice(-8)}` : answer)),
    );
    expect(text).toMatch(/so these values are unreliable\. Examples: (?:“hm \S+”, ){4}“hm \S+”\.$/m);
  });

  it('rejects answers to other rows, missing answers and changed rows', async () => {
    const { file, rows: list } = await rows();
    const all = answered('all.jsonl', list, (row) => row.answer);
    rmSync(join(folder, 'acuity'), { recursive: true });
    await expect(acuity('--seed', '2', '--answers', all)).rejects.toThrow(/which is not a row of side-/);
    const some = answered('some.jsonl', list.slice(4), (row) => row.answer);
    await expect(acuity('--answers', some)).rejects.toThrow('lacks answers to 4 rows');
    // Nothing is drawn for them.
    expect(existsSync(join(folder, 'acuity'))).toBe(false);
    await rows();
    const stranger = answered('stranger.jsonl', [...list, { ...list[0]!, id: `${list[0]!.id}-x` }], () => '');
    await expect(acuity('--answers', stranger)).rejects.toThrow(/-x", which is not a row of/);
    const twice = answered('twice.jsonl', [list[0]!, list[0]!], (row) => row.answer);
    await expect(acuity('--answers', twice)).rejects.toThrow(/twice\.jsonl:2 contains a second answer/);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('left', 'right'));
    await expect(acuity('--answers', all)).rejects.toThrow('has changed since it was drawn');
    rmSync(join(folder, 'acuity'), { recursive: true });
  });

  it.each([
    [
      ['--axis', 'sides'],
      'Axis "sides" does not exist. Choose from side, height, nearer, size, number, own-side, motion, speed, order, turn, metres.',
    ],
    [['--axis', 'size', '--rows-only'], 'requires, has no question about "size"'],
    [['--axis', 'turn', '--rows-only'], 'The compact style does not support "turn"'],
    [['--axis', 'metres', '--levels', '3', '--rows-only'], 'Pass at least two distances.'],
    [
      ['--axis', 'metres', '--adaptive', '50', '--rows-only'],
      '--adaptive requires a curve, and metres has no curve',
    ],
    [
      ['--adaptive', '3', '--rows-only'],
      '--adaptive must be at least 4, the number of questions per scene of side.',
    ],
    [['--map', 'number', '--rows-only'], 'Cannot draw a map of number. Choose from side, height, nearer.'],
    [['--levels', '0', '--rows-only'], 'Pass at least one level above 0.'],
    [['--levels', '0,1', '--rows-only'], 'Differences of 1% are less than one pixel at size 64. Increase'],
    [['--levels', '16,', '--rows-only'], 'Levels must be numbers from 0 to 400'],
    [
      ['--endpoint', 'http://localhost:1/v1', '--model', 'm', '--limit', '9'],
      'completion tokens with --price IN,OUT. Reduce them with --blocks, --levels or --adaptive, or confirm with --limit 312.',
    ],
    [['--blocks', '0'], 'whole number'],
    [['--blocks', '1000000000'], 'from 1 to 1000'],
    [['--size', '100000'], 'from 16 to 4096'],
    [['given', '--rows-only'], '--rows-only does not evaluate a model. Remove given.'],
    [[], 'No model is set. Pass a run, a model folder or --endpoint.'],
  ])('acuity rejects %j', async (args, message) => {
    await expect(acuity(...args)).rejects.toThrow(message);
  });

  it('rejects a model without image input before it draws any row', async () => {
    const model = join(folder, 'llm');
    mkdirSync(model);
    const config = (more: object) =>
      writeFileSync(join(model, 'config.json'), JSON.stringify({ model_type: 'qwen2', ...more }));
    config({ hidden_size: 64, rope_scaling: { type: 'linear' } });
    const out = join(folder, 'unseen');
    const said = async (...args: string[]) =>
      acuity(...args, '-o', out).then(
        () => '',
        (error: Error) => error.message,
      );
    expect(await said(model)).toContain(`Cannot measure acuity of ${model}, because`);
    const endpoint = ['--endpoint', 'http://localhost:1/v1', '--model', 'm'];
    expect(await said(...endpoint, '--strategy', 'blind')).toContain(
      '"blind", which does not show the image',
    );
    expect(await said(...endpoint, '--without', 'image')).toContain('--without image');
    expect(existsSync(out)).toBe(false);
    // Whether a config is of images is told by its keys, or by a preprocessor next to it.
    config({ text_config: {}, vision_config: {} });
    expect(await isTextModel(model)).toBe(false);
    config({});
    expect(await isTextModel(model)).toBe(true);
    writeFileSync(join(model, 'preprocessor_config.json'), '{}');
    expect(await isTextModel(model)).toBe(false);
  });

  it('reports the price first, and stops after one question if the endpoint rejects images', async () => {
    const server = await ScriptedServer.start((_, response) =>
      refuse(response, 400, { error: { message: 'm is not a multimodal model' } }),
    );
    try {
      const out = join(folder, 'endpoint');
      const args = ['--endpoint', server.url, '--model', 'm', '--no-cache', '--price', '2,10', '-o', out];
      const asked = acuity(
        ...args,
        '--style',
        'english',
        '--levels',
        '8',
        '--blocks',
        '1',
        '--max-tokens',
        '9',
      );
      await expect(asked).rejects.toThrow(
        /^m returned no answer to the first question: .*not a multimodal model/,
      );
      expect(server.requests).toHaveLength(1);
      expect(readdirSync(out)).toEqual([]);
      const limited = acuity(...args, '--limit', '9');
      await expect(limited).rejects.toThrow(
        /^The measurement evaluates up to 312 questions\. At a price of 2,10, the questions cost from about 0\.039 \(one-word answers\) to 0\.83 \(256 tokens per answer\)\./,
      );
    } finally {
      await server.close();
    }
  });

  it('sends no question if the model lacks words of an axis', async () => {
    const { rows: list } = await rows();
    const model = join(folder, 'tiny');
    const { shape } = TINY.model as NewModel;
    const asked = list.flatMap(({ question, choices }) => [question, ...choices]);
    const direct = openStrategy('direct').stages.map(({ user }) => user);
    const words = vocabularyOf([...asked, ...direct, 'Choose between the following options: or.']);
    const engine = await openEmbedded({ ...TINY, model: { shape: { ...shape, promptTokens: 24 }, words } });
    await engine.exportAdapter(model);
    await engine.close();
    const out = join(folder, 'unread');
    const said = await acuity(model, '--axis', 'side,metres', '--blocks', '1', '-o', out).catch(String);
    expect(said).toMatch(/does not know .*"far".*No questions were asked\. Remove metres\./s);
    expect(readdirSync(out)).toEqual(['rows']);
  });

  slowly('reads the answers to all axes from one file if their rows were drawn together', async () => {
    const command = async (...args: string[]) => {
      const options = ['--axis', 'side,nearer', '--style', 'compact', '--blocks', '1', '--json'];
      const all = [...options, '-o', join(folder, 'two'), ...args];
      const { out } = await runCommand(addAcuityCommand, 'acuity', ...all);
      return JSON.parse(out.join('\n')) as {
        axis: string;
        rows: string;
        n: number;
        all: { verdict: string };
      }[];
    };
    const drawn = await command('--rows-only');
    const list = drawn.flatMap(({ rows }) => {
      const lines = readFileSync(rows, 'utf8').trimEnd().split('\n');
      return lines.map((line) => JSON.parse(line) as Row);
    });
    const both = join(folder, 'both');
    mkdirSync(both);
    answered('both/rows.jsonl', list, (row) => row.answer);
    const measured = await command('--answers', both);
    expect(measured.map(({ axis, all }) => [axis, all.verdict])).toEqual([
      ['side', 'measured'],
      ['nearer', 'measured'],
    ]);
    expect(measured[0]!.n + measured[1]!.n).toBe(list.length);
    const results = drawn.map(({ rows }) => join(dirname(rows), 'both.acuity.json'));
    const { out } = await runCommand(addReportCommand, 'report', ...results, '--format', 'text');
    expect(out.join('\n')).toMatch(
      /Results by model and subject\n.*side: threshold, percent of the width .*nearer: threshold/,
    );
    await expect(command('--answers', both, '--seed', '2')).rejects.toThrow('which is not a row of');
  });

  /** Draws the rows of other axes, and measures answers to them. */
  async function other(...options: string[]) {
    const all = [...options, '-o', join(folder, 'other')];
    const command = async (...args: string[]) =>
      (await runCommand(addAcuityCommand, 'acuity', ...all, ...args)).out.join('\n');
    const [{ rows: file }] = JSON.parse(await command('--rows-only', '--json')) as [{ rows: string }];
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    return { command, list: lines.map((line) => JSON.parse(line) as Row) };
  }

  slowly('distinguishes mental rotation from answers with the visible side', async () => {
    const options = '--axis turn --blocks 3 --size 160 --levels 0,90,180'.split(' ');
    const { command, list } = await other(...options);
    expect(list).toHaveLength(4 * 3 * 8);
    const sees = await command(
      '--answers',
      answered('turns.jsonl', list, ({ answer }) => answer),
    );
    expect(sees).toMatch(/determines the side after an imagined turn: correct in 100\.0% \[/);
    const seen = ({ answer, meta }: Row) =>
      meta.acuity.changes ? (answer === 'Yes' ? 'No' : 'Yes') : answer;
    const text = await command('--answers', answered('seen.jsonl', list, seen));
    expect(text).toContain('seen.jsonl ignores the turn and answers with the visible side');
    expect(text).toMatch(/180° │●─+ .*│ 0 of 24/);
    const page = join(folder, 'turn.html');
    const results = ['turns', 'seen'].map((name) =>
      join(
        folder,
        'other',
        'rows',
        `${list[0]!.meta.acuity.block.replace(/-\d+$/, '')}`,
        `${name}.jsonl.acuity.json`,
      ),
    );
    await runCommand(addReportCommand, 'report', ...results, '-o', page);
    expect(readFileSync(page, 'utf8')).toContain('Correct answers by angle of the turn');
  });

  it('measures the growth of estimated distances with true distances, and constant estimates', async () => {
    const { command, list } = await other('--axis', 'metres', '--style', 'compact', '--blocks', '4');
    const told = (name: string, tell: (metres: number) => string) =>
      command(
        '--answers',
        answered(name, list, ({ meta }) => tell(meta.acuity.level)),
      );
    // Stevens: to the power of 0.7, times 2.
    const power = await told('power.jsonl', (metres) => `${(2 * metres ** 0.7).toFixed(3)} metres`);
    expect(power).toContain(
      'grow with the true distance to the power of 0.70 [0.70, 0.70], are 33% too long [33, 33]',
    );
    expect(await told('same.jsonl', () => '4 metres')).toContain('always answers 4.0 metres');
    expect(await told('feet.jsonl', (metres) => `${metres / 0.3048} feet`)).toContain('to the power of 1.00');
    expect(await told('mute.jsonl', () => 'far')).toContain(
      '100.0% of the answers of mute.jsonl could not be parsed',
    );
  });

  slowly('maps accuracy by position in the image', async () => {
    const { command, list } = await other('--map', 'side', '--style', 'compact');
    const wrong = ({ answer, meta }: Row) =>
      meta.acuity.cell![0] < 4 ? (answer === 'left' ? 'right' : 'left') : answer;
    const text = await command('--answers', answered('blind.jsonl', list, wrong));
    expect(text).toMatch(
      /blind\.jsonl answers questions about side correctly in 55\.3% .*left of the map: 0% of \d+ answers\./,
    );
    expect(text).toMatch(/^( +[·0]){4}.*100/m);
    const result = join(
      folder,
      'other',
      'rows',
      list[0]!.meta.acuity.block.replace(/-\d+$/, ''),
      'blind.jsonl.acuity.json',
    );
    const page = join(folder, 'map.html');
    await runCommand(addReportCommand, 'report', result, '-o', page);
    const html = readFileSync(page, 'utf8');
    expect(html).toContain('<image href="data:image/png;base64,');
    expect(html).toContain('img-src data:');
    writeFileSync(
      result,
      readFileSync(result, 'utf8').replace('data:image/png;base64,', 'https://example.org/'),
    );
    await expect(runCommand(addReportCommand, 'report', result, '-o', page)).rejects.toThrow('"picture"');
  });

  slowly('distinguishes answers from the viewer’s side from answers from the object’s side', async () => {
    const options = ['--axis', 'own-side', '--blocks', '2', '--size', '200', '-o', join(folder, 'own')];
    const own = async (...args: string[]) =>
      (await runCommand(addAcuityCommand, 'acuity', ...options, ...args)).out.join('\n');
    const [{ rows: file }] = JSON.parse(await own('--rows-only', '--json')) as [{ rows: string }];
    const list = readRows<Row>(file);
    expect(list).toHaveLength(24 * 2 * 4);
    expect(list.every(({ meta }) => sceneOf(meta as never) !== null)).toBe(true);
    const sees = await own(
      '--answers',
      answered('own.jsonl', list, ({ answer }) => answer),
    );
    expect(sees).toMatch(
      /distinguishes own right from own left at differences of at least \d+\.\d° from its front or back/,
    );
    // Own and viewer's sides are the same where it looks away, and opposite where it faces the viewer.
    const viewer = ({ answer, meta }: Row) =>
      meta.acuity.facing === 'faces away' ? answer : answer === 'Yes' ? 'No' : 'Yes';
    const text = await own('--answers', answered('viewer.jsonl', list, viewer));
    expect(text).toContain('viewer.jsonl answers from the viewer’s perspective');
    expect(text).toMatch(/faces the viewer +INVERTED/);
    const result = join(dirname(file), 'viewer.jsonl.acuity.json');
    const { bearings } = JSON.parse(readFileSync(result, 'utf8')) as { bearings: { degrees: number }[] };
    expect(bearings.map(({ degrees }) => degrees)).toEqual(
      [...Array(23).keys()].map((i) => 15 * (i - 11)).filter((degrees) => degrees !== 0),
    );
    const page = join(folder, 'own.html');
    await runCommand(addReportCommand, 'report', result, '-o', page);
    expect(readFileSync(page, 'utf8')).toContain('id="acuity-bearings-0"');
  });
});
