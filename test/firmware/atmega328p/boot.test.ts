import assert from 'node:assert/strict';
import { CAUSE, helloRecord, type Answer } from '../rp2040/frame.js';
import { define, ops, powered, type Powered } from './board.js';

const BOOTS = 15;
const BOOT_MS = 20;
const OCR0A = 0x47;
const PRR = 0x64;
const PRUSART0 = 1 << 1;

describe('firmware/atmega328p: a boot', () => {
  let board: Powered;
  beforeEach(async () => void (board = await powered()));
  afterEach(() => board.uno.dispose());

  let session = 0x3000;
  const greet = (): Promise<Answer> => board.line.hello(++session);

  it('by power is told as such', () => assert.equal(helloRecord(board.hello).cause, CAUSE['power-on']));

  it('by the pin is told as such, and forgets what was open', async () => {
    await board.run([define({ address: OCR0A }, 0xff)]);
    await board.run([ops.begin, ops.masked(0xff, 9)], 3);
    assert.equal(board.uno.chip.read8(OCR0A), 9);
    board.uno.pressReset();
    board.uno.advance(BOOT_MS);
    const hello = await greet();
    assert.equal(helloRecord(hello).cause, CAUSE.pin);
    assert.equal(helloRecord(hello).abandoned, 0);
    assert.equal(board.uno.chip.read8(OCR0A), 0);
  });

  it('by the watchdog, two seconds after the main loop got stuck, is told as such', async () => {
    await board.send([ops.delay(100_000)]);
    board.uno.advance(50);
    let cause: string | undefined;
    board.uno.chip.onReset((why) => (cause = why));
    // Without a clock the transmitter never says that it is empty.
    board.uno.chip.write8(PRR, PRUSART0);
    board.uno.advance(1900);
    assert.equal(cause, undefined);
    board.uno.advance(400);
    assert.equal(cause, 'watchdog');
    assert.equal(helloRecord(await greet()).cause, CAUSE.watchdog);
  });

  it('draws an epoch that none before it had, though RAM keeps what it held', async () => {
    const epochs = new Set([board.hello.epoch]);
    for (let boot = 1; boot < BOOTS; boot++) {
      board.uno.pressReset();
      board.uno.advance(BOOT_MS);
      epochs.add((await greet()).epoch);
    }
    assert.equal(epochs.size, BOOTS);
  });

  it('draws another epoch where RAM holds other noise', async () => {
    const other = await powered(2);
    assert.notEqual(other.hello.epoch, board.hello.epoch);
    other.uno.dispose();
  });

  it('is not what a hello is: the epoch stays', async () => {
    const [first, second] = [await greet(), await greet()];
    assert.deepEqual([first.epoch, second.epoch], [board.hello.epoch, board.hello.epoch]);
  });
});
