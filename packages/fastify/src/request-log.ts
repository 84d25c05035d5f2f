import type { FastifyRequest } from "fastify";

/** The log serializers of the endpoints: the query of a request can contain a token, a code or a state. */
export const WITHOUT_QUERY = {
  req: ({ method, url, host, ip }: FastifyRequest): Record<string, unknown> => ({
    method,
    url: withoutQuery(url),
    host,
    remoteAddress: ip,
  }),
};

/** Returns the path of a URL. */
export function withoutQuery(url: string): string {
  return url.split("?", 1)[0] ?? "";
}
