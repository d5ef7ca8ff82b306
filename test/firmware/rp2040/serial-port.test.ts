import assert from 'node:assert/strict';
import { answer, bytesOf, END, failedBy, op, PWM_CH0_CC, request, STATUS } from './frame.js';
import { openLine, type Line } from './line.js';
import { FRAMES, plugged, type Link } from './link.js';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const SET_LINE_CODING = 0x20;
const GET_LINE_CODING = 0x21;
const SET_CONTROL_LINE_STATE = 0x22;
const SEND_BREAK = 0x23;

describe('firmware/rp2040: the serial port beside the vendor interface', () => {
  let link: Link;
  let line: Line;
  beforeEach(async () => {
    link = await plugged();
    line = await openLine(link.board);
  });
  afterEach(() => {
    assert.deepEqual(link.board.warnings, []);
    link.dispose();
  });

  const BEFORE = 0x11;
  const DURING = 0x22;
  const register = (): number => link.board.read32(PWM_CH0_CC);
  /** A transaction that has changed a register, in a session that was opened over one of the two. */
  async function openTransaction(over: Pick<Line, 'hello' | 'exchange'> | Link, session: number): Promise<void> {
    link.board.write32(PWM_CH0_CC, BEFORE);
    await over.hello(session, 60_000);
    await over.exchange({ session, sequence: 1, ops: [op.define(PWM_CH0_CC)] });
    const ops = [op.begin(), op.write(DURING)];
    assert.equal((await over.exchange({ session, sequence: 2, transaction: 9, ops })).status, STATUS.ok);
    assert.equal(register(), DURING);
  }

  it('keeps the settings of its line, though nothing goes by them', async () => {
    const coding = bytes(0x80, 0x25, 0, 0, 2, 1, 7); // 9600 7O2
    assert.deepEqual(await link.control(0xa1, GET_LINE_CODING, 0, 1, 7), bytes(0x00, 0xc2, 0x01, 0, 0, 0, 8));
    assert.deepEqual(await link.control(0x21, SET_LINE_CODING, 0, 1, coding), bytes());
    assert.deepEqual(await link.control(0xa1, GET_LINE_CODING, 0, 1, 7), coding);
    for (const length of [0, 6, 8, 64, 65]) {
      assert.equal(await link.control(0x21, SET_LINE_CODING, 0, 1, new Uint8Array(length)), 'stall');
    }
    assert.deepEqual(await link.control(0xa1, GET_LINE_CODING, 0, 1, 7), coding);
    assert.deepEqual(await link.control(0x21, SEND_BREAK, 100, 1), bytes());
  });

  it('stalls its requests where they go to another interface, or before there is one', async () => {
    const requests: [type: number, code: number, data: number | Uint8Array][] = [
      [0x21, SET_LINE_CODING, new Uint8Array(7)],
      [0xa1, GET_LINE_CODING, 7],
      [0x21, SET_CONTROL_LINE_STATE, bytes()],
      [0x21, SEND_BREAK, bytes()],
    ];
    for (const [type, code, data] of requests) {
      for (const number of [0, 2, 3]) assert.equal(await link.control(type, code, 0, number, data), 'stall');
    }
    await link.control(0x00, 9, 0, 0);
    for (const [type, code, data] of requests) assert.equal(await link.control(type, code, 0, 1, data), 'stall');
  });

  const letGo = (): Promise<void> => link.device.selectAlternateInterface(0, 0);
  const take = (): Promise<void> => link.device.selectAlternateInterface(0, FRAMES);
  const helloOver = async (over: Pick<Line, 'exchange'> | Link, session: number): Promise<number> =>
    (await over.exchange({ session, sequence: 0, ops: [op.hello(1000)] })).status;

  it('answers on the link over which the request came', async () => {
    assert.equal((await line.exchange({ session: 9, sequence: 1, ops: [op.echo([1])] })).status, STATUS['no-session']);
    assert.equal((await link.exchange({ session: 9, sequence: 1, ops: [op.echo([1])] })).status, STATUS['no-session']);
    await link.hello(1);
    assert.equal((await link.exchange({ session: 1, sequence: 1, ops: [op.echo([1])] })).status, STATUS.ok);
  });

  it('refuses whoever comes over it while a program holds the vendor interface, and touches nothing', async () => {
    await openTransaction(link, 1);
    assert.equal(await helloOver(line, 2), STATUS['board-busy']);
    const stolen = { session: 1, sequence: 3, transaction: 9, ops: [op.commit()] };
    assert.equal((await line.exchange(stolen)).status, STATUS['board-busy']);
    assert.equal(register(), DURING);
    const done = await link.exchange({ session: 1, sequence: 3, transaction: 9, ops: [op.commit()] });
    assert.equal(done.status, STATUS.ok);
  });

  it('keeps the board for the program that has it open, and refuses the vendor interface', async () => {
    await letGo();
    await openTransaction(line, 1);
    await take();
    assert.equal(await helloOver(link, 2), STATUS['board-busy']);
    await letGo();
    link.board.advance(5);
    assert.equal(register(), DURING);
    const done = await line.exchange({ session: 1, sequence: 3, transaction: 9, ops: [op.commit()] });
    assert.equal(done.status, STATUS.ok);
  });

  it('gives the board to whoever comes when the program has gone that had it', async () => {
    await link.hello(1);
    await letGo();
    assert.equal(await helloOver(line, 2), STATUS.ok);
    await take();
    assert.equal(await helloOver(link, 3), STATUS['board-busy']);
    await line.port.close();
    assert.equal(await helloOver(link, 3), STATUS.ok);
  });

  it('refuses who held the board and let it go, once another one has it', async () => {
    await link.hello(1);
    await letGo();
    await line.hello(2);
    await take();
    const late = await link.exchange({ session: 1, sequence: 1, ops: [op.echo([1])] });
    assert.equal(late.status, STATUS['board-busy']);
  });

  it('rolls back what was opened over either and gives the board to whoever comes when the device is configured', async () => {
    await openTransaction(link, 1);
    await link.device.selectConfiguration(1);
    link.board.advance(1);
    assert.equal(register(), BEFORE);
    await line.port.setDtr(true);
    await openTransaction(line, 2);
    await link.device.selectConfiguration(1);
    link.board.advance(1);
    assert.equal(register(), BEFORE);
    await link.device.claimInterface(0);
    await take();
    assert.equal(await helloOver(link, 3), STATUS.ok);
  });

  it('stays with the program that has it when the bus is reset, and the system selects its setting again', async () => {
    await link.hello(1);
    await link.board.busReset();
    const again = await openLine(link.board);
    assert.equal(await helloOver(again, 2), STATUS['board-busy']);
    assert.equal((await link.exchange({ session: 1, sequence: 1, ops: [op.echo([1])] })).status, STATUS.ok);
  });

  it('rolls back what was opened over it when it is closed', async () => {
    await openTransaction(line, 5);
    await line.port.close();
    link.board.advance(1);
    assert.equal(register(), BEFORE);
    const again = await openLine(link.board);
    const late = await again.exchange({ session: 5, sequence: 3, transaction: 9, ops: [op.commit()] });
    assert.deepEqual([late.status, failedBy(late)[0]], [STATUS['no-transaction'], END['link-lost']]);
  });

  it('rolls back at once when it is closed while a frame waits for something', async () => {
    await openTransaction(line, 5);
    await line.send({ session: 5, sequence: 3, transaction: 9, ops: [op.delay(900_000)] });
    link.board.advance(2);
    await line.port.close();
    link.board.advance(2);
    assert.equal(register(), BEFORE);
  });

  it('leaves alone what was opened over the vendor interface when it is opened, closed and resynchronised', async () => {
    await openTransaction(link, 6);
    await line.resync(1);
    await line.port.close();
    const again = await openLine(link.board);
    await again.port.write(bytes(0x41, 0x54, 0x0d)); // AT, as programs do that look for modems
    await again.port.close();
    link.board.advance(5);
    assert.equal(register(), DURING);
    const done = await link.exchange({ session: 6, sequence: 3, transaction: 9, ops: [op.commit()] });
    assert.equal(done.status, STATUS.ok);
  });

  it('does not interrupt a frame of the vendor interface by a resync, nor is it interrupted by one', async () => {
    await link.hello(7);
    const coming = link.exchange({ session: 7, sequence: 1, ops: [op.delay(20_000)] });
    link.board.advance(2);
    await line.resync(1);
    assert.equal((await coming).status, STATUS.ok);
    await letGo();
    await line.hello(8);
    await take();
    const coming2 = line.exchange({ session: 8, sequence: 1, ops: [op.delay(20_000)] });
    link.board.advance(2);
    await link.resync();
    assert.equal((await coming2).status, STATUS.ok);
  });

  it('does not disturb answers that the other host has not taken yet', async () => {
    await link.hello(9);
    const texts = [Array.from({ length: 200 }, (_, i) => i), [1, 2, 3]];
    for (const [i, text] of texts.entries()) {
      await link.send(request({ session: 9, sequence: i + 1, ops: [op.echo(text)] }));
    }
    link.board.advance(5);
    for (let i = 0; i < 40; i++) {
      const { status } = await line.exchange({ session: 10, sequence: i, ops: [op.hello(1000)] });
      assert.equal(status, STATUS['board-busy']);
    }
    for (const text of texts) {
      assert.deepEqual(bytesOf(answer(await link.receive())), text);
    }
  });

  it('vanishes with the device, and with a reset of the bus', async () => {
    let vanished = 0;
    const first = await openLine(link.board, () => vanished++);
    await link.board.busReset();
    assert.equal(vanished, 1);
    await assert.rejects(first.port.write(bytes(1)), { code: 'link-closed' });
    const again = await openLine(link.board, () => vanished++);
    await again.hello(12);
    await link.board.unplug();
    assert.equal(vanished, 2);
  });

  it('opens on a device that nobody has configured, and works through suspend and resume', async () => {
    await link.board.powerCycle();
    const fresh = await openLine(link.board);
    await openTransaction(fresh, 13);
    await link.board.suspend();
    await link.board.resume();
    assert.equal(register(), BEFORE);
    const late = await fresh.exchange({ session: 13, sequence: 3, transaction: 9, ops: [op.commit()] });
    assert.equal(late.status, STATUS['no-transaction']);
  });
});
