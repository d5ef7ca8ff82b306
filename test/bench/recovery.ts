import { performance } from 'node:perf_hooks';
import { pico } from '../../peripherals/rp2040/index.js';
import { EntryPointError, open } from '../../runtime/index.js';
import { webUsb } from '../../transports/webusb.js';
import { Servo } from '../../examples/servo-driver.js';
import { picoBoard } from '../emulated.js';
import { row, type Row } from './report.js';

/**
 * What a failed call costs until the next one can run: a rollback, against what one does without it, a restart (unplug,
 * enumerate, open a session, set the driver up). In emulated time, which leaves the host's own work out, and in wall time.
 */
export async function measureRecovery(): Promise<Row[]> {
  const bench = await picoBoard();
  const { emulated, board } = bench;
  const servo = new Servo(board, 2);
  await servo.angle(90);
  // A first failure, so that both sides are warm.
  await servo.angle(99_999).catch(() => {});

  const rollback = { nanos: emulated.chip.nanos, wall: performance.now() };
  const error: unknown = await servo.angle(99_999).catch((reason: unknown) => reason);
  if (!(error instanceof EntryPointError) || error.rollback.outcome !== 'restored')
    throw new Error('no rollback was measured');
  const rollbackUs = (emulated.chip.nanos - rollback.nanos) / 1000;
  const rollbackMs = performance.now() - rollback.wall;

  const restart = { nanos: emulated.chip.nanos, wall: performance.now() };
  await emulated.unplug({ power: 'lost' });
  const again = await open(webUsb(await emulated.plug(), emulated.environment), pico);
  await new Servo(again, 2).angle(90);
  const restartUs = (emulated.chip.nanos - restart.nanos) / 1000;
  const restartMs = performance.now() - restart.wall;
  await again.close();
  await bench.dispose();

  return [
    row('recovery/rollback', rollbackUs, 'us emulated'),
    row('recovery/restart', restartUs, 'us emulated'),
    row('recovery/rollback-over-restart', rollbackUs / restartUs, 'ratio', 0.05),
    row('recovery/rollback-over-restart-wall', rollbackMs / restartMs, 'ratio'),
  ];
}
