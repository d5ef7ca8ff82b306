/*
 * A chip that was interrupted in the middle of a byte holds SDA low until it has been clocked to the end of it: up to
 * nine clocks, then a STOP (UM10204 3.1.16). Each clock here tries to be that STOP: one that it takes for a bit does no
 * harm, and one more clock than it needs would be a bit of something else, a 0 to hold or a byte to store. The pins are
 * driven by the overrides of their GPIOx_CTRL (RP2040 datasheet 2.19.6.1), so that function, output and direction stay
 * as the host configured them.
 */
#include "fgft_port.h"
#include "rp_board.h"
#include "rp_bus.h"
#include "rp_registers.h"

enum { GPIOS = 30, NONE = GPIOS, FUNCSEL_MASK = 0x1f, FUNCSEL_I2C = 3 };
enum { INFROMPAD = 1 << 17 }; /* GPIOx_STATUS */
/* GPIOx_CTRL: OUTOVER low; OEOVER enabled or disabled */
enum { OVERRIDES = 3 << 8 | 3 << 12, DRIVE_LOW = 2 << 8 | 3 << 12, RELEASE = 2 << 8 | 2 << 12 };
enum { HALF_CLOCK_US = 5, CLOCKS = 9 };

static uint32_t status_of(uint32_t gpio) {
    return RP_IO_BANK0 + 8 * gpio;
}

static uint32_t control_of(uint32_t gpio) {
    return status_of(gpio) + 4;
}

/* Pins take turns: SDA and SCL of I2C0, SDA and SCL of I2C1 (2.19.2). NONE where the host gave it no pin. */
static uint32_t pin_of(uint32_t line) {
    for (uint32_t gpio = line; gpio < GPIOS; gpio += 4) {
        if ((rp_read(control_of(gpio)) & FUNCSEL_MASK) == FUNCSEL_I2C) {
            return gpio;
        }
    }
    return NONE;
}

static void drive(uint32_t gpio, uint32_t overrides) {
    uint32_t control = rp_read(control_of(gpio));
    rp_write(control_of(gpio), (control & ~(uint32_t)OVERRIDES) | overrides);
    uint32_t start = fgft_port_now_us();
    while (fgft_port_now_us() - start < HALF_CLOCK_US) {
    }
}

static bool is_low(uint32_t gpio) {
    return (rp_read(status_of(gpio)) & INFROMPAD) == 0;
}

bool rp_i2c_clear_bus(uint8_t bus) {
    uint32_t sda = pin_of(2U * bus);
    uint32_t scl = pin_of(2U * bus + 1);
    if (sda == NONE || scl == NONE || !is_low(sda)) {
        return false;
    }
    uint32_t sda_control = rp_read(control_of(sda));
    uint32_t scl_control = rp_read(control_of(scl));
    drive(sda, RELEASE);
    for (uint32_t left = CLOCKS; left > 0 && is_low(sda); left--) {
        drive(scl, DRIVE_LOW);
        drive(sda, DRIVE_LOW);
        drive(scl, RELEASE);
        drive(sda, RELEASE); /* a STOP, if it rises */
    }
    bool freed = !is_low(sda) && !is_low(scl);
    rp_write(control_of(scl), scl_control);
    rp_write(control_of(sda), sda_control);
    return freed;
}
