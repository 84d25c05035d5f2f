import { BASE_PATH } from "../api.js";

/** Callbacks of a stream. */
export interface StreamListener {
  onState(isOpen: boolean): void;
  // biome-ignore lint/suspicious/noExplicitAny: the documented messages
  onMessage(message: { type: string; data: any }): void;
}

/** A connection that opens again after it was lost. */
export interface EventStream {
  close(): void;
}

const PAUSE_MS = 1_500;

/** Opens the messages of a project, and continues after the last message when the connection is lost. */
export function openEventStream(project: string, bearer: string, listener: StreamListener): EventStream {
  const stop = new AbortController();
  let cursor: string | null = null;

  const readOnce = async (): Promise<void> => {
    const headers = { authorization: `Bearer ${bearer}`, ...(cursor === null ? {} : { "last-event-id": cursor }) };
    const url = `${BASE_PATH}/events?${new URLSearchParams({ project_id: project })}`;
    const response = await fetch(url, { headers, signal: stop.signal });
    if (!response.ok || response.body === null) return;
    listener.onState(true);
    let text = "";
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const events = text.split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) {
        cursor = /^id: (.*)$/m.exec(event)?.[1] ?? cursor;
        const data = /^data: (.*)$/m.exec(event)?.[1];
        if (data !== undefined) listener.onMessage(JSON.parse(data));
      }
    }
  };
  const readForever = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await readOnce().catch(() => undefined);
      if (stop.signal.aborted) return;
      listener.onState(false);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
  void readForever();
  return { close: () => stop.abort() };
}
