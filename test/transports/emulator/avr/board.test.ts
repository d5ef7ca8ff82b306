import assert from 'node:assert/strict';
import { emulatedUno, type EmulatedUno } from '../../../../transports/emulator/index.js';
import { virtualEnvironment } from '../../../../transports/virtual-environment.js';
import { programOf, sleeper } from './sleeper.js';

const MCUSR = 0x54;
const WDTCSR = 0x60;
const GPIOR0 = 0x3e;
const RAM = 0x0200;
const [PORF, EXTRF, WDRF] = [1, 2, 8];
const WDCE = 0x10;
const WDE = 0x08;

describe('The emulated Uno', () => {
  let uno: EmulatedUno;

  const silent = { bytes: (): void => {}, lost: (): void => {} };
  const causes = (): string[] => {
    const seen: string[] = [];
    uno.chip.onReset((cause) => seen.push(cause));
    return seen;
  };

  describe('that sleeps', () => {
    beforeEach(() => (uno = sleeper()));
    afterEach(() => uno.dispose());

    it('lets no time pass by itself', async () => {
      const before = uno.chip.nanos;
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(uno.chip.nanos, before);
      uno.advance(7);
      assert.equal(uno.chip.nanos, before + 7e6);
    });

    it('keeps its memory over a reset, and nothing but flash and EEPROM without power', () => {
      uno.chip.write8(RAM, 0x5a);
      uno.chip.write8(GPIOR0, 1);
      uno.pressReset();
      uno.advance(1);
      assert.deepEqual([uno.chip.read8(RAM), uno.chip.read8(GPIOR0)], [0x5a, 0]);
      assert.equal(uno.chip.read8(MCUSR), PORF | EXTRF);
      const random = Array.from({ length: 8 }, (_, at) => uno.chip.read8(RAM + at));
      uno.unplug();
      uno.plug();
      assert.notDeepEqual(
        Array.from({ length: 8 }, (_, at) => uno.chip.read8(RAM + at)),
        random,
      );
      assert.equal(uno.chip.read8(MCUSR), PORF);
    });

    it('is restarted by DTR when its port is opened, and not where DTR was left high', async () => {
      const seen = causes();
      const first = await uno.serialPort(silent);
      await first.close();
      const second = await uno.serialPort(silent, { hupcl: false });
      await second.close();
      assert.deepEqual(seen, ['reset-pin', 'reset-pin']);
      await uno.serialPort(silent);
      assert.deepEqual(seen, ['reset-pin', 'reset-pin']);
    });

    it('has one port, which is lost with the cable', async () => {
      let lost: unknown;
      const port = await uno.serialPort({ ...silent, lost: (cause) => (lost = cause) });
      await assert.rejects(uno.serialPort(silent), { code: 'device-busy' });
      uno.unplug({ power: 'kept' });
      assert.equal((lost as { code: string }).code, 'device-lost');
      await assert.rejects(port.write(Uint8Array.of(1)), { code: 'link-closed' });
      await assert.rejects(uno.serialPort(silent), { code: 'device-not-found' });
      assert.equal(uno.chip.powered, true);
    });

    it('is reset by its watchdog, which is then on', () => {
      uno.chip.write8(WDTCSR, WDCE | WDE);
      uno.chip.write8(WDTCSR, WDE | 3);
      const seen = causes();
      uno.advance(124);
      assert.deepEqual(seen, []);
      uno.advance(6);
      assert.deepEqual(seen, ['watchdog']);
      assert.equal(uno.chip.read8(MCUSR), PORF | WDRF);
      uno.advance(17);
      assert.deepEqual(seen, ['watchdog', 'watchdog'], 'after 16 ms again');
    });

    it('lets the watchdog be changed in four cycles, and turned off when WDRF is cleared', () => {
      uno.chip.write8(WDTCSR, WDE);
      uno.chip.write8(WDTCSR, 0);
      assert.equal(uno.chip.read8(WDTCSR), WDE);
      uno.advance(17);
      uno.chip.write8(WDTCSR, WDCE | WDE);
      uno.chip.write8(WDTCSR, 0);
      assert.equal(uno.chip.read8(WDTCSR), WDE, 'WDRF forces it');
      uno.chip.write8(MCUSR, 0);
      uno.chip.write8(WDTCSR, WDCE | WDE);
      uno.chip.write8(WDTCSR, 0);
      assert.equal(uno.chip.read8(WDTCSR), 0);
    });
  });

  it('wakes from `sei; sleep` though the interrupt was pending before', () => {
    // ldi r16, 1; out SMCR, r16; sts TIMSK0, r16; out TCCR0B, r16; 300 times nop; sei; sleep; ldi r17, 7; sts 0x0200, r17; rjmp .
    const start = [0xe001, 0xbf03, 0x9300, 0x006e, 0xbd05, ...Array<number>(300).fill(0), 0x9478, 0x9588];
    const end = [0xe017, 0x9310, RAM, 0xcfff];
    const program = [0xc03f, ...Array<number>(63).fill(0), ...start, ...end];
    // The vector of TIMER0_OVF: reti.
    program[0x20] = 0x9518;
    uno = emulatedUno({ image: programOf(program), environment: virtualEnvironment() });
    uno.plug();
    uno.advance(1);
    assert.equal(uno.chip.read8(RAM), 7);
    uno.dispose();
  });

  it('refuses an image that its flash does not hold', () => {
    const options = { image: new Uint8Array(32769), environment: virtualEnvironment() };
    assert.throws(() => emulatedUno(options), /32768 bytes of flash, and the image 32769/);
  });
});
