/** What the packages lack: the types of CHIRIMEN's drivers, as their source says, and what they need of a port. */

interface ChirimenDevice {
  readonly address: number;
  write8(register: number, value: number): Promise<void>;
  write16(register: number, value: number): Promise<void>;
  read16(register: number): Promise<number>;
  writeBytes(bytes: number[]): Promise<void>;
  readBytes(length: number): Promise<Uint8Array>;
}

interface ChirimenPort {
  open(address: number): Promise<ChirimenDevice>;
}

declare module '@chirimen/ads1015' {
  export default class ADS1015 {
    i2cPort: ChirimenPort;
    slaveAddress: number;
    i2cSlave: ChirimenDevice | null;
    constructor(i2cPort: ChirimenPort, slaveAddress: number);
    init(): Promise<void>;
    read(channel: number): Promise<number>;
  }
}

declare module '@chirimen/pca9685' {
  export default class PCA9685 {
    i2cPort: ChirimenPort;
    slaveAddress: number;
    i2cSlave: ChirimenDevice | null;
    minPulse: number | null;
    maxPulse: number | null;
    angleRange: number | null;
    constructor(i2cPort: ChirimenPort, slaveAddress: number);
    init(minPulse?: number, maxPulse?: number, angleRange?: number, noSetZero?: boolean): Promise<void>;
    setServo(servoPort: number, angle: number): Promise<void>;
    sleep(ms: number): Promise<void>;
  }
}

declare module '@chirimen/sht30' {
  export default class SHT30 {
    i2cPort: ChirimenPort;
    slaveAddress: number;
    i2cSlave: ChirimenDevice | null;
    constructor(i2cPort: ChirimenPort, slaveAddress?: number);
    init(): Promise<void>;
    readData(): Promise<{ humidity: number; temperature: number }>;
  }
}
