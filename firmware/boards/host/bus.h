/*
 * The simulated bus under the host port: four blocks of registers, most of them plain memory, some of them made to
 * behave like the ones that real chips have. Every access is logged, and an access that no definition can be allowed
 * to make stops the program.
 */
#ifndef BUS_H
#define BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BUS_BLOCK_SIZE = 0x100,
    BUS_ALIASED = 0x40000000,   /* every register has an XOR alias */
    BUS_PLAIN = 0x40010000,     /* no alias; 8, 16 and 32 bits wide */
    BUS_PARTIAL = 0x40020000,   /* the upper half of every register belongs to the firmware */
    BUS_READ_ONLY = 0x40030000, /* stores are not allowed */
    BUS_TOGGLE_OFFSET = 0x1000,
};

/* How a register behaves. */
typedef enum {
    BUS_MEMORY,     /* reads back what was written */
    BUS_IGNORES,    /* ignores stores to the bits in `bits` */
    BUS_CLEARS,     /* writing a 1 to a bit clears it */
    BUS_WRITE_ONLY, /* reads as garbage */
    BUS_FIFO,       /* reading takes the next element (1, 2, 3 …) away */
    BUS_READY,      /* the bits in `bits` become 1 after `after` reads */
    BUS_FAULTS,     /* any access faults */
} bus_behaviour;

/* All registers 0 and plain memory, log empty, clock at 0. */
void bus_reset(void);

/* Gives the 32-bit register at an address a behaviour. */
void bus_behave(uint32_t address, bus_behaviour behaviour, uint32_t bits, uint32_t after);

/* Looks at and changes a register behind the firmware's back: no behaviour, no log. For a fifo, the elements taken or
   put; for a write-only register, what was written. */
uint32_t bus_peek(uint32_t address);
void bus_poke(uint32_t address, uint32_t value);

bus_behaviour bus_behaviour_of(uint32_t address);

/* What the firmware did since the log was cleared. */
typedef struct {
    uint32_t address;
    uint32_t value;
    uint8_t width;
    bool write;
} bus_access;

void bus_clear_log(void);
size_t bus_log_length(void);
size_t bus_stores(void); /* how many of them were stores */
bus_access bus_logged(size_t index);
bus_access bus_stored(size_t index); /* the same, of the stores alone */

/* The clock goes on by `step` microseconds with each look at it, and with bus_pass. */
void bus_clock_step(uint32_t step);
void bus_pass(uint32_t us);

/* From now on, `after` waits later, a resync asks running waits to give up. */
void bus_interrupt_after(uint32_t after);
uint32_t bus_waits(void);

/* The port. */
uint32_t bus_read(uint32_t address, uint8_t width);
void bus_write(uint32_t address, uint8_t width, uint32_t value);
bool bus_take_fault(void);
uint32_t bus_now_us(void);
bool bus_interrupted(void);
void bus_wait(void);

#endif
