/**
 * The one exchange of a serial line that is no frame: the host asks for a fresh start, the board says where it stands.
 * A request is u8 magic, u32 nonce, u32 CRC-32; an answer is u8 magic, u32 nonce, u32 epoch, u16 session, u16 next
 * sequence number, u32 CRC-32; each is one COBS packet (docs/protocol.md, "Serial lines").
 */
export const SERIAL_RESYNC = { requestMagic: 0xf5, requestBytes: 9, answerMagic: 0x5f, answerBytes: 17 } as const;
