import type { SqlDriverAdapterFactory } from "@prisma/client/runtime/client";

type Connection = Awaited<ReturnType<SqlDriverAdapterFactory["connect"]>>;

/** A statement as Prisma sends it to the driver of a database, outside of transactions. */
export type SentStatement = Parameters<Connection["queryRaw"]>[0];

/** A driver that tells of every statement before it sends it. */
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
