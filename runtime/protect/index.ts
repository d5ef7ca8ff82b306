export { BIND, CallScope, type Capability } from './call-scope.js';
export { protect, type MethodName, type Protected, type ProtectPolicy } from './protect.js';
