import type { Call, Operation } from "../http/operation.js";
import { nameOfMarker, nextMarker, pageSize } from "../http/paging.js";
import { attribute, element, wrap, XML_HEAD } from "../http/xml.js";
import { entityTag, httpDate, type Ticks } from "../storage/ticks.js";

/**
 * Lists the shares of the account.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/list-shares
 */
export const listShares: Operation = {
  name: "ListShares",
  method: "GET",
  level: "service",
  comp: "list",
  needs: ["l"],
  handler: (call) => {
    const { query, location } = call;
    const limit = pageSize(query);
    const start = nameOfMarker(query) ?? "";
    const following = entries(call).filter(({ name }) => name >= start);
    const page = following.slice(0, limit);
    const body = [
      query.has("prefix") ? element("Prefix", query.get("prefix") ?? "") : "",
      query.has("marker") ? element("Marker", query.get("marker") ?? "") : "",
      query.has("maxresults") ? element("MaxResults", query.get("maxresults") ?? "") : "",
      wrap("Shares", page.map(({ xml }) => xml).join("")),
      nextMarker(following[limit]?.name),
    ];
    const open = `<EnumerationResults${attribute("ServiceEndpoint", location.endpoint)}>`;
    return {
      status: 200,
      contentType: "application/xml",
      body: `${XML_HEAD}${open}${body.join("")}</EnumerationResults>`,
    };
  },
};

/** All shares by name; with `include=snapshots`, the snapshots of a share precede it. */
function entries({ account, query }: Call): { name: string; xml: string }[] {
  const included = (query.get("include") ?? "").toLowerCase().split(",");
  const prefix = query.get("prefix") ?? "";
  const shares = [...account.shares.values()].filter(({ name }) => name.startsWith(prefix));
  return shares
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((share) => {
      const entry = (modified: Ticks, metadata: Readonly<Record<string, string>>, snapshot = ""): string =>
        wrap(
          "Share",
          element("Name", share.name) +
            (snapshot === "" ? "" : element("Snapshot", snapshot)) +
            wrap(
              "Properties",
              element("Last-Modified", httpDate(modified)) +
                element("Etag", entityTag(modified)) +
                element("Quota", String(share.quota)),
            ) +
            (included.includes("metadata") ? metadataElement(metadata) : ""),
        );
      const snapshots = included.includes("snapshots") ? [...share.snapshots] : [];
      return [
        ...snapshots.map(([name, { modified, metadata }]) => entry(modified, metadata, name)),
        entry(share.modified, share.metadata),
      ].map((xml) => ({ name: share.name, xml }));
    });
}

function metadataElement(metadata: Readonly<Record<string, string>>): string {
  return wrap(
    "Metadata",
    Object.entries(metadata)
      .map(([name, value]) => element(name, value))
      .join(""),
  );
}
