/**
 * Ids of the files and directories of a share, in the order that a share hands them out: a counter of odd numbers with its
 * bits reversed, as in NTFS-like file systems that spread their keys.
 */
export class FileIds {
  private count = 0;

  next(): string {
    this.count += 1;
    const reversed = reverse17((this.count % 0x10000) * 2 + 1);
    const turn = BigInt(Math.floor(this.count / 0x10000));
    return ((BigInt(reversed) << 47n) | (1n << 46n) | turn).toString();
  }
}

function reverse17(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 17; bit += 1) {
    if ((value & (1 << bit)) !== 0) reversed |= 1 << (16 - bit);
  }
  return reversed;
}
