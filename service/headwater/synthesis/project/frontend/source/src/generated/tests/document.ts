import { readFileSync } from "node:fs";

import shapes from "../openapi-shapes.json";
import type { Model } from "../models/model";

export type Schema = {
  $ref?: string;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  required?: string[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
};

type Document = {
  paths: Record<string, Record<string, unknown>>;
  components: { schemas: Record<string, Schema> };
};

type Shapes = Document & {
  paths: Record<string, Record<string, { "x-access": Record<string, string> }>>;
};

/** The description of the API: that of a running application if OPENAPI names a file with it, else that of the spec. */
export function readDocument(): Document {
  const file = process.env.OPENAPI;
  return file
    ? (JSON.parse(readFileSync(file, "utf8")) as Document)
    : (shapes as unknown as Document);
}

/** On which rows a role may use a route, as the spec has it. */
export function scopeOf(method: string, path: string, role: string): string {
  const { paths } = shapes as unknown as Shapes;
  return paths[path]?.[method]?.["x-access"][role] ?? "none";
}

/** The path of a row of an entity. */
export function rowPath(model: Model): string {
  const start = `/api/${model.path}/{`;
  return (
    Object.keys(shapes.paths).find((path) => path.startsWith(start) && path.endsWith("}")) ?? ""
  );
}
