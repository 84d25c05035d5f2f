import type { SqlDriverAdapterFactory } from "@prisma/client/runtime/client";

type Connection = Awaited<ReturnType<SqlDriverAdapterFactory["connect"]>>;

/** A statement that Prisma sends to a driver adapter outside a transaction. */
export type SentStatement = Parameters<Connection["queryRaw"]>[0];

/** Wraps a driver adapter and calls `onStatement` before each statement. */
export function recordingAdapter(
  factory: SqlDriverAdapterFactory,
  onStatement: (statement: SentStatement) => void,
): SqlDriverAdapterFactory {
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    async connect() {
      const connection = await factory.connect();
      return new Proxy(connection, {
        get(target, name) {
          if (name === "queryRaw" || name === "executeRaw") {
            return (statement: SentStatement) => {
              onStatement(statement);
              return target[name](statement);
            };
          }
          const value: unknown = Reflect.get(target, name);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    },
  };
}
