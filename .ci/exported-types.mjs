// Every type that a public signature of a built package names can be imported from that package: whoever calls a function
// can name what it takes and gives. Looks at the declarations in dist/, which is what users get.
import { existsSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { packages, root } from "./tasks.mjs";

/** The built declarations of a package's entry points. */
const entryPoints = ({ directory, manifest }) =>
  Object.values(manifest.exports ?? {})
    .map((entry) => entry?.import?.types)
    .filter((types) => types !== undefined)
    .map((types) => join(root, directory, types))
    .filter(existsSync);

const home = ({ fileName }) => /^packages\/([^/]+)\/dist\//.exec(relative(root, fileName).split(sep).join("/"))?.[1];

// The boxes hand out parts of themselves that only their own tests look into.
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
// Classes that users can make instances of; others are exported as types, and their constructors are nobody's business.
const made = new Set();
for (const entry of entries) {
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry));
  const values = await import(pathToFileURL(entry.replace(/\.d\.ts$/, ".js")));
  for (const symbol of checker.getExportsOfModule(module)) {
    exported.add(resolved(symbol));
    if (symbol.name in values) made.add(resolved(symbol));
  }
}

/** The names that a node has in a place for types. */
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
  if (ts.isConstructorDeclaration(node) && !made.has(from)) return;
  for (const name of namesIn(node)) {
    const found = checker.getSymbolAtLocation(name);
    if (found === undefined) continue;
    const symbol = resolved(found);
    const isOurs = symbol.declarations?.some((declaration) => home(declaration.getSourceFile()) !== undefined);
    if (!isOurs || symbol.flags & ts.SymbolFlags.TypeParameter || seen.has(symbol)) continue;
    seen.add(symbol);
    waiting.push(symbol);
    // What only a `typeof` names is a value, and its shape is named where it is needed.
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
  throw new Error("There are no built declarations: run `npm run build`.");
for (const [symbol, from] of missing) {
  const folder = home(symbol.declarations[0].getSourceFile());
  console.log(`packages/${folder}: ${from.name} names ${symbol.name}, which is not exported`);
}
process.exitCode = missing.size === 0 ? 0 : 1;
