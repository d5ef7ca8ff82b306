#!/usr/bin/env bash
# Runs the tests over WebUSB in the test kernel (test/usb/boot.sh), where what is written to /etc is gone with the kernel:
# the policy gives their page the board without anybody's click.
set -euo pipefail
install -D -m 644 test/browser/webusb-policy.json /etc/chromium/policies/managed/fgft.json
exec node_modules/.bin/mocha --config test/browser/usb.mocharc.json "$@"
