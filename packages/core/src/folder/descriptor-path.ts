import { readlink } from "node:fs/promises";

/**
 * Returns the current absolute path of an open file or directory, as the kernel reports it. Linux only.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_fd.5.html
 */
export function pathOfDescriptor(descriptor: number): Promise<string> {
  return readlink(`/proc/self/fd/${descriptor}`);
}
