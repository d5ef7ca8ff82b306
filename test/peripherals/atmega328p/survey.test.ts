import assert from 'node:assert/strict';
import { uno } from '../../../peripherals/atmega328p/index.js';
import type { PeripheralSpec } from '../../../runtime/index.js';
import { everySpec, surveyOf, verifyRestore } from '../../../runtime/registers/survey.js';
import { unoBoard, type UnoBench } from '../../emulated-uno.js';

describe('The peripherals of an Uno, on real firmware', () => {
  let bench: UnoBench;

  before(async () => (bench = await unoBoard()));
  after(() => bench.dispose());

  for (const spec of everySpec(uno.peripherals) as readonly PeripheralSpec[]) {
    const { saved, method } = surveyOf(spec);
    if (saved === 0) continue;
    it(`${spec.name}: a rollback brings its ${saved} registers back, by its own sequence`, async () => {
      assert.equal(method, 'sequence');
      const board = await bench.reopen();
      assert.equal(await verifyRestore(board, spec), true);
    });
  }
});
