/** Whether a picture file goes on to its end: browsers show the upper part of one that is cut, and the service takes the whole only. */
export function isWhole(format: string, bytes: Uint8Array<ArrayBuffer>): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (format) {
    case 'png': return endsPng(view);
    case 'jpg': return endsJpeg(bytes);
    // The RIFF header tells the length of what follows its first 8 bytes.
    case 'webp': return bytes.length >= 12 && view.getUint32(4, true) + 8 <= bytes.length;
    default: return true;
  }
}

// PNG (third edition), 5.3: chunks of length, type, data and checksum up to IEND.
function endsPng(view: DataView): boolean {
  for (let at = 8; at + 12 <= view.byteLength; at += 12 + view.getUint32(at)) if (view.getUint32(at + 4) === 0x49454e44) return true;
  return false;
}

// ITU T.81, B.1.1: segments tell their length; between them is coded data, in which 0xff stands before 0 or a restart only.
function endsJpeg(bytes: Uint8Array): boolean {
  for (let at = 2; at + 1 < bytes.length;) {
    const marker = bytes[at] === 0xff ? bytes[at + 1]! : -1;
    if (marker === 0xd9) return true;
    if (marker < 0 || marker === 0xff) at++;
    else if (marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else at += 2 + (bytes[at + 2]! << 8 | bytes[at + 3]!);
  }

  return false;
}
