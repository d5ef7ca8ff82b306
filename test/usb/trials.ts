/** How often a test that draws its moments tries: so many times with `npm run torture:usb`, a tenth of it beside the other tests. */
export const trials = (whole: number): number => (process.env['FGFT_WHOLE'] ? whole : Math.ceil(whole / 10));
