type Listener = (this: USB, event: USBConnectionEvent) => void;

/** What `connect` and `disconnect` carry. */
export class EmulatedConnectionEvent extends Event implements USBConnectionEvent {
  readonly device: USBDevice;

  constructor(type: 'connect' | 'disconnect', device: USBDevice) {
    super(type);
    this.device = device;
  }
}

/** A `navigator.usb` that tells of devices coming and going, in Node as in browsers. */
export abstract class ConnectionEvents extends EventTarget implements USB {
  onconnect: Listener | null = null;
  ondisconnect: Listener | null = null;

  abstract getDevices(): Promise<USBDevice[]>;
  abstract requestDevice(options?: USBDeviceRequestOptions): Promise<USBDevice>;

  override addEventListener(
    type: 'connect' | 'disconnect',
    listener: Listener,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(type: string, listener: unknown, options?: boolean | AddEventListenerOptions): void {
    super.addEventListener(type, listener as EventListener | null, options);
  }

  override removeEventListener(
    type: 'connect' | 'disconnect',
    listener: Listener,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(type: string, listener: unknown, options?: boolean | EventListenerOptions): void {
    super.removeEventListener(type, listener as EventListener | null, options);
  }

  protected dispatch(type: 'connect' | 'disconnect', device: USBDevice): void {
    const event = new EmulatedConnectionEvent(type, device);
    this.dispatchEvent(event);
    if (type === 'connect') this.onconnect?.(event);
    else this.ondisconnect?.(event);
  }
}
