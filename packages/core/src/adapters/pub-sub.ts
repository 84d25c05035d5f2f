/**
 * Carries messages between the processes of one host. Delivery is best effort: messages may be lost, and everything that
 * must not be lost is in a store. A publisher's own subscribers get its messages too. Messages are plain JSON values.
 */
export interface PubSub {
  publish(channel: string, message: unknown): Promise<void>;
  /** Calls `onMessage` for each message of the channel from now on, in the order of publishing per publisher; gives back what ends it. */
  subscribe(channel: string, onMessage: (message: unknown) => void): Promise<() => Promise<void>>;
}
