import assert from 'node:assert/strict';
import { FLASH_ID, plugged, type Link } from './link.js';

const hex = (bytes: Uint8Array | 'stall'): string => (bytes === 'stall' ? bytes : Buffer.from(bytes).toString('hex'));
/** Bytes in hexadecimal, with spaces for the eye. */
const spelled = (text: string): string => text.replaceAll(' ', '');
const utf16 = (text: string): string => Buffer.from(text, 'utf16le').toString('hex');

describe('firmware/rp2040: descriptors', () => {
  let link: Link;
  before(async () => (link = await plugged()));
  after(() => link.dispose());

  const descriptor = (type: number, index = 0, language = 0, length = 255): Promise<Uint8Array | 'stall'> =>
    link.control(0x80, 6, (type << 8) | index, language, length);

  it('describe a composite USB 2.1 device with the test id of pid.codes', async () => {
    assert.equal(hex(await descriptor(1)), spelled('12 01 1002 ef0201 40 0912 0100 2000 010203 01'));
  });

  it('describe a vendor interface with a bulk endpoint each way in its second setting, and a serial port', async () => {
    const vendor = '0904 00 00 00 ff 46 01 04  0904 00 01 02 ff 46 01 04  0705 01 02 4000 00  0705 82 02 4000 00';
    const association = '080b 01 02 02 02 00 05';
    const functional = '0524 00 2001  0524 01 00 02  0424 02 06  0524 06 01 02';
    const control = `0904 01 00 01 02 02 00 05  ${functional}  0705 83 03 1000 10`;
    const data = '0904 02 00 02 0a 00 00 00  0705 04 02 4000 00  0705 85 02 4000 00';
    const wanted = `0902 6b00 03 01 00 80 32  ${vendor} ${association} ${control} ${data}`;
    assert.equal(hex(await descriptor(2)), spelled(wanted));
  });

  it('name the maker, the product, the two functions and, by its flash, the board', async () => {
    const english = 0x0409;
    const texts = [
      'fgft',
      'fgft RP2040',
      FLASH_ID.toString(16).toUpperCase().padStart(16, '0'),
      'fgft frames',
      'fgft serial',
    ];
    for (const language of [0, english]) assert.equal(hex(await descriptor(3, 0, language)), '04030904');
    for (const [i, text] of texts.entries()) {
      const length = (2 + 2 * text.length).toString(16).padStart(2, '0');
      assert.equal(hex(await descriptor(3, i + 1, english)), `${length}03${utf16(text)}`);
    }
    assert.equal(await descriptor(3, texts.length + 1, english), 'stall');
    assert.equal(await descriptor(3, 1, 0x0407), 'stall');
  });

  it('offer the device to WebUSB pages and announce the Microsoft descriptors', async () => {
    const webUsb = '18100500 38b60834a909a0478bfda0768815b665 0001 57 00';
    const microsoft = '1c100500 df60ddd88945c74c9cd2659d9e648a9f 00000306 b200 4d 00';
    assert.equal(hex(await descriptor(15)), spelled(`050f 3900 02 ${webUsb} ${microsoft}`));
  });

  it('bind WinUSB to the vendor interface on Windows, under an interface GUID of our own', async () => {
    const set = await link.control(0xc0, 0x4d, 0, 7, 0xb2);
    const name = utf16('DeviceInterfaceGUIDs\0');
    const guid = utf16('{B7A1F2C6-3D5E-4E0B-9C58-64E1A0D27F13}\0\0');
    const winUsb = Buffer.from('WINUSB'.padEnd(16, '\0')).toString('hex');
    const header = '0a00 0000 00000306 b200  0800 0100 00 00 a800  0800 0200 00 00 a000';
    assert.equal(hex(set), spelled(`${header} 1400 0300 ${winUsb} 8400 0400 0700 2a00 ${name} 5000 ${guid}`));
  });

  it('agree with themselves in every length that they tell', async () => {
    for (const type of [2, 15]) {
      const whole = await descriptor(type);
      assert.ok(whole !== 'stall');
      assert.equal(new DataView(whole.slice().buffer).getUint16(2, true), whole.length);
      let at = 0;
      while (at < whole.length) at += whole[at]!;
      assert.equal(at, whole.length);
    }
  });

  it('are cut to what the host asks for, and end by themselves when that is more', async () => {
    for (const length of [1, 8, 18]) assert.equal((await descriptor(1, 0, 0, length)).length, length);
    for (const length of [64, 128, 177, 178, 179, 192, 4096]) {
      assert.equal((await link.control(0xc0, 0x4d, 0, 7, length)).length, Math.min(length, 178));
    }
  });

  it('need no warning from the emulated chip', () => {
    assert.deepEqual(link.board.warnings, []);
  });
});
