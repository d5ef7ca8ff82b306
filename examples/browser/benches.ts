/** What can be tried out: each driver, what it needs on the board, and the calls that a form is made for. */
import { I2cBus, pico, pwmOf } from '../../peripherals/rp2040/index.js';
import type { Board, Driver, PeripheralSpec } from '../../runtime/index.js';
import { tmp102 } from '../thermometer-driver.js';
import { Servo, Thermometer } from './drivers.js';

export type Pico = Board<(typeof pico)['peripherals']>;

/** One argument of a call, as a number field. */
export interface Parameter {
  readonly label: string;
  readonly unit: string;
  readonly value: number;
  readonly step: number;
}

/** An entry point that the page can call. */
export interface Call {
  /** The name of the method. */
  readonly name: string;
  readonly about: string;
  readonly parameters: readonly Parameter[];
  /** Inline it would take the page along. */
  readonly workerOnly?: true;
  readonly run: (...values: number[]) => Promise<unknown>;
}

export interface DriverAtWork {
  readonly driver: Driver;
  /** The state of the driver, to look at. */
  state(): Readonly<Record<string, unknown>>;
  /** The peripherals that the driver uses. */
  readonly peripherals: readonly PeripheralSpec[];
  readonly calls: readonly Call[];
}

export interface Bench {
  readonly id: string;
  readonly title: string;
  start(board: Pico): Promise<DriverAtWork>;
}

const GPIO = 2;
export const THERMOMETER = { index: 0, target: 0x48 } as const;

const degrees = (value: number): Parameter => ({ label: 'Angle', unit: '°', value, step: 1 });
const celsius = (label: string, value: number): Parameter => ({ label, unit: '°C', value, step: 0.5 });

const servo: Bench = {
  id: 'servo',
  title: `Servo on GPIO ${GPIO}`,
  async start(board) {
    const driver = new Servo(board, GPIO);
    return {
      driver,
      state: () => ({ degrees: driver.degrees, moves: driver.moves.length }),
      peripherals: [pico.peripherals.pin[GPIO]!, pico.peripherals.pwm.ch[pwmOf(GPIO).slice]!],
      calls: [
        {
          name: 'angle',
          about: 'Turns the servo. 12345° makes a pulse that no register holds: the call fails half-way.',
          parameters: [degrees(90), { label: 'Pulses', unit: 'Hz', value: 50, step: 1 }],
          run: (angle, hertz) => driver.angle(angle, hertz),
        },
        {
          name: 'angleThenWait',
          about: 'Turns the servo, then waits for what never comes. Its deadline is 800 ms.',
          parameters: [degrees(45)],
          run: (angle) => driver.angleThenWait(angle),
        },
        {
          name: 'angleThenLoop',
          about: 'Turns the servo, then loops for ever. Only a worker can be stopped in that.',
          parameters: [degrees(45)],
          workerOnly: true,
          run: (angle) => driver.angleThenLoop(angle),
        },
      ],
    };
  },
};

const thermometer: Bench = {
  id: 'thermometer',
  title: 'TMP102 thermometer on I²C 0 (GPIO 4 and 5)',
  async start(board) {
    await new I2cBus(board, THERMOMETER.index).start({ sda: 4, scl: 5, hz: 400_000 });
    const driver = new Thermometer(board, THERMOMETER);
    return {
      driver,
      state: () => ({ alarm: driver.alarm ? `${driver.alarm.low} to ${driver.alarm.high} °C` : 'none' }),
      peripherals: [tmp102(THERMOMETER)],
      calls: [
        {
          name: 'guard',
          about: 'Sets both alarm limits. Fails, and sets neither, where it is warmer or colder already.',
          parameters: [celsius('From', 10), celsius('To', 30)],
          run: (low, high) => driver.guard(low, high),
        },
        {
          name: 'celsius',
          about: 'Reads the temperature. A call that only reads has nothing to undo.',
          parameters: [],
          run: () => driver.celsius(),
        },
      ],
    };
  },
};

export const benches: readonly Bench[] = [servo, thermometer];
