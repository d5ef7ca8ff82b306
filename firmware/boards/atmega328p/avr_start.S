/*
 * What runs before main, in the order of the sections (avr-libc, "The .initN Sections"). There is no table of vectors: no
 * interrupt is ever enabled, and drivers cannot reach what would enable one.
 */
#include <avr/io.h>

        .section .vectors, "ax", @progbits
        .global __vectors
__vectors:
        rjmp    start

        .section .init0, "ax", @progbits
start:

        .section .init2, "ax", @progbits
        clr     r1              ; what the compiler takes for 0
        ldi     r28, lo8(RAMEND)
        ldi     r29, hi8(RAMEND)
        out     _SFR_IO_ADDR(SPH), r29
        out     _SFR_IO_ADDR(SPL), r28
