export { at24c32, AT24C32_BYTES, AT24C32_PAGE, type At24c32Registers } from './definition.js';
export { At24c32 } from './driver.js';
