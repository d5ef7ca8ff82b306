@ The loops of core/loops.h for a Cortex-M0+. A load of its own takes two cycles, and so does a branch that is taken;
@ ldmia and stmia take one cycle for each register, and one more (Cortex-M0+ TRM, table 3-1). So a round takes two
@ registers, with their masks and their saved values by one instruction each. r0: the next target, address and mask.
    .syntax unified
    .cpu cortex-m0plus
    .thumb

    .macro loop name
    .section .text.\name, "ax", %progbits
    .balign 4
    .global \name
    .type \name, %function
    .thumb_func
\name:
    push {r4-r7, lr}
    .endm

@ From r1, the count: ip = the end of the targets, carry = there is an odd one.
    .macro ends temporary
    lsls \temporary, r1, #3
    adds \temporary, r0
    mov ip, \temporary
    lsrs r1, #1
    .endm

@ r2: where the next value is saved
    loop fgft_loop_save
    ends r3
    bcc 2f
    ldmia r0!, {r4, r5}
    ldr r4, [r4]
    stmia r2!, {r4}
    b 2f
1:  ldmia r0!, {r4-r7}
    ldr r4, [r4]
    ldr r5, [r6]
    stmia r2!, {r4, r5}
2:  cmp r0, ip
    bne 1b
    pop {r4-r7, pc}

@ r2: the next saved value
    loop fgft_loop_write
    ends r3
    bcc 2f
    ldmia r0!, {r4, r5}
    ldmia r2!, {r6}
    str r6, [r4]
    b 2f
1:  ldmia r0!, {r4-r7}
    ldmia r2!, {r1, r3}
    str r1, [r4]
    str r3, [r6]
2:  cmp r0, ip
    bne 1b
    pop {r4-r7, pc}

@ Brings one register back whose saved value is given; r3: the way to its alias.
    .macro flip saved
    ldmia r0!, {r4, r5}
    ldr r1, [r4]
    eors \saved, r1
    ands \saved, r5
    str \saved, [r4, r3]
    .endm

@ r2: the next saved value, r3: from a register to its alias. A round of four, entered in the middle by a rest of two.
    loop fgft_loop_toggle
    ends r4
    bcc 3f
    mov r7, r1
    ldmia r2!, {r6}
    flip r6
    mov r1, r7
3:  lsrs r1, #1
    bcs 1f
    b 2f
4:  ldmia r2!, {r6, r7}
    flip r6
    flip r7
1:  ldmia r2!, {r6, r7}
    flip r6
    flip r7
2:  cmp r0, ip
    bne 4b
    pop {r4-r7, pc}

@ r2: the next saved value. Returns whether any register differs.
    loop fgft_loop_differs
    ends r3
    bcc 2f
    ldmia r0!, {r3, r4}
    ldr r3, [r3]
    ldmia r2!, {r5}
    eors r3, r5
    ands r3, r4
    bne 3f
    b 2f
1:  ldmia r0!, {r3-r6}
    ldr r3, [r3]
    ldr r5, [r5]
    ldmia r2!, {r1, r7}
    eors r3, r1
    eors r5, r7
    ands r3, r4
    ands r5, r6
    orrs r3, r5
    bne 3f
2:  cmp r0, ip
    bne 1b
    movs r0, #0
    pop {r4-r7, pc}
3:  movs r0, #1
    pop {r4-r7, pc}
