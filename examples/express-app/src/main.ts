// A host on Express. Everything that does not depend on Express, such as the environment and the database, is in examples/host.
import { runHost } from "example-host";
import { expressServer } from "./express-server.js";

await runHost(expressServer);
