/** What the tests of protected objects run on: an MCP23017 behind I²C, and a driver of the kind that is found on npm. */
import { mcp23017Model } from '../../../peripherals/mcp23017/model.js';
import {
  chipName,
  defineChip,
  definePeripheral,
  requestI2CAccess,
  type I2cAddress,
  type I2CAccess,
  type I2CPort,
  type I2CSlaveDevice,
} from '../../../runtime/index.js';
import { chipBench, type ChipBench } from '../../peripherals/i2c-chip.js';

export const ADDRESS = 0x20;
/** MCP23017 DS20001952, table 3-1, IOCON.BANK = 0. */
export const IODIRA = 0x00;
export const GPPUA = 0x0c;
export const OLATA = 0x14;
const byte = { access: 'rw', width: 8 } as const;

const expander = defineChip(({ index, target }: I2cAddress) =>
  definePeripheral({
    name: chipName('expander', { bus: 'i2c', index, target }),
    source: 'MCP23017 DS20001952, table 3-1',
    space: { bus: 'i2c', index, target },
    registers: {
      IODIRA: { ...byte, address: IODIRA, reset: 0xff },
      IODIRB: { ...byte, address: 0x01, reset: 0xff },
      GPPUA: { ...byte, address: GPPUA },
      GPIOA: { access: 'ro', width: 8, address: 0x12 },
      OLATA: { ...byte, address: OLATA },
      OLATB: { ...byte, address: 0x15 },
    },
    save: ['OLATA', 'OLATB', 'GPPUA', 'IODIRA', 'IODIRB'],
  }),
);

/** As anybody would write it: it knows of ports and chips, and nothing of transactions. */
export class Expander {
  port: I2CPort;
  device: I2CSlaveDevice | null = null;
  level = 0;
  history: number[] = [];
  extra: unknown = undefined;

  constructor(port: I2CPort) {
    this.port = port;
  }

  async init(): Promise<void> {
    this.device = await this.port.open(ADDRESS);
    await this.device.write8(IODIRA, 0);
  }

  async set(level: number): Promise<number> {
    this.level = level;
    this.history.push(level);
    await this.device!.write8(OLATA, level);
    await this.device!.write8(GPPUA, level ^ 0xff);
    const now = await this.device!.read8(OLATA);
    if (now > 0xf0) throw new RangeError(`${now} is too much`);
    return now;
  }

  async run<T>(body: (driver: this) => Promise<T> | T): Promise<T> {
    return body(this);
  }

  read(): Promise<number> {
    return this.device!.read8(OLATA);
  }

  half(): number {
    return this.level / 2;
  }
}

export type ExpanderBench = ChipBench<ReturnType<typeof mcp23017Model>> & {
  readonly access: I2CAccess;
  readonly port: I2CPort;
};

export async function expanderBench(): Promise<ExpanderBench> {
  const bench = await chipBench(ADDRESS, () => mcp23017Model({ address: ADDRESS }));
  const access = await requestI2CAccess(bench.board, { chips: { [ADDRESS]: expander(bench.at) } });
  return { ...bench, access, port: access.ports.get(1)! };
}
