#include "loops.h"

void fgft_loop_save(const fgft_target *target, uint8_t count, fgft_port_register *saved) {
    for (const fgft_target *end = target + count; target != end; target++) {
        *saved++ = fgft_port_read(target->address, FGFT_PORT_WIDTH);
    }
}

void fgft_loop_write(const fgft_target *target, uint8_t count, const fgft_port_register *saved) {
    for (const fgft_target *end = target + count; target != end; target++) {
        fgft_port_write(target->address, FGFT_PORT_WIDTH, *saved++);
    }
}

void fgft_loop_toggle(const fgft_target *target, uint8_t count, const fgft_port_register *saved,
                      fgft_port_address toggle) {
    for (const fgft_target *end = target + count; target != end; target++) {
        fgft_port_register present = fgft_port_read(target->address, FGFT_PORT_WIDTH);
        fgft_port_register flips = (fgft_port_register)((present ^ *saved++) & target->mask);
        fgft_port_write((fgft_port_address)(target->address + toggle), FGFT_PORT_WIDTH, flips);
    }
}

bool fgft_loop_differs(const fgft_target *target, uint8_t count, const fgft_port_register *saved) {
    fgft_port_register differences = 0;
    for (const fgft_target *end = target + count; target != end; target++) {
        fgft_port_register present = fgft_port_read(target->address, FGFT_PORT_WIDTH);
        differences |= (fgft_port_register)((present ^ *saved++) & target->mask);
    }
    return differences != 0;
}
