import assert from 'node:assert/strict';
import {
  OverlayError,
  readSvd,
  SvdError,
  writeModule,
  type SvdRegister,
} from '../../../../runtime/registers/svd/index.js';

/** The text of an SVD file around `<peripherals>`; `head` stands above them. */
export const device = (peripherals: string, head = ''): string =>
  `<device><name>CHIP</name><version>1.0</version>${head}<peripherals>${peripherals}</peripherals></device>`;

/** A device with one peripheral TIM at 0x1000. */
export const timer = (registers: string, head = ''): string =>
  device(`<peripheral><name>TIM</name><baseAddress>0x1000</baseAddress>${head}
<registers>${registers}</registers></peripheral>`);

/** A device with one register TIM.CTRL at 0x1004. */
export const control = (inside: string): string =>
  timer(`<register><name>CTRL</name><addressOffset>4</addressOffset>${inside}</register>`);

/** A device with one field TIM.CTRL.MODE in bits 4 to 6. */
export const mode = (inside: string): string =>
  control(`<fields><field><name>MODE</name><bitRange>[6:4]</bitRange>${inside}</field></fields>`);

/** All registers of the first peripheral. */
export const registersOf = (text: string): readonly SvdRegister[] => readSvd(text).peripherals[0]!.registers;

/** The only register, or the first one. */
export const registerOf = (text: string): SvdRegister => registersOf(text)[0]!;

/** The module without its first comment. */
export const moduleOf = (text: string): string =>
  writeModule(readSvd(text), { file: 'chip.svd' }).replace(/^\/\*\*.*?\*\/\n/s, '');

/** The definition in the module, without its imports. */
export const definitionOf = (text: string): string => moduleOf(text).replace(/^import .*\n\n/, '');

/** Checks that the text is refused, with these words and at this place. */
export function refused(run: () => unknown, words: RegExp, place: { line?: number; path?: string } = {}): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof SvdError, String(error));
    assert.equal(error.code, 'bad-svd');
    assert.match(error.message, words);
    if (place.line !== undefined) assert.equal(error.line, place.line);
    if (place.path !== undefined) assert.equal(error.path, place.path);
    return true;
  });
}

/** Checks that an overlay is refused, with these words. */
export function overlayRefused(run: () => unknown, words: RegExp): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof OverlayError, String(error));
    assert.equal(error.code, 'bad-overlay');
    assert.match(error.message, words);
    return true;
  });
}
