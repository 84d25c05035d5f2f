/**
 * Sends messages between the processes of one host. Messages are plain JSON values. They may be lost: everything that must
 * not be lost is in a store. The publisher's own subscribers receive its messages too.
 */
export interface PubSub {
  /** Publishes a message to all subscribers of the channel. */
  publish(channel: string, message: unknown): Promise<void>;
  /** Calls `onMessage` for each message of the channel, in the order of each publisher. Returns a function that unsubscribes. */
  subscribe(channel: string, onMessage: (message: unknown) => void): Promise<() => Promise<void>>;
}
