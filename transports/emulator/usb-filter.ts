/** Whether a device is one that a `USBDeviceFilter` asks for (WebUSB, "matches a device filter"). */
export function matches(device: USBDevice, filter: USBDeviceFilter): boolean {
  const { vendorId, productId, serialNumber, classCode, subclassCode, protocolCode } = filter;
  const classes = [
    [device.deviceClass, device.deviceSubclass, device.deviceProtocol],
    ...device.configurations.flatMap(({ interfaces }) =>
      interfaces.flatMap(({ alternates }) =>
        alternates.map((each) => [each.interfaceClass, each.interfaceSubclass, each.interfaceProtocol]),
      ),
    ),
  ];
  return (
    (vendorId === undefined || vendorId === device.vendorId) &&
    (productId === undefined || productId === device.productId) &&
    (serialNumber === undefined || serialNumber === device.serialNumber) &&
    classes.some(
      ([code, subclass, protocol]) =>
        (classCode === undefined || classCode === code) &&
        (subclassCode === undefined || subclassCode === subclass) &&
        (protocolCode === undefined || protocolCode === protocol),
    )
  );
}
