/**
 * Generates the IDs of a share's files and directories in Azure's order: a counter of odd numbers with reversed bits, as
 * file systems use to spread their keys.
 */
export class FileIds {
  private count = 0;

  /** Returns the next ID as a decimal number. */
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
