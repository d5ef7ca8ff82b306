import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { uno } from '../../../peripherals/atmega328p/index.js';
import { compile } from '../../../runtime/registers/compile.js';
import { ownedBits, savableBits, saveEntry, type RegisterSpec } from '../../../runtime/registers/definition.js';
import { hex } from '../../../runtime/hex.js';
import { everySpec } from '../../../runtime/registers/survey.js';

/** avr-libc's register names, addresses and bits. They are not part of this repository: without them these tests are skipped. */
const HEADER = process.env.FGFT_IOM328P ?? '/usr/lib/avr/include/avr/iom328p.h';
/** `_SFR_IO8` counts from the beginning of the I/O registers (ATmega328P datasheet 8.5). */
const IO_AT = 0x20;

interface HeaderRegister {
  readonly name: string;
  /** Names of its bits; some have none. */
  readonly bits: Map<number, string>;
}

function readHeader(file: string): Map<number, HeaderRegister> {
  const registers = new Map<number, HeaderRegister>();
  let last: HeaderRegister | undefined;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const register = /^#define (\w+)\s+_SFR_(IO|MEM)8\s*\(0x([0-9A-F]+)\)/.exec(line);
    const bit = /^#define (\w+)\s+([0-7])\s*$/.exec(line);
    if (register) {
      const [, name, space, digits] = register;
      last = { name: name!, bits: new Map() };
      registers.set(Number.parseInt(digits!, 16) + (space === 'IO' ? IO_AT : 0), last);
    } else if (bit && last) last.bits.set(Number(bit[2]), bit[1]!);
  }
  return registers;
}

/** A definition of several like blocks leaves out which one it is, and its names count no bits. */
const common = (name: string): string =>
  name
    .replaceAll(/\d|_/g, '')
    .replace(/^(PORT|DDR|PIN)[BCD]$/, '$1')
    .replace(/^OCR[AB]/, 'OCR')
    .replace(/^(COM|FOC)[AB]$/, '$1')
    .replace(/^DD[BCD]$/, 'DDR');

/** Where the definition has a name of its own: by register and, if it is one's field, by field. */
const OURS: Readonly<Record<string, string>> = {
  'PIN.HIGH': 'PIN',
  'DDR.OUTPUT': 'DDR',
  'PORT.HIGH': 'PORT',
  DIDR: 'DIDR',
  'DIDR.OFF': 'ADCD',
  EEAR: 'EEARL',
  READ: 'EECR',
  WRITE: 'EECR',
  NEXT: 'EEDR',
  'TCCRB.FOCA': 'FOC',
  'TCCRB.FOCB': 'FOC',
};

/** What an ATmega328P keeps to its processor, and the firmware to itself: an allow-list lets none of it be changed. */
const OUT_OF_REACH: Readonly<Record<string, number>> = {
  SPCR: 0x80, // SPIE: no handler
  ADCSRA: 0x08, // ADIE
  TWCR: 0x01, // TWIE
  PRR: 0x12, // PRUSART0, and bit 4, which is reserved
};

const everyPeripheral = everySpec(uno.peripherals);
const everyRegister = everyPeripheral.flatMap(({ name, registers }) =>
  Object.entries<RegisterSpec>(registers).map(([register, spec]) => ({ peripheral: name, register, spec })),
);

describe('The ATmega328P definitions, against the header of avr-libc', function () {
  let header: Map<number, HeaderRegister>;

  before(function () {
    if (existsSync(HEADER)) header = readHeader(HEADER);
    else this.skip();
  });

  it('name each register as it is', () => {
    assert.ok(header.size > 80, 'the header holds the whole chip');
    for (const { peripheral, register, spec } of everyRegister) {
      const found = header.get(spec.address);
      assert.ok(found, `${peripheral}.${register} at ${hex(spec.address)}`);
      assert.equal(common(found.name), OURS[register] ?? common(register), `${peripheral}.${register}`);
    }
  });

  it('name each bit as it is', () => {
    for (const { peripheral, register, spec } of everyRegister) {
      const { bits } = header.get(spec.address)!;
      for (const [name, { bit, width }] of Object.entries(spec.fields ?? {}))
        for (let each = bit; each < bit + width; each++) {
          const found = common(bits.get(each) ?? '');
          assert.equal(found, OURS[`${register}.${name}`] ?? common(name), `${peripheral}.${register}, bit ${each}`);
        }
    }
  });

  it('are of the very timer, port or output that they are named after', () => {
    const digitAndLetter = /^(?:timer(\d)(?:\.([ab]))?|P([BCD])\d)/;
    for (const { peripheral, register, spec } of everyRegister) {
      const [, timer, output, port] = digitAndLetter.exec(peripheral) ?? [];
      const { name } = header.get(spec.address)!;
      if (timer !== undefined && register !== 'PRR')
        assert.ok(name.includes(timer), `${peripheral}.${register}: ${name}`);
      if (output !== undefined && register.startsWith('OCR'))
        assert.ok(name.includes(output.toUpperCase()), `${peripheral}.${register}: ${name}`);
      if (port !== undefined && register !== 'DIDR')
        assert.ok(name.endsWith(port), `${peripheral}.${register}: ${name}`);
    }
  });

  it('give the fields of outputs the bits of that output', () => {
    for (const { peripheral, register, spec } of everyRegister) {
      const output = /\.([ab])$/.exec(peripheral)?.[1]!.toUpperCase();
      if (output === undefined || spec.fields === undefined) continue;
      const { bits } = header.get(spec.address)!;
      for (const { bit } of Object.values(spec.fields))
        assert.match(bits.get(bit)!, new RegExp(`^(COM|FOC)\\d${output}\\d?$`), `${peripheral}.${register}`);
    }
  });

  it('own no bit twice, but where a cell of the EEPROM is seen twice, and none that is out of reach', () => {
    const owned = new Map<number, number>();
    for (const { peripheral, register, spec } of everyRegister) {
      if (peripheral === 'eeprom') continue;
      const bits = ownedBits(spec);
      const { name } = header.get(spec.address)!;
      assert.equal(bits & (owned.get(spec.address) ?? 0), 0, `${peripheral}.${register}`);
      assert.equal(bits & (OUT_OF_REACH[name] ?? 0), 0, `${peripheral}.${register}`);
      owned.set(spec.address, bits | (owned.get(spec.address) ?? 0));
    }
  });

  it('save every bit that keeps what is written, but what is data', () => {
    const notSaved = ['twi.TWDR'];
    for (const { name, registers, save } of everyPeripheral)
      for (const [register, spec] of Object.entries<RegisterSpec>(registers)) {
        if (spec.access !== 'rw' || notSaved.includes(`${name}.${register}`)) continue;
        const kept = save
          .map(saveEntry)
          .filter((each) => each.register === register)
          .reduce((bits, { mask }) => bits | (mask ?? savableBits(spec)), 0);
        assert.equal(kept, savableBits(spec), `${name}.${register}`);
      }
  });

  it('fit into a frame of the firmware', () => {
    /** 160 bytes, without header, CRC, BEGIN, and the op's own two bytes. */
    const room = 160 - 10 - 4 - 1 - 2;
    for (const spec of everyPeripheral) assert.ok(compile(spec).definition.length <= room, spec.name);
  });
});
