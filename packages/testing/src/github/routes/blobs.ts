import * as z from "zod";
import { ApiError, notFound } from "../http/api-error.js";
import { parseBody } from "../http/body.js";
import type { RepositoryRoute } from "../http/route.js";
import { nodeId } from "../ids.js";
import { repositoryUrl } from "../payloads/repository.js";
import { isObjectId } from "../repositories/resolve-ref.js";
import { base64Lines, decodeBase64 } from "./base64.js";
import { gitDataRoute, param, wantsRaw } from "./repository-route.js";

const newBlob = z.object({ content: z.string(), encoding: z.enum(["utf-8", "base64"]).default("utf-8") });

/**
 * Routes for git blobs.
 *
 * @see https://docs.github.com/rest/git/blobs
 */
export const blobRoutes: readonly RepositoryRoute[] = [
  gitDataRoute({
    method: "POST",
    template: "/repos/{owner}/{repo}/git/blobs",
    docs: "git/blobs#create-a-blob",
    need: { permission: "contents", level: "write" },
    repositoryHandler: (call) => {
      const { content, encoding } = parseBody(newBlob, call.body);
      const bytes = encoding === "base64" ? decodeBase64(content) : Buffer.from(content);
      if (bytes === undefined) throw new ApiError(422, "content is not valid Base64");
      const sha = call.repository.objects.write("blob", bytes);
      const url = `${repositoryUrl(call.repository, call)}/git/blobs/${sha}`;
      return { status: 201, body: { sha, url }, headers: { Location: url } };
    },
  }),
  gitDataRoute({
    method: "GET",
    template: "/repos/{owner}/{repo}/git/blobs/{file_sha}",
    docs: "git/blobs#get-a-blob",
    need: { permission: "contents", level: "read" },
    repositoryHandler: async (call) => {
      const sha = param(call, "file_sha");
      if (!isObjectId(sha))
        throw new ApiError(422, "The sha parameter must be exactly 40 characters and contain only [0-9a-f].");
      const content = await call.repository.objects.readAs("blob", sha);
      if (content === undefined) throw notFound();
      if (wantsRaw(call)) {
        return {
          status: 200,
          raw: { bytes: content, contentType: "application/vnd.github.raw+json; charset=utf-8" },
          etag: sha,
        };
      }
      return {
        status: 200,
        etag: sha,
        body: {
          sha,
          node_id: nodeId("Blob", `${call.repository.id}:${sha}`),
          size: content.length,
          url: `${repositoryUrl(call.repository, call)}/git/blobs/${sha}`,
          content: base64Lines(content),
          encoding: "base64",
        },
      };
    },
  }),
];
