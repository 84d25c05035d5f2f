import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { Credential } from "../accounts/credential.js";
import { initBareRepository } from "../git/bare-repository.js";
import { runGit } from "../git/git-process.js";
import type { Platform } from "../platform.js";
import { mayWriteWorkflows } from "../repositories/access.js";
import { forbiddenWorkflow, isTooLong, type RequestedMove, violationOf } from "../repositories/ref-guard.js";
import type { BoxRepository } from "../repositories/repository.js";
import type { GitRequest } from "./git-request.js";
import { FLUSH, pktLine, readPktLines } from "./pkt-line.js";

/** The result of checking a push: a refusal, or the body to pass on. */
export interface GuardedPush {
  refusal?: Response;
  body: ReadableStream<Uint8Array> | null;
  /** Removes temporary files. */
  release: () => Promise<void>;
}

/** The refusal of a ref: the reason that git prints beside the ref, and the message before the list of refs. */
interface Refusal {
  ref: string;
  reason: string;
  message: string;
}

const ZERO = "0".repeat(40);

/**
 * Checks a push as GitHub's pre-receive hook does. Without rules, only the names of refs are checked in a push with a token that
 * can write workflow files. Otherwise the push is unpacked into a temporary repository and checked against the rules.
 */
export async function refusePush(platform: Platform, repository: BoxRepository, git: GitRequest): Promise<GuardedPush> {
  const body = git.request.body;
  const hasRules = [...repository.rules.values()].some(({ length }) => length > 0) || repository.protections.size > 0;
  if (body === null) return { body, release: async () => undefined };
  if (!hasRules && mayWriteWorkflows(git.credential, repository)) return checkNames(body, git.request.headers);
  const folder = await mkdtemp(join(platform.folder, "push-"));
  const release = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const spool = join(folder, "body");
  await pipeline(
    Readable.fromWeb(body as import("node:stream/web").ReadableStream<Uint8Array>),
    createWriteStream(spool),
  );
  const { commands, capabilities, pack } = parsePush(await readSpool(spool, git.request.headers));
  const refusals =
    commands.length === 0 ? [] : await inspect(join(folder, "push.git"), repository, git, commands, pack);
  const replay = Readable.toWeb(createReadStream(spool)) as ReadableStream<Uint8Array>;
  if (refusals.length === 0) return { body: replay, release };
  await replay.cancel();
  return { refusal: report(refusals, commands, capabilities), body: null, release };
}

/** Bytes of a push that are read at most to find the names of its refs. */
const MAX_COMMAND_BYTES = 1024 * 1024;

/** Reads the commands at the start of a push and refuses refs with too long names. Passes the body on as a stream. */
async function checkNames(body: ReadableStream<Uint8Array>, headers: Headers): Promise<GuardedPush> {
  const release = async (): Promise<void> => undefined;
  if (headers.get("content-encoding") === "gzip") return { body, release };
  const { head, rest } = await readHead(body);
  const { commands, capabilities } = parsePush(head);
  const refusals = commands.flatMap(({ name }) => (isTooLong(name) ? [lengthRefusal(name)] : []));
  if (refusals.length === 0) return { body: rest, release };
  await rest.pipeTo(new WritableStream());
  return { refusal: report(refusals, commands, capabilities), body: null, release };
}

/** Reads the pkt-lines at the start of a body. Returns them with a stream of the whole body. */
async function readHead(body: ReadableStream<Uint8Array>): Promise<{ head: Buffer; rest: ReadableStream<Uint8Array> }> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let head: Buffer = Buffer.alloc(0);
  while (head.length < MAX_COMMAND_BYTES && !isMalformed(head) && readPktLines(head) === undefined) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    head = Buffer.concat(chunks);
  }
  const rest = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(head)),
    pull: async (controller) => {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return { head, rest };
}

/** True for malformed pkt-lines. A push with them is passed on, because git rejects it. */
function isMalformed(head: Buffer): boolean {
  try {
    readPktLines(head);
    return false;
  } catch {
    return true;
  }
}

function lengthRefusal(ref: string): Refusal {
  const message = `error: GH005: Sorry, refs longer than 255 bytes are not allowed.\nref too long: "${ref}"\n`;
  return { ref, reason: "pre-receive hook declined", message };
}

async function readSpool(path: string, headers: Headers): Promise<Buffer> {
  if (headers.get("content-encoding") !== "gzip") return readFile(path);
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path).pipe(createGunzip())) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function parsePush(body: Buffer): { commands: RequestedMove[]; capabilities: string; pack: Buffer } {
  const parsed = isMalformed(body) ? undefined : readPktLines(body);
  if (parsed === undefined) return { commands: [], capabilities: "", pack: Buffer.alloc(0) };
  let capabilities = "";
  const commands = parsed.lines.map((line) => {
    const [command = "", features] = line.toString().replace(/\n$/, "").split("\0");
    capabilities ||= features ?? "";
    const [before = ZERO, after = ZERO, ...name] = command.split(" ");
    return {
      name: name.join(" "),
      before: before === ZERO ? undefined : before,
      after: after === ZERO ? undefined : after,
    };
  });
  const start = parsed.rest.indexOf("PACK");
  return { commands, capabilities, pack: start === -1 ? Buffer.alloc(0) : parsed.rest.subarray(start) };
}

async function inspect(
  gitDir: string,
  repository: BoxRepository,
  { credential, addresses }: GitRequest,
  commands: readonly RequestedMove[],
  pack: Buffer,
): Promise<Refusal[]> {
  initBareRepository(gitDir, "main");
  await writeFile(join(gitDir, "objects", "info", "alternates"), `${join(repository.gitDir, "objects")}\n`);
  if (pack.length > 0) await runGit(gitDir, ["index-pack", "--stdin", "--fix-thin"], { input: pack });
  const view = repository.withObjectsOf(gitDir);
  const refusals: Refusal[] = [];
  for (const command of commands) {
    const refusal = await refusalOf(view, credential, command, addresses.html);
    if (refusal !== undefined) refusals.push(refusal);
  }
  return refusals;
}

async function refusalOf(
  view: BoxRepository,
  credential: Credential | undefined,
  wanted: RequestedMove,
  html: string,
): Promise<Refusal | undefined> {
  const ref = wanted.name;
  const tree = await view.treeOf(wanted.after);
  const base = await view.treeOf(wanted.before);
  const workflow = tree === undefined ? undefined : await forbiddenWorkflow(view, credential, tree, base);
  if (workflow !== undefined) return { ref, reason: workflowMessage(credential, workflow), message: "" };
  const violation = await violationOf(view, credential, wanted);
  if (violation === undefined) return undefined;
  if (violation.source === "length") return lengthRefusal(ref);
  const list = violation.messages.map((message) => `- ${message}\n`).join("\n");
  if (violation.source === "protection") {
    const message = `error: GH006: Protected branch update failed for ${ref}.\n\n${list}`;
    return { ref, reason: "protected branch hook declined", message };
  }
  const page = `${html}/${view.fullName}/rules?ref=${encodeURIComponent(ref)}`;
  return {
    ref,
    reason: "push declined due to repository rule violations",
    message: `error: GH013: Repository rule violations found for ${ref}.\nReview all repository rules at ${page}\n\n${list}\n`,
  };
}

/** Returns GitHub's message for a change of a workflow file without the required scope or permission. */
export function workflowMessage(credential: Credential | undefined, path: string): string {
  const missing = {
    oauth: ["an OAuth App", "`workflow` scope"],
    "fine-grained": ["a Personal Access Token", "`workflow` scope"],
    installation: ["a GitHub App", "`workflows` permission"],
    "app-user": ["a GitHub App", "`workflows` permission"],
  }[credential?.kind ?? "oauth"];
  return `refusing to allow ${missing[0]} to create or update workflow \`${path}\` without ${missing[1]}`;
}

/** Returns the `report-status` (gitprotocol-pack(5)) of a refused push: the pack was received, but no ref was updated. */
function report(refusals: readonly Refusal[], commands: readonly RequestedMove[], capabilities: string): Response {
  const lines = [
    pktLine("unpack ok\n"),
    ...commands.map(({ name }) => {
      const reason = refusals.find(({ ref }) => ref === name)?.reason ?? "pre-receive hook declined";
      return pktLine(`ng ${name} ${reason}\n`);
    }),
    FLUSH,
  ];
  const status = Buffer.concat(lines);
  const message = refusals.map((refusal) => refusal.message).join("");
  const body = /\bside-band(-64k)?\b/.test(capabilities)
    ? Buffer.concat([...(message === "" ? [] : band(2, Buffer.from(message))), ...band(1, status), FLUSH])
    : status;
  return new Response(new Uint8Array(body), {
    status: 200,
    headers: { "Content-Type": "application/x-git-receive-pack-result", "Cache-Control": "no-cache" },
  });
}

function band(channel: number, content: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  for (let at = 0; at < content.length; at += 990) {
    packets.push(pktLine(Buffer.concat([Buffer.of(channel), content.subarray(at, at + 990)])));
  }
  return packets;
}
