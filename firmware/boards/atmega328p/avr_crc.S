/* Stands in for core/crc.c: bit by bit, because a table would take RAM, and avr_boot.c calls it before there is any. */
        .section .text.fgft_crc, "ax", @progbits
        .global fgft_crc, fgft_crc_put, fgft_crc_holds

        crc0 = 22               ; in r22 to r25, as is the result
        crc1 = 23
        crc2 = 24
        crc3 = 25
        bits = 20               ; until then, r20 and r21 point to the bytes
        poly = 21
        left0 = 18
        left1 = 19

fgft_crc:
        movw    r30, 20
        rcall   complement
.Lbyte: subi    left0, 1
        sbci    left1, 0
        brcs    complement
        ld      r0, Z+
        eor     crc0, r0
        ldi     bits, 8
.Lbit:  lsr     crc3
        ror     crc2
        ror     crc1
        ror     crc0
        brcc    .Lnext
        ldi     poly, 0xed      ; 04c11db7, bits reversed
        eor     crc3, poly
        ldi     poly, 0xb8
        eor     crc2, poly
        ldi     poly, 0x83
        eor     crc1, poly
        ldi     poly, 0x20
        eor     crc0, poly
.Lnext: dec     bits
        brne    .Lbit
        rjmp    .Lbyte

complement:
        com     crc0
        com     crc1
        com     crc2
        com     crc3
        ret

        ; Both get their bytes in r24 and r25, and count them in r22 and r23.
fgft_crc_put:
        rcall   of_all
        st      Z+, crc0        ; it points behind them
        st      Z+, crc1
        st      Z+, crc2
        st      Z+, crc3
        ret

fgft_crc_holds:
        subi    r22, -4         ; the CRC of a string with its CRC behind it is always the same
        sbci    r23, -1
        rcall   of_all
        subi    crc0, 0x1c
        sbci    crc1, 0xdf
        sbci    crc2, 0x44
        sbci    crc3, 0x21
        ldi     r24, 0
        brne    .Lelse
        ldi     r24, 1
.Lelse: ret

of_all: movw    left0, r22
        movw    bits, r24       ; with poly: the pointer
        clr     crc0
        clr     crc1
        movw    crc2, crc0
        rjmp    fgft_crc
