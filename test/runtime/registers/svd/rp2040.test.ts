import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gpioPin } from '../../../../peripherals/rp2040/gpio.js';
import { pwmSlice } from '../../../../peripherals/rp2040/pwm.js';
import {
  fieldMask,
  saveEntry,
  type FieldSpec,
  type PeripheralSpec,
  type RegisterSpec,
} from '../../../../runtime/registers/definition.js';
import { hex } from '../../../../runtime/hex.js';
import { applyOverlay, readOverlay, readSvd, writeModule } from '../../../../runtime/registers/svd/index.js';

/** The chip maker's own register description. It is not part of this repository: without it these tests are skipped. */
const SVD_FILE =
  process.env.FGFT_RP2040_SVD ?? fileURLToPath(new URL('../../../../../shared/data/RP2040.svd', import.meta.url));
const OVERLAY_FILE = fileURLToPath(new URL('rp2040-overlay.json', import.meta.url));
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

type Module = Readonly<Record<string, PeripheralSpec>>;

const program = (name: string): string => join(ROOT, 'node_modules/.bin', name);

function typeCheck(folder: string): void {
  const options = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: {
      paths: { fgft: [join(ROOT, 'runtime/index.ts')] },
      typeRoots: [join(ROOT, 'node_modules/@types')],
      types: ['w3c-web-usb'],
    },
    files: ['chip.ts'],
    include: [],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  try {
    execFileSync(program('tsc'), ['-p', folder], { timeout: 60_000, encoding: 'utf8' });
  } catch (error) {
    assert.fail((error as { stdout?: string }).stdout?.slice(0, 2000) ?? String(error));
  }
}

describe('The definitions imported from the SVD file of the RP2040', function () {
  this.timeout(70_000);
  let folder: string;
  let text: string;
  let chip: Module;

  before(async function () {
    if (!existsSync(SVD_FILE)) this.skip();
    folder = mkdtempSync(join(realpathSync(tmpdir()), 'fgft-svd-'));
    const device = applyOverlay(
      readSvd(readFileSync(SVD_FILE, 'utf8')),
      readOverlay(readFileSync(OVERLAY_FILE, 'utf8')),
    );
    text = writeModule(device, { file: 'RP2040.svd', overlay: 'rp2040-overlay.json' });
    const library = pathToFileURL(join(ROOT, 'runtime/index.ts')).href;
    writeFileSync(join(folder, 'chip.ts'), text);
    writeFileSync(join(folder, 'loaded.mts'), text.replace("from 'fgft'", `from '${library}'`));
    chip = (await import(pathToFileURL(join(folder, 'loaded.mts')).href)) as Module;
  });

  after(() => {
    if (folder) rmSync(folder, { recursive: true });
  });

  it('are all of its peripherals that have registers', () => {
    const source = readFileSync(SVD_FILE, 'utf8');
    const described = source.match(/<peripheral[ >]/g)!.length;
    // SPARE_IRQ has none.
    assert.equal(Object.keys(chip).length, described - 1);
    assert.deepEqual(
      Object.entries(chip).map(([name]) => name),
      Object.values(chip).map(({ name }) => name),
    );
    const registers = Object.values(chip).flatMap((each) => Object.keys(each.registers)).length;
    // UART1, SPI1, I2C1, PIO1 and PLL_USB repeat what the file says of the first of their kind.
    const repeated = ['uart1', 'spi1', 'i2c1', 'pio1', 'pllUsb'].flatMap((name) => Object.keys(chip[name]!.registers));
    assert.equal(registers, source.match(/<register>/g)!.length + repeated.length);
  });

  it('pass the type checker', () => {
    typeCheck(folder);
  });

  it('are formatted as this project is', () => {
    copyFileSync(join(ROOT, '.oxfmtrc.json'), join(folder, '.oxfmtrc.json'));
    execFileSync(program('oxfmt'), ['--check', 'chip.ts'], { cwd: folder, timeout: 60_000, stdio: 'pipe' });
  });

  /** What a hand-written register is called in the file. */
  const PAIRS: readonly (readonly [PeripheralSpec, Readonly<Record<string, string>>])[] = [
    ...Array.from({ length: 8 }, (_, slice): readonly [PeripheralSpec, Readonly<Record<string, string>>] => [
      pwmSlice(slice),
      Object.fromEntries(['CSR', 'DIV', 'CTR', 'CC', 'TOP'].map((name) => [name, `pwm.CH${slice}_${name}`])),
    ]),
    ...Array.from({ length: 30 }, (_, pin): readonly [PeripheralSpec, Readonly<Record<string, string>>] => [
      gpioPin(pin),
      { STATUS: `ioBank0.GPIO${pin}_STATUS`, CTRL: `ioBank0.GPIO${pin}_CTRL`, PAD: `padsBank0.GPIO${pin}` },
    ]),
  ];

  const bitsOf = ({ fields }: RegisterSpec): string[] =>
    Object.values<FieldSpec>(fields ?? {})
      .map((each) => `${hex(fieldMask(each))} ${each.access ?? ''}`)
      .sort();

  it('agree with the hand-written ones in addresses, access, reset values and bits', () => {
    for (const [byHand, names] of PAIRS)
      for (const [name, path] of Object.entries(names)) {
        const [peripheral, register] = path.split('.') as [string, string];
        const expected = byHand.registers[name]!;
        const found = chip[peripheral]!.registers[register]!;
        assert.deepEqual(
          { ...found, reset: found.reset ?? 0, fields: bitsOf(found) },
          {
            address: expected.address,
            access: expected.access,
            reset: expected.reset ?? 0,
            fields: bitsOf(expected),
          },
          `${byHand.name}.${name}`,
        );
      }
  });

  it('agree with the hand-written ones on what a checkpoint keeps', () => {
    for (const [byHand, names] of PAIRS) {
      const saved = new Map(byHand.save.map(saveEntry).map((each) => [each.register, each]));
      for (const [name, path] of Object.entries(names)) {
        const [peripheral, register] = path.split('.') as [string, string];
        const found = chip[peripheral]!.save.map(saveEntry).find((each) => each.register === register);
        assert.equal(found?.volatile, saved.get(name)?.volatile, path);
        assert.equal(found !== undefined, saved.has(name), path);
      }
    }
  });

  it('agree with the hand-written ones on the bits that pins and slices share', () => {
    const registerAt = (address: number): RegisterSpec | undefined =>
      Object.values(chip)
        .flatMap((each) => Object.values(each.registers))
        .find((each) => each.address === address);
    for (const [byHand, names] of PAIRS)
      for (const [name, register] of Object.entries(byHand.registers))
        if (!(name in names))
          assert.equal(registerAt(register.address)?.access, register.access, `${byHand.name}.${name}`);
  });

  it('keep what acts on a read out of every checkpoint', () => {
    const acting = [
      ['uart0.UARTDR', 'fifo'],
      ['spi1.SSPDR', 'fifo'],
      ['i2c0.IC_DATA_CMD', 'fifo'],
      ['i2c1.IC_CLR_INTR', 'rc'],
      ['ssi.DR0', 'fifo'],
      ['ssi.TXOICR', 'rc'],
      ['adc.FIFO', 'fifo'],
      ['pio0.RXF3', 'fifo'],
      ['sio.FIFO_RD', 'fifo'],
      ['sio.INTERP1_POP_FULL', 'rc'],
      ['timer.TIMELR', 'rc'],
      ['rtc.RTC_0', 'rc'],
      ['dma.CHAN_ABORT', 'w1s'],
      ['busctrl.PERFCTR0', 'write-once'],
    ] as const;
    for (const [path, access] of acting) {
      const [peripheral, register] = path.split('.') as [string, string];
      assert.equal(chip[peripheral]!.registers[register]!.access, access, path);
      assert.ok(!chip[peripheral]!.save.map(saveEntry).some((each) => each.register === register), path);
    }
  });
});
