// A host on Fastify. Everything that does not depend on Fastify, such as the environment and the database, is in examples/host.
import { runHost } from "example-host";
import { fastifyServer } from "./fastify-server.js";

await runHost(fastifyServer);
