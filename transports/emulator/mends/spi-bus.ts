import type { SpiTarget } from '../bus-targets.js';

interface Place {
  readonly target: SpiTarget;
  readonly pin: number;
  selected: boolean;
}

/** The wires of an SPI bus with the targets on them. It outlives the chip in front of it. */
export class SpiBus {
  /** The level of a pin now; the chip in front of the bus says it. */
  level: (pin: number) => boolean = () => true;
  readonly #places = new Set<Place>();

  /** Puts a target on the bus that is selected while a pin is low; returns what takes it off again. */
  connect(chipSelectPin: number, target: SpiTarget): () => void {
    const place = { target, pin: chipSelectPin, selected: false };
    this.#places.add(place);
    this.#look(place);
    return () => void this.#places.delete(place);
  }

  pinChanged(pin: number): void {
    for (const place of this.#places) if (place.pin === pin) this.#look(place);
  }

  /** One byte each way. While nobody is selected the pull-down of the pin is what is read. */
  transfer(byte: number): number {
    let answer = 0;
    for (const place of this.#places) {
      this.#look(place);
      if (place.selected) answer |= place.target.transfer(byte);
    }
    return answer & 0xff;
  }

  #look(place: Place): void {
    const selected = !this.level(place.pin);
    if (selected === place.selected) return;
    place.selected = selected;
    place.target.select(selected);
  }
}
