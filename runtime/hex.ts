/** A number as datasheets write it. */
export const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;
