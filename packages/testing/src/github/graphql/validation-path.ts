import { type ASTNode, BREAK, type DocumentNode, Kind, visit } from "graphql";

/**
 * Returns the path of a node in GitHub's validation errors: the operation or fragment, then the fields and inline fragments
 * around the node, such as `["query Me", "viewer", "login"]`.
 */
export function validationPath(document: DocumentNode, target: ASTNode | undefined): string[] {
  const path: string[] = [];
  let found: string[] = [];
  visit(document, {
    enter(node) {
      const segment = segmentOf(node);
      if (segment !== undefined) path.push(segment);
      if (node !== target) return undefined;
      found = [...path];
      return BREAK;
    },
    leave(node) {
      if (segmentOf(node) !== undefined) path.pop();
    },
  });
  return found;
}

function segmentOf(node: ASTNode): string | undefined {
  switch (node.kind) {
    case Kind.OPERATION_DEFINITION:
      return node.name === undefined ? node.operation : `${node.operation} ${node.name.value}`;
    case Kind.FRAGMENT_DEFINITION:
      return `fragment ${node.name.value}`;
    case Kind.INLINE_FRAGMENT:
      return node.typeCondition === undefined ? "..." : `... on ${node.typeCondition.name.value}`;
    case Kind.FIELD:
      return (node.alias ?? node.name).value;
    default:
      return undefined;
  }
}
