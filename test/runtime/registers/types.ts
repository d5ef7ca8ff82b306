/**
 * Types tested as code: `tsc` fails where a line below does not have the error that it announces. Nothing here is run.
 */
import type { pico } from '../../../peripherals/rp2040/index.js';
import type { Board } from '../../../runtime/open.js';
import { Driver, peripheral } from '../../../runtime/driver.js';
import { entryPoint } from '../../../runtime/entry-point.js';
import { ANY } from '../../../runtime/registers/command-spec.js';
import { definePeripheral } from '../../../runtime/registers/definition.js';
import type { Handle } from '../../../runtime/registers/handles.js';
import type { PwmSlice } from '../../../peripherals/rp2040/index.js';

type PicoBoard = Board<(typeof pico)['peripherals']>;

export async function registersAreTyped(board: PicoBoard): Promise<void> {
  const slice = board.pwm.ch[0]!;
  const pin = board.pin[2]!;

  await slice.CSR.write({ EN: true, DIVMODE: 'free-running' });
  await slice.CC.modify({ A: 1500 });
  await pin.INTR.clear({ EDGE_LOW: true });
  const mode: 'free-running' | 'gated-by-b' | 'rising-edges-of-b' | 'falling-edges-of-b' | number = (
    await slice.CSR.read()
  ).DIVMODE;
  const enabled: boolean = (await slice.CSR.read()).EN;
  void [mode, enabled];

  // @ts-expect-error a field that the register does not have
  await slice.CSR.write({ ENABLE: true });
  // @ts-expect-error a value that the field does not have
  await slice.CSR.write({ DIVMODE: 'sideways' });
  // @ts-expect-error a flag is a boolean
  await slice.CSR.write({ EN: 'yes' });
  // @ts-expect-error modify() of a write-1-to-clear register would clear flags that nobody named
  await pin.INTR.modify({ EDGE_LOW: true });
  await board.adc.CS.poll({ READY: true }, 10);
  // @ts-expect-error modify() of a write-1-to-clear flag among others would clear those that nobody named
  await board.adc.FCS.modify({ OVER: true });
  // @ts-expect-error a read-only register cannot be written
  await pin.STATUS.write({ OUTTOPAD: true });
  // @ts-expect-error a read-only field cannot be cleared
  await pin.INTR.clear({ LEVEL_LOW: true });
  // @ts-expect-error a register that the peripheral does not have
  await slice.PERIOD.read();
}

const chip = definePeripheral({
  name: 'typed',
  source: 'test',
  space: { bus: 'i2c', index: 0, target: 0x44 },
  registers: {
    DATA: { address: 0, width: 8, access: 'ro', count: 6 },
    CELLS: { address: 6, width: 8, access: 'permanent', count: 8 },
    KEY: { address: 16, width: 8, access: 'wo' },
  },
  commands: {
    CONTRAST: { bytes: [0x81, ANY], sets: 'contrast', initial: [0x7f] },
    MEASURE: { bytes: [0x2c, 0x06], reply: 6, harmless: true },
  },
  save: [],
});

export async function blocksAndCommandsAreTyped(typed: Handle<typeof chip>): Promise<void> {
  const data: Uint32Array = await typed.DATA.readBlock(0, 6);
  const measured: Uint8Array = await typed.MEASURE.ask();
  await typed.CELLS.writeBlock(0, data);
  await typed.CONTRAST.send(measured[0]!);

  // @ts-expect-error what is read-only cannot be written as a block either
  await typed.DATA.writeBlock(0, [1]);
  // @ts-expect-error one register is no block
  await typed.KEY.writeBlock(0, [1]);
  // @ts-expect-error a command without an answer
  await typed.CONTRAST.ask(1);
  // @ts-expect-error a command that the chip does not have
  await typed.INVERT.send();
}

export class Typed extends Driver {
  @peripheral accessor slice: Handle<PwmSlice>;

  constructor(board: PicoBoard) {
    super(board);
    this.slice = board.pwm.ch[0]!;
  }

  @entryPoint
  async start(duty: number): Promise<boolean> {
    await this.slice.CC.write({ A: duty });
    return true;
  }

  @entryPoint({ deadline: 100 })
  async stop(): Promise<void> {
    await this.slice.CSR.modify({ EN: false });
  }
}

export async function entryPointsKeepTheirSignatures(driver: Typed): Promise<void> {
  const started: boolean = await driver.start(3);
  void started;
  // @ts-expect-error the argument is a number
  await driver.start('3');
}
