import assert from 'node:assert/strict';
import { bytesOf, helloRecord, STATUS } from '../rp2040/frame.js';
import { define, FLAGS, ops, powered, type Block, type Powered } from './board.js';

const TRANSACTIONS = 1;

describe('firmware/atmega328p: what the host may reach', () => {
  let board: Powered;
  before(async () => void (board = await powered()));
  after(() => board.uno.dispose());

  const statusOf = async (block: Block): Promise<number> => (await board.run([define(block)])).status;

  it('are the blocks that drivers use', async () => {
    const blocks: [name: string, address: number, size: number][] = [
      ['GTCCR, timer 0', 0x43, 6],
      ['SPSR, SPDR', 0x4d, 2],
      ['EECR to EEARH', 0x3f, 4],
      ['ADCSRB to DIDR1', 0x7b, 5],
      ['timer 1', 0x80, 12],
      ['timer 2', 0xb0, 5],
      ['TWBR to TWDR', 0xb8, 4],
    ];
    for (const [name, address, size] of blocks) assert.equal(await statusOf({ address, size }), STATUS.ok, name);
  });

  it('are parts of registers that others share', async () => {
    const parts: [name: string, address: number, mask: number][] = [
      ['DDRB without the pins of the crystal', 0x24, 0x3f],
      ['PORTC without the reset pin', 0x28, 0x3f],
      ['PORTD without the serial line', 0x2b, 0xfc],
      ['SPCR without SPIE', 0x4c, 0x7f],
      ['PRR without USART0', 0x64, 0xed],
      ['ADCSRA without ADIE', 0x7a, 0xf7],
      ['TWCR without TWIE', 0xbc, 0xfe],
    ];
    for (const [name, address, mask] of parts) {
      assert.equal(await statusOf({ address, mask }), STATUS.ok, name);
      assert.equal(await statusOf({ address }), STATUS['not-allowed'], `all of it: ${name}`);
    }
  });

  it('are, to be looked at only, the results of the converter', async () => {
    assert.equal(await statusOf({ address: 0x78, size: 2, mask: 0, flags: FLAGS.read }), STATUS.ok);
    assert.equal(await statusOf({ address: 0x78, size: 2 }), STATUS['not-allowed']);
  });

  it('are not what the firmware lives on, nor what enables an interrupt', async () => {
    const addresses: [name: string, address: number][] = [
      ['r0', 0x00],
      ['GPIOR0', 0x3e],
      ['ACSR', 0x50],
      ['SMCR', 0x53],
      ['MCUSR', 0x54],
      ['MCUCR', 0x55],
      ['SPMCSR', 0x57],
      ['SPL', 0x5d],
      ['SREG', 0x5f],
      ['WDTCSR', 0x60],
      ['CLKPR', 0x61],
      ['OSCCAL', 0x66],
      ['PCICR', 0x68],
      ['EIMSK', 0x3d],
      ['TIMSK0', 0x6e],
      ['TIMSK2', 0x70],
      ['ASSR', 0xb6],
      ['UCSR0A', 0xc0],
      ['UDR0', 0xc6],
      ['the first byte of RAM', 0x100],
      ['the last byte of RAM', 0x8ff],
    ];
    for (const [name, address] of addresses) {
      assert.equal(await statusOf({ address }), STATUS['not-allowed'], name);
      assert.equal(await statusOf({ address, mask: 0, flags: FLAGS.read }), STATUS['not-allowed'], `${name}, to read`);
    }
  });

  it('is not what an address, a width or a mask of more bits would be', async () => {
    assert.equal(await statusOf({ address: 0x10024, mask: 0x3f }), STATUS['not-allowed']);
    assert.equal(await statusOf({ address: 0x84, size: 2, width: 1 }), STATUS['not-allowed']);
    assert.equal(await statusOf({ address: 0x84, mask: 0x1ff }), STATUS['malformed-op']);
    const wide = define({ address: 0x84 }, 0x10001);
    assert.equal((await board.run([wide])).status, STATUS['out-of-bounds']);
  });

  it('is told apart from what the image leaves out: features, and ops that are unknown', async () => {
    assert.equal(board.hello.body.getUint16(0, true), TRANSACTIONS);
    assert.deepEqual([helloRecord(board.hello).board, helloRecord(board.hello).frameMax], [2, 160]);
    await board.run([define({ address: 0x47 })]);
    for (const name of ['snapshot', 'restore', 'transfer', 'query', 'watch', 'events'] as const)
      assert.equal((await board.run([ops[name]])).status, STATUS['unknown-op'], name);
    for (const width of [1, 2])
      assert.equal((await board.run([ops.readWide(width)])).status, STATUS['unknown-op'], `width ${width}`);
    for (const name of ['savepoint', 'release', 'revert'] as const)
      assert.equal((await board.run([ops.begin, ops[name]], 7)).status, STATUS['unknown-op'], name);
    assert.equal(await statusOf({ address: 0x47, flags: FLAGS.both | FLAGS.journal }), STATUS['malformed-op']);
    assert.equal(bytesOf(await board.run([ops.read])).length, 1, 'what was defined before is still there');
  });
});
