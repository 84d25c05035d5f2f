import { createHash } from "node:crypto";
import { ConnectionResetError } from "../../box/fault-response.js";
import { AzureError, invalidHeader } from "../azure-error.js";
import { contentHeaders } from "../http/content-headers.js";
import { type Call, type Operation, rootOf } from "../http/operation.js";
import { rangeWithin, requestRange, writtenRange } from "../http/range.js";
import type { OperationResponse } from "../http/respond.js";
import { validators } from "../http/smb-properties.js";
import { has } from "../http/version.js";
import { element, wrap, XML_HEAD } from "../http/xml.js";
import type { ByteRange } from "../storage/content.js";
import type { StoredFile } from "../storage/stored-item.js";
import { isoDate } from "../storage/ticks.js";
import { fileAt } from "../storage/tree.js";
import { fileHeaders, leaseId, writableFile } from "./files.js";

const LARGEST_RANGE = 4 * 1024 * 1024;

/**
 * Operations on the content of a file.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/get-file
 * @see https://learn.microsoft.com/rest/api/storageservices/put-range
 * @see https://learn.microsoft.com/rest/api/storageservices/list-ranges
 */
export const contentOperations: readonly Operation[] = [
  { name: "GetFile", method: "GET", level: "file", needs: ["r"], readsSnapshots: true, handler: getFile },
  { name: "PutRange", method: "PUT", level: "file", comp: "range", needs: ["w"], handler: putRange },
  {
    name: "ListRanges",
    method: "GET",
    level: "file",
    comp: "rangelist",
    needs: ["r"],
    readsSnapshots: true,
    handler: (call) => {
      const file = fileAt(rootOf(call), call.segments);
      file.lease.checkRead(leaseId(call));
      const asked = requestRange(call.headers);
      const ranges = file.content
        .ranges()
        .filter(({ start, end }) => asked === undefined || (end >= asked.start && start <= (asked.end ?? end)));
      const xml = ranges.map(({ start, end }) =>
        wrap("Range", element("Start", String(start)) + element("End", String(end))),
      );
      return {
        status: 200,
        headers: { ...validators(file.modified), "x-ms-content-length": String(file.content.size) },
        contentType: "application/xml",
        body: XML_HEAD + wrap("Ranges", xml.join("")),
      };
    },
  },
];

function getFile(call: Call): OperationResponse {
  const file = fileAt(rootOf(call), call.segments);
  file.lease.checkRead(leaseId(call));
  const { size } = file.content;
  const range = rangeWithin(call.headers, size);
  const { start, end } = range ?? { start: 0, end: size - 1 };
  const headers = {
    ...fileHeaders(file, call.version),
    ...contentHeaders(file, range === undefined ? "Content-MD5" : "x-ms-content-md5"),
    ...rangeDigest(call, file, range),
    "Accept-Ranges": "bytes",
    "Content-Length": String(end + 1 - start),
  };
  const body = end < start ? new Uint8Array() : send(call, file, start, end);
  if (range === undefined) return { status: 200, headers, body };
  return { status: 206, headers: { ...headers, "Content-Range": `bytes ${start}-${end}/${size}` }, body };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/get-file#request-headers */
function rangeDigest({ headers }: Call, file: StoredFile, range: ByteRange | undefined): Record<string, string> {
  const wanted = headers.get("x-ms-range-get-content-md5");
  if (wanted?.toLowerCase() !== "true") return {};
  if (range === undefined) throw invalidHeader("x-ms-range-get-content-md5", wanted);
  if (range.end + 1 - range.start > LARGEST_RANGE) throw new AzureError("OutOfRangeInput");
  return { "Content-MD5": md5(file.content.bytes(range.start, range.end + 1)) };
}

/** Streams a range of a file. Each chunk is read when it is sent, so concurrent writes change the rest of the range. */
function send({ account, record }: Call, file: StoredFile, start: number, end: number): ReadableStream<Uint8Array> {
  const { control } = account;
  let at = start;
  return new ReadableStream<Uint8Array>(
    {
      pull: async (stream) => {
        await control.runDuringRead(record, at - start);
        const piece = file.content.piece(at, Math.min(control.pieceBytes, end + 1 - at));
        if (piece.length === 0) {
          stream.error(new ConnectionResetError());
          return;
        }
        at += piece.length;
        stream.enqueue(piece);
        if (at > end) stream.close();
      },
    },
    { highWaterMark: 0 },
  );
}

async function putRange(call: Call): Promise<OperationResponse> {
  const { headers, version } = call;
  const write = headers.get("x-ms-write")?.toLowerCase();
  if (write !== "update" && write !== "clear") throw invalidHeader("x-ms-write", headers.get("x-ms-write"));
  const bytes = await call.body(LARGEST_RANGE);
  const { share, file } = writableFile(call);
  const range = writtenRange(headers, file.content.size);
  const length = write === "clear" ? 0 : range.end + 1 - range.start;
  if (bytes.length !== length) throw invalidHeader("Content-Length", headers.get("content-length"));
  const digest = md5(bytes);
  const stated = headers.get("content-md5");
  if (stated !== null && stated !== digest) throw new AzureError("Md5Mismatch");
  file.content = write === "clear" ? file.content.clear(range) : file.content.write(range.start, bytes);
  const keepsTime = headers.get("x-ms-file-last-write-time")?.toLowerCase() === "preserve";
  share.touch(file, keepsTime ? "properties" : "content");
  return {
    status: 201,
    headers: {
      ...validators(file.modified),
      ...(write === "update" ? { "Content-MD5": digest, "x-ms-request-server-encrypted": "true" } : {}),
      ...(has(version, "lastWriteOfRange") ? { "x-ms-file-last-write-time": isoDate(file.times.lastWrite) } : {}),
    },
  };
}

function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("base64");
}
