export { virtualEnvironment, type VirtualEnvironment } from '../transports/virtual-environment.js';
