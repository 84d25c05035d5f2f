import { Readable } from "node:stream";

/** The header block of a CGI response (RFC 3875, section 6). */
export interface CgiHead {
  status: number;
  headers: Headers;
  /** The body. */
  rest: ReadableStream<Uint8Array>;
}

/** Reads the header block of a CGI response. The body remains a stream. */
export async function readCgiHead(output: Readable): Promise<CgiHead> {
  let head = Buffer.alloc(0);
  let end = -1;
  while (end === -1) {
    const chunk: Buffer | null = output.read() ?? (await nextChunk(output));
    if (chunk === null) return { status: 502, headers: new Headers(), rest: streamOf(Readable.from([head])) };
    head = Buffer.concat([head, chunk]);
    end = head.indexOf("\r\n\r\n");
  }
  output.unshift(head.subarray(end + 4));
  const headers = new Headers();
  let status = 200;
  for (const line of head.subarray(0, end).toString("latin1").split("\r\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    if (/^status$/i.test(name)) status = Number.parseInt(value, 10);
    else headers.append(name, value);
  }
  return { status, headers, rest: streamOf(output) };
}

function nextChunk(output: Readable): Promise<Buffer | null> {
  if (output.readableEnded || output.destroyed) return Promise.resolve(null);
  return new Promise((resolve, reject) => {
    const onReadable = (): void => {
      output.off("readable", onReadable).off("end", onReadable).off("error", reject);
      resolve(output.read());
    };
    output.once("readable", onReadable).once("end", onReadable).once("error", reject);
  });
}

function streamOf(output: Readable): ReadableStream<Uint8Array> {
  return Readable.toWeb(output) as ReadableStream<Uint8Array>;
}
