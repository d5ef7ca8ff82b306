import type { DeviceDescription } from './usb-enumeration.js';

/** What changes while a device is in use. */
export interface InterfaceState {
  isClaimed(configuration: number, interfaceNumber: number): boolean;
  alternateOf(configuration: number, interfaceNumber: number): number;
}

/** The configurations as WebUSB shows them: plain objects, with `claimed` and `alternate` up to date at every look. */
export function configurationsOf(
  { configurations, strings }: DeviceDescription,
  state: InterfaceState,
): USBConfiguration[] {
  return configurations.map(({ value, name, alternates }) => {
    const numbers = [...new Set(alternates.map(({ interfaceNumber }) => interfaceNumber))];
    const interfaces = numbers.map((interfaceNumber): USBInterface => {
      const settings = alternates
        .filter((alternate) => alternate.interfaceNumber === interfaceNumber)
        .map((alternate): USBAlternateInterface => ({
          alternateSetting: alternate.alternateSetting,
          interfaceClass: alternate.interfaceClass,
          interfaceSubclass: alternate.interfaceSubclass,
          interfaceProtocol: alternate.interfaceProtocol,
          interfaceName: strings.get(alternate.name) ?? null,
          endpoints: alternate.endpoints.flatMap(({ endpointNumber, direction, type, packetSize }) =>
            type === 'control' ? [] : [{ endpointNumber, direction, type, packetSize }],
          ),
        }));
      return {
        interfaceNumber,
        alternates: settings,
        get alternate() {
          const selected = state.alternateOf(value, interfaceNumber);
          return settings.find(({ alternateSetting }) => alternateSetting === selected) ?? settings[0]!;
        },
        get claimed() {
          return state.isClaimed(value, interfaceNumber);
        },
      };
    });
    return { configurationValue: value, configurationName: strings.get(name) ?? null, interfaces };
  });
}
