/** Registers of the ATmega328P that the emulator itself looks at: data-space addresses (datasheet 36, I/O address + 20h). */
export const IO = {
  PORTB: 0x25,
  PORTC: 0x28,
  PORTD: 0x2b,
  TIFR0: 0x35,
  TIFR1: 0x36,
  TIFR2: 0x37,
  EECR: 0x3f,
  EEDR: 0x40,
  EEARL: 0x41,
  EEARH: 0x42,
  TCCR0A: 0x44,
  OCR0B: 0x48,
  SPCR: 0x4c,
  SPSR: 0x4d,
  SPDR: 0x4e,
  SMCR: 0x53,
  MCUSR: 0x54,
  MCUCR: 0x55,
  WDTCSR: 0x60,
  PRR: 0x64,
  ADCL: 0x78,
  ADCH: 0x79,
  ADCSRA: 0x7a,
  ADCSRB: 0x7b,
  ADMUX: 0x7c,
  TCCR1A: 0x80,
  TCCR1B: 0x81,
  TCNT1: 0x84,
  ICR1: 0x86,
  OCR1A: 0x88,
  OCR1B: 0x8a,
  TCCR2A: 0xb0,
  OCR2B: 0xb4,
  TWBR: 0xb8,
  TWSR: 0xb9,
  TWAR: 0xba,
  TWDR: 0xbb,
  TWCR: 0xbc,
  TWAMR: 0xbd,
  UCSR0A: 0xc0,
  UCSR0B: 0xc1,
  UCSR0C: 0xc2,
  UBRR0L: 0xc4,
  UBRR0H: 0xc5,
  UDR0: 0xc6,
} as const;

/** Word addresses of the interrupt vectors (datasheet 12.4, table 12-6). */
export const VECTOR = {
  watchdog: 0x0c,
  timer2CompareA: 0x0e,
  timer2CompareB: 0x10,
  timer2Overflow: 0x12,
  timer1Capture: 0x14,
  timer1CompareA: 0x16,
  timer1CompareB: 0x18,
  timer1Overflow: 0x1a,
  timer0CompareA: 0x1c,
  timer0CompareB: 0x1e,
  timer0Overflow: 0x20,
  spi: 0x22,
  usartReceived: 0x24,
  usartEmpty: 0x26,
  usartSent: 0x28,
  adc: 0x2a,
  eeprom: 0x2c,
  twi: 0x30,
} as const;

/** The crystal of an Arduino Uno. */
export const CPU_HZ = 16_000_000;
export const NANOS_PER_CYCLE = 1e9 / CPU_HZ;
/** Data space: registers, I/O and 2 KB of SRAM (datasheet 8.3). */
export const SRAM_BYTES = 0x800;
export const SRAM_START = 0x100;
/** Flash, in words of 16 bits (datasheet 8.2). */
export const FLASH_WORDS = 0x4000;
