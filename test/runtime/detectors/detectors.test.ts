import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FAULTS, LEVELS, type Cell } from './faults.js';

const COLUMNS = ['way', 'event', 'level', 'code', 'registers', 'state', 'next'] as const;

describe('A call that goes wrong', function () {
  this.timeout(120_000);
  let cells: Cell[];

  // In a process of its own: mocha has its own ideas of rejections that nobody handles.
  before(async () => {
    const host = fileURLToPath(new URL('host.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', host]);
    cells = JSON.parse(stdout) as Cell[];
  });

  after(() => {
    const width = (column: (typeof COLUMNS)[number]) => Math.max(...cells.map((cell) => cell[column].length));
    for (const cell of cells) console.log(`      ${COLUMNS.map((each) => cell[each].padEnd(width(each))).join('  ')}`);
  });

  const cellOf = (way: string, event: string, level: string): Cell => {
    const cell = cells.find((each) => each.way === way && each.event === event && each.level === level);
    assert.ok(cell, 'the host has run it');
    return cell;
  };

  for (const { way, event = '', ...expected } of FAULTS) {
    const what = event ? `${way} while ${event}` : way;
    for (const level of LEVELS) {
      const code = expected[level];
      if (code === true)
        it(`because it ${what} leaves registers and state changed when it is ${level}`, () => {
          const { registers, state } = cellOf(way, event, level);
          assert.deepEqual([registers, state], ['changed', 'changed']);
        });
      else if (code)
        it(`because it ${what} is told as ${code} when it is ${level}, and leaves nothing behind`, () => {
          const { code: told, registers, state, next } = cellOf(way, event, level);
          assert.deepEqual([told, registers, state, next], [code, 'back', 'back', 'works']);
        });
    }
  }
});
