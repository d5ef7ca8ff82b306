/*
 * What the ATmega328P of an Arduino Uno gives to the core (../../core/port.md): limits, the registers that the host may
 * reach, and time. Sections are those of the ATmega328P datasheet (DS40002061B).
 */
#ifndef FGFT_PORT_H
#define FGFT_PORT_H

#include <avr/io.h>
#include <avr/wdt.h>
#include <stdbool.h>
#include <stdint.h>

#include "avr_board.h"
#include "protocol.h"

/* There are two of this firmware (Makefile): AVR_FULL, 1 or 0, says which. The one of 8 KB leaves out what it can. */
enum {
    FGFT_PORT_BOARD = FGFT_BOARD_ATMEGA328P,
    FGFT_PORT_VERSION = 1L << 8,
    FGFT_PORT_FRAME_MAX = AVR_FULL ? 192 : 160,
    FGFT_PORT_WINDOW = 1,
    FGFT_PORT_TRANSACTIONS = AVR_FULL ? 4 : 2,
    FGFT_PORT_PERIPHERALS = AVR_FULL ? 32 : 12,
    FGFT_PORT_ARENA_BYTES = AVR_FULL ? 200 : 64, /* of 64, more than can be defined */
    FGFT_PORT_DEFINITION_BYTES = AVR_FULL ? 800 : 362, /* of 362: two outputs with pulses, each with its pin and timer */
    FGFT_PORT_MISMATCHES = AVR_FULL ? 4 : 1,
    FGFT_PORT_LEASE_MIN_MS = 50,
    FGFT_PORT_LEASE_MAX_MS = 60000,
    FGFT_PORT_WIDTH = 0,
    FGFT_PORT_SAVEPOINTS = AVR_FULL,
    FGFT_PORT_SNAPSHOTS = AVR_FULL,
    FGFT_PORT_JOURNAL = AVR_FULL,
    FGFT_PORT_BUS_FAULTS = 0,
    FGFT_PORT_FAULT_RECORD = 0,
    FGFT_PORT_LOOPS = 0,
    FGFT_PORT_I2C_BUSES = 0,
    FGFT_PORT_SPI_BUSES = 0,
    FGFT_PORT_CHIP_SELECTS = 0,
    FGFT_PORT_EVENTS = 0,
};

typedef uint16_t fgft_port_address; /* in the data space */
typedef uint8_t fgft_port_register;
typedef uint16_t fgft_port_number;
typedef uint16_t fgft_port_time;
typedef uint16_t fgft_port_lease;

/* Where tables of constants are. */
#define FGFT_PORT_FLASH __flash

#include "bare.h"
#include "region.h"

enum {
    AVR_LOOK = FGFT_REGION_READ | FGFT_REGION_8_BIT,
    AVR_CHANGE = FGFT_REGION_READ | FGFT_REGION_WRITE | FGFT_REGION_8_BIT,
    AVR_ACT = AVR_CHANGE | FGFT_REGION_ONES, /* a written 0 does nothing, or nothing to the bits outside of the mask */
    AVR_EECR = 0x3f,
};

/* Registers of 16 bits are pairs of 8: their low byte is read first and written last (16.3). Not here, hence out of reach:
   USART0 and its pins PD0 and PD1, the watchdog, MCUSR and MCUCR, the clock and its pins PB6 and PB7 (so no ASSR either),
   flash, the processor's own registers, RAM, what enables an interrupt, for there are no handlers, and what nobody needs who never
   sleeps and is no slave: SMCR, TWAMR. */
static const FGFT_PORT_FLASH fgft_region fgft_port_regions[] = {
    {0x23, 1, 0x3f, AVR_ACT}, /* PINB: a 1 toggles PORTB (14.2.2) */
    {0x24, 2, 0x3f, AVR_CHANGE}, /* DDRB, PORTB */
    {0x26, 1, 0x3f, AVR_ACT}, /* PINC; PC6 is the reset */
    {0x27, 2, 0x3f, AVR_CHANGE}, /* DDRC, PORTC */
    {0x29, 1, 0xfc, AVR_ACT}, /* PIND */
    {0x2a, 2, 0xfc, AVR_CHANGE}, /* DDRD, PORTD */
    {0x35, 3, 0xff, AVR_ACT}, /* TIFR0-2: a 1 clears (15.9.7, 16.11.9, 18.11.7) */
    {0x3c, 1, 0xff, AVR_ACT}, /* EIFR (13.2.3) */
    {AVR_EECR, 4, 0xff, AVR_CHANGE}, /* EECR, EEDR, EEARL, EEARH (8.6); avr_eecr_write */
    {0x43, 6, 0xff, AVR_CHANGE}, /* GTCCR, TCCR0A, TCCR0B, TCNT0, OCR0A, OCR0B (15.9) */
    {0x4c, 1, 0x7f, AVR_CHANGE}, /* SPCR without SPIE (19.5.1) */
    {0x4d, 2, 0xff, AVR_CHANGE}, /* SPSR, SPDR */
    {0x64, 1, 0xed, AVR_CHANGE}, /* PRR without PRUSART0 (10.11.3) */
    {0x69, 1, 0xff, AVR_CHANGE}, /* EICRA (13.2.1) */
    {0x78, 2, 0, AVR_LOOK}, /* ADCL, ADCH (24.9.3) */
    {0x7a, 1, 0xf7, AVR_ACT}, /* ADCSRA without ADIE (24.9.2) */
    {0x7b, 5, 0xff, AVR_CHANGE}, /* ADCSRB, ADMUX, DIDR0, DIDR1 (24.9, 23.3.3) */
    {0x80, 12, 0xff, AVR_CHANGE}, /* TCCR1A, B, C, TCNT1, ICR1, OCR1A, OCR1B (16.11) */
    {0xb0, 5, 0xff, AVR_CHANGE}, /* TCCR2A, TCCR2B, TCNT2, OCR2A, OCR2B (18.11) */
    {0xb8, 4, 0xff, AVR_CHANGE}, /* TWBR, TWSR, TWAR, TWDR (22.9) */
    {0xbc, 1, 0xfe, AVR_ACT}, /* TWCR without TWIE (22.9.2) */
};

static inline fgft_port_register fgft_port_read(fgft_port_address address, uint8_t width) {
    (void)width; /* the regions allow no other than 8 bits */
    return *(volatile uint8_t *)address;
}

/* EEPE counts only within four cycles after EEMPE (8.6.3), which no two ops can keep: a value with both bits is stored
   twice, the first time without EEPE. EERIE stays 0. */
static inline void avr_eecr_write(uint8_t value) {
    value &= (uint8_t)~_BV(EERIE);
    if (value & _BV(EEPE)) {
        EECR = value & (uint8_t)~_BV(EEPE);
        EECR = value;
    } else {
        EECR = value;
    }
}

static inline void fgft_port_write(fgft_port_address address, uint8_t width, fgft_port_register value) {
    (void)width;
    if (address == AVR_EECR) {
        avr_eecr_write(value);
    } else {
        *(volatile uint8_t *)address = value;
    }
}

/* PINx toggles bits of PORTx, but there is nobody who could touch a port between a read and a write. */
static inline fgft_port_address fgft_port_toggle_offset(fgft_port_address address, uint8_t width) {
    (void)address;
    (void)width;
    return 0;
}

static inline fgft_port_time fgft_port_now(void) {
    return avr_turns;
}

/* Rounded up: a wait is never too short. */
static inline fgft_port_time fgft_port_time_of(uint32_t us) {
    return (fgft_port_time)((us + 15) >> 4);
}

static inline fgft_port_lease fgft_port_lease_now(void) {
    return avr_lease_clock;
}

static inline fgft_port_lease fgft_port_lease_of(uint16_t ms) {
    return ms;
}

static inline bool fgft_port_interrupted(void) {
    return avr_resync_asked;
}

static inline void fgft_port_wait(void) {
    avr_wait();
}

#endif
