// Checks that every type in a public signature of a built package is exported by a package, so that callers can name the types of
// parameters and results. Reads the declarations in dist/, which are published.
import { existsSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { packages, root } from "./tasks.mjs";

/** Returns the paths of the declarations of a package's entry points. */
const entryPoints = ({ directory, manifest }) =>
  Object.values(manifest.exports ?? {})
    .map((entry) => entry?.import?.types ?? entry?.types)
    .filter((types) => types !== undefined)
    .map((types) => join(root, directory, types))
    .filter(existsSync);

const home = ({ fileName }) => /^packages\/([^/]+)\/dist\//.exec(relative(root, fileName).split(sep).join("/"))?.[1];

// The testing package exposes internal parts of the boxes for its own tests.
const checked = packages.filter(({ manifest }) => manifest.name !== "@infrajet/github-testing");
const entries = checked.flatMap(entryPoints);
const program = ts.createProgram(entries, {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  skipLibCheck: true,
  types: [],
});
const checker = program.getTypeChecker();
const resolved = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);

const exported = new Set();
// Classes that users can construct. Constructors of classes that are exported only as types are not checked.
const constructible = new Set();
for (const entry of entries) {
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry));
  const values = await import(pathToFileURL(entry.replace(/\.d\.ts$/, ".js")));
  for (const symbol of checker.getExportsOfModule(module)) {
    exported.add(resolved(symbol));
    if (symbol.name in values) constructible.add(resolved(symbol));
  }
}

/** Returns the type names in a node. */
function namesIn(node) {
  if (ts.isTypeReferenceNode(node)) return [node.typeName];
  if (ts.isTypeQueryNode(node)) return [node.exprName];
  if (ts.isExpressionWithTypeArguments(node)) return [node.expression];
  return [];
}

const missing = new Map();
const waiting = [...exported];
const seen = new Set(waiting);
const follow = (from, node) => {
  if (ts.isConstructorDeclaration(node) && !constructible.has(from)) return;
  for (const name of namesIn(node)) {
    const found = checker.getSymbolAtLocation(name);
    if (found === undefined) continue;
    const symbol = resolved(found);
    const isOurs = symbol.declarations?.some((declaration) => home(declaration.getSourceFile()) !== undefined);
    if (!isOurs || symbol.flags & ts.SymbolFlags.TypeParameter || seen.has(symbol)) continue;
    seen.add(symbol);
    waiting.push(symbol);
    // A name in `typeof` refers to a value, whose type need not have a name.
    if (!(symbol.flags & ts.SymbolFlags.Type)) continue;
    missing.set(symbol, from);
  }
  ts.forEachChild(node, (child) => follow(from, child));
};
for (let symbol = waiting.pop(); symbol !== undefined; symbol = waiting.pop()) {
  for (const declaration of symbol.declarations ?? []) {
    if (home(declaration.getSourceFile()) !== undefined) follow(symbol, declaration);
  }
}

if (entries.length === 0 || exported.size === 0)
  throw new Error("No built declarations were found. Run `npm run build`.");
for (const [symbol, from] of missing) {
  const folder = home(symbol.declarations[0].getSourceFile());
  console.log(`packages/${folder}: ${from.name} refers to ${symbol.name}, which is not exported`);
}
process.exitCode = missing.size === 0 ? 0 : 1;
