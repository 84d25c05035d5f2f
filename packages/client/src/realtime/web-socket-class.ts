/** A WebSocket of a browser, or of a package such as `ws`. Only the parts that both declare in the same way are listed. */
export interface WebSocketLike {
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

/** The class `WebSocket` of a browser, or of a package such as `ws`. */
export type WebSocketClass = new (url: string) => WebSocketLike;

/** Returns the platform's class; `null` where there is none, such as in Node 20. */
export function platformWebSocket(): WebSocketClass | null {
  const found: WebSocketClass | undefined = Reflect.get(globalThis, "WebSocket");
  return found ?? null;
}
