/*
 * The second stage of the boot ROM (RP2040 datasheet 2.8.1.3.1): the ROM copies the first 256 bytes of the flash to
 * SRAM5, checks the CRC-32/MPEG-2 in the last four of them and jumps there. This one lets the SSI turn every read of
 * the XIP window into a plain 03h read (4.10.10), which any serial flash understands. It is position independent.
 *
 * What runs from the flash is smaller than the XIP cache (16 KB, 2.6.3), so nothing faster than 03h is worth knowing
 * the flash for; and a flash that never enters a continuous read mode can be talked to without leaving one
 * (rp_identity.c).
 */
    .syntax unified
    .cpu cortex-m0plus
    .thumb

    .section .boot2, "ax"
    .global rp_boot2
    .thumb_func
rp_boot2:
    ldr r0, =0x18000000         /* XIP_SSI (4.10.13) */
    adr r1, settings
    movs r4, #(settings_end - settings) / 8
1:  ldmia r1!, {r2, r3}
    str r3, [r0, r2]
    subs r4, #1
    bne 1b

    ldr r0, =rp_vectors
    ldr r1, =0xe000ed08         /* VTOR */
    str r0, [r1]
    ldmia r0!, {r1, r2}         /* initial stack pointer, reset handler */
    msr msp, r1
    bx r2

    .align 2
settings:                       /* offset, value */
    .word 0x08, 0               /* SSIENR: the rest may change only while it is off */
    .word 0x14, 4               /* BAUDR: 125 MHz / 4 = 31 MHz; 03h is good for 50 MHz */
    .word 0x00, 31 << 16 | 3 << 8 /* CTRLR0: frames of 32 bits, "EEPROM read": send an instruction, then receive */
    .word 0x04, 0               /* CTRLR1: one frame per read */
    .word 0x10, 1               /* SER: select the flash */
    .word 0xf4, 0x03 << 24 | 2 << 8 | 6 << 2 /* SPI_CTRLR0: instruction 03h of 8 bits, address of 24 bits */
    .word 0x08, 1
settings_end:
    .ltorg

    .org 252
    .word 0x066b4c46            /* CRC-32/MPEG-2 of the 252 bytes above; pack.ts says what it must be */
