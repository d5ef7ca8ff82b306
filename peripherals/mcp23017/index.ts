/** Microchip MCP23017: sixteen pins, on I²C. */
export { mcp23017, mcp23017Port, type Mcp23017PortRegisters, type Mcp23017Registers } from './definition.js';
export { Mcp23017, Mcp23017Port, type Event, type InterruptPins } from './driver.js';
