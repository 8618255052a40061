import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

import * as api from "../api";
import { readDocument, type Schema } from "./document";
import { json, serve } from "./server";

const FOLDER = join(import.meta.dirname, "../api");
const { paths, components } = readDocument();
const types = declaredTypes();

describe("the types of the client are those of the API", () => {
  const named = [...types.keys()].filter((name) => name in components.schemas);

  test("every schema that the pages use is declared", () => {
    expect(named.length).toBeGreaterThan(0);
  });

  test.each(named)("%s", (name) => {
    expect(written(types.get(name))).toBe(described({ $ref: `#/components/schemas/${name}` }));
  });
});

describe("the client calls the API", () => {
  test("by exactly its routes", async () => {
    const calls = serve(() => json({}));
    for (const group of Object.values(api)) {
      for (const call of Array.isArray(group) ? [] : Object.values(group)) {
        await (call as (id: unknown, body: unknown) => Promise<unknown>)(7, {});
      }
    }
    const called = calls.map(({ method, path }) => `${method} ${path}`);
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((each) => `${each.toUpperCase()} ${path.replace(/\{\w+\}/, "7")}`),
    );
    expect(called.toSorted()).toEqual(routes.filter((each) => each.includes(" /api/")).toSorted());
  });
});

/** The types that the modules of the client export, by their names. */
function declaredTypes(): Map<string, ts.TypeNode> {
  const found = new Map<string, ts.TypeNode>();
  for (const file of readdirSync(FOLDER)) {
    const text = readFileSync(join(FOLDER, file), "utf8");
    for (const each of ts.createSourceFile(file, text, ts.ScriptTarget.Latest).statements) {
      if (ts.isTypeAliasDeclaration(each) && !each.typeParameters) {
        found.set(each.name.text, each.type);
      }
    }
  }
  return found;
}

/** A declared type, spelt out: aliases are resolved, members and alternatives sorted. */
function written(node: ts.TypeNode | undefined): string {
  if (node === undefined) {
    return "unknown";
  }
  if (ts.isTypeLiteralNode(node)) {
    return object(
      node.members.filter(ts.isPropertySignature).map((each) => {
        const name = (each.name as ts.Identifier).text;
        return [name, each.questionToken === undefined, written(each.type)];
      }),
    );
  }
  if (ts.isUnionTypeNode(node)) {
    return union(node.types.map(written));
  }
  if (ts.isArrayTypeNode(node)) {
    return `[${written(node.elementType)}]`;
  }
  if (ts.isLiteralTypeNode(node)) {
    return ts.isStringLiteral(node.literal) ? JSON.stringify(node.literal.text) : "null";
  }
  if (ts.isTypeReferenceNode(node)) {
    const name = ts.isQualifiedName(node.typeName) ? node.typeName.right.text : node.typeName.text;
    return name === "Record"
      ? `{*: ${written(node.typeArguments?.[1])}}`
      : written(types.get(name));
  }
  return KEYWORDS[node.kind] ?? "unknown";
}

const KEYWORDS: Partial<Record<ts.SyntaxKind, string>> = {
  [ts.SyntaxKind.StringKeyword]: "string",
  [ts.SyntaxKind.NumberKeyword]: "number",
  [ts.SyntaxKind.BooleanKeyword]: "boolean",
};

/** A schema of the API, spelt out in the same way. */
function described(schema: Schema): string {
  const { $ref, anyOf, items, properties, additionalProperties, required = [], type } = schema;
  if ($ref) {
    return described(components.schemas[$ref.replace("#/components/schemas/", "")] ?? {});
  }
  if (anyOf) {
    return union(anyOf.map(described));
  }
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  if (values) {
    return union(values.map((each) => JSON.stringify(each)));
  }
  if (items) {
    return `[${described(items)}]`;
  }
  if (properties) {
    const entries = Object.entries(properties);
    return object(
      entries.map(([name, each]) => [name, required.includes(name), described(each)] as const),
    );
  }
  if (additionalProperties !== undefined) {
    return `{*: ${typeof additionalProperties === "object" ? described(additionalProperties) : "unknown"}}`;
  }
  return type === "integer" ? "number" : (type ?? "unknown");
}

function object(members: (readonly [string, boolean, string])[]): string {
  const lines = members.map(([name, always, type]) => `${name}${always ? "" : "?"}: ${type}`);
  return `{${lines.toSorted().join("; ")}}`;
}

function union(members: string[]): string {
  return [...new Set(members)].toSorted().join(" | ");
}
