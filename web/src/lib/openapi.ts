// The API's description (OpenAPI 3.1), taken apart for the page that shows it. It is the server's own,
// so its shape is trusted; what it does not say is left out.

import { SCOPES } from "./access";
import type { Scope } from "./api";

export interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  oneOf?: Schema[];
  allOf?: Schema[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  example?: unknown;
}

export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: Schema;
}

interface Content {
  schema?: Schema;
}

interface Operation {
  tags?: string[];
  summary?: string;
  description?: string;
  operationId: string;
  security?: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { content: Record<string, Content>; required?: boolean };
  responses: Record<string, { description: string; content?: Record<string, Content> }>;
}

export interface Description {
  info: { title: string; version: string; description?: string };
  servers?: { url: string }[];
  tags?: { name: string; description?: string }[];
  paths: Record<string, Partial<Record<Method, Operation>>>;
  components?: { schemas?: Record<string, Schema> };
}

export type Method = (typeof METHODS)[number];

/** One thing that can be asked for. */
export interface Call {
  id: string;
  method: Method;
  path: string;
  summary: string;
  about: string;
  /** How far one must reach; null if it is for everyone. */
  scope: Scope | null;
  parameters: Parameter[];
  body: Schema | null;
  bodyRequired: boolean;
  answers: Answer[];
}

export interface Answer {
  status: string;
  about: string;
  schema: Schema | null;
}

export interface Group {
  name: string;
  about: string;
  calls: Call[];
}

/** One field of a body or an answer. */
export interface Field {
  name: string;
  kind: string;
  /** What else is asked of it, in words. */
  limits: string;
  required: boolean;
  about: string;
  /** What is inside of it, if it has fields itself. */
  inside: Schema | null;
}

/** All calls, by the parts of the API they belong to. */
export function groupsOf(document: Description): Group[] {
  const groups = (document.tags ?? []).map(({ name, description = "" }): Group => ({ name, about: description, calls: [] }));
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation === undefined) continue;
      const name = operation.tags?.[0] ?? "Other";
      let group = groups.find((group) => group.name === name);
      if (group === undefined) groups.push((group = { name, about: "", calls: [] }));
      group.calls.push(callOf(path, method, operation));
    }
  }
  return groups.filter((group) => group.calls.length > 0);
}

/** Only the calls in which all typed words are found. */
export function found(groups: readonly Group[], words: string): Group[] {
  const wanted = words.toLowerCase().split(/\s+/);
  const has = ({ method, path, summary, scope }: Call) => {
    const text = `${method} ${path} ${summary} ${scope ?? ""}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  };
  return groups
    .map((group) => ({ ...group, calls: group.calls.filter(has) }))
    .filter((group) => group.calls.length > 0);
}

/** The fields of an object, those of all its parts together; of a list, those of what is in it. */
export function fieldsOf(document: Description, schema: Schema): Field[] {
  const { schema: resolved } = resolve(document, schema);
  if (resolved.items !== undefined) return fieldsOf(document, resolved.items);
  const parts = (resolved.allOf ?? []).flatMap((part) => fieldsOf(document, part));
  const own = Object.entries(resolved.properties ?? {}).map(([name, inner]): Field => {
    const { schema: field } = resolve(document, inner);
    return {
      name,
      kind: kindOf(document, inner),
      limits: limitsOf(field),
      required: resolved.required?.includes(name) ?? false,
      about: field.description ?? "",
      inside: hasFields(document, inner) ? inner : null,
    };
  });
  return [...parts, ...own];
}

/** What a value is, in a word or two. */
export function kindOf(document: Description, schema: Schema): string {
  const { schema: resolved, nullable } = resolve(document, schema);
  const types = [resolved.type ?? []].flat().filter((type) => type !== "null");
  let kind = types.map((type) => KINDS.get(type) ?? type).join(" or ");
  if (resolved.items !== undefined) kind = `list of ${kindOf(document, resolved.items)}`;
  if (resolved.enum !== undefined) kind = "one of";
  if (kind === "") kind = "object";
  return nullable ? `${kind}, or null` : kind;
}

/** A body to begin with: what must be there, or everything if nothing must. */
export function exampleOf(document: Description, schema: Schema): unknown {
  const { schema: resolved } = resolve(document, schema);
  if (resolved.example !== undefined) return resolved.example;
  if (resolved.enum !== undefined) return resolved.enum[0];
  if (resolved.items !== undefined) return [exampleOf(document, resolved.items)];
  switch ([resolved.type].flat()[0]) {
    case "string":
      return "";
    case "integer":
    case "number":
      return resolved.minimum ?? 0;
    case "boolean":
      return true;
  }
  const example: Record<string, unknown> = {};
  for (const part of resolved.allOf ?? []) Object.assign(example, exampleOf(document, part));
  for (const [name, inner] of Object.entries(resolved.properties ?? {})) {
    if (resolved.required?.includes(name)) example[name] = exampleOf(document, inner);
  }
  return example;
}

/** The schema without references, and whether null may stand in its place. */
function resolve(document: Description, schema: Schema): { schema: Schema; nullable: boolean } {
  const { $ref, ...own } = schema;
  if ($ref !== undefined) {
    const name = $ref.slice($ref.lastIndexOf("/") + 1);
    const whole = resolve(document, document.components?.schemas?.[name] ?? {});
    // What is said at the reference is more to the point than what is said of all of its kind.
    return { schema: { ...whole.schema, ...own }, nullable: whole.nullable };
  }
  const [choice, ...others] = (own.oneOf ?? []).filter((choice) => choice.type !== "null");
  const nullable = [own.type].flat().includes("null") || own.oneOf?.some((choice) => choice.type === "null") === true;
  if (choice === undefined || others.length > 0) return { schema: own, nullable };
  return { schema: resolve(document, choice).schema, nullable };
}

function hasFields(document: Description, schema: Schema): boolean {
  const { schema: resolved } = resolve(document, schema);
  if (resolved.items !== undefined) return hasFields(document, resolved.items);
  return resolved.properties !== undefined || resolved.allOf !== undefined;
}

function limitsOf(schema: Schema): string {
  const { minimum, maximum, minLength, maxLength } = schema;
  const words = (schema.enum ?? schema.items?.enum)?.map(String).join(", ");
  const parts = [words, between(minimum, maximum, ""), between(minLength, maxLength, " characters")];
  return parts.filter((part) => part !== undefined && part !== "").join("; ");
}

function between(least: number | undefined, most: number | undefined, unit: string): string {
  if (least !== undefined && most !== undefined) return `${least} to ${most}${unit}`;
  if (most !== undefined) return `at most ${most}${unit}`;
  return least === undefined || least === 0 ? "" : `at least ${least}${unit}`;
}

function callOf(path: string, method: Method, operation: Operation): Call {
  const body = operation.requestBody?.content["application/json"]?.schema ?? null;
  const answers = Object.entries(operation.responses).map(([status, { description, content }]): Answer => {
    const schema = Object.values(content ?? {})[0]?.schema ?? null;
    return { status, about: description, schema };
  });
  return {
    id: operation.operationId,
    method,
    path,
    summary: operation.summary ?? "",
    about: operation.description ?? "",
    scope: scopeOf(operation),
    parameters: operation.parameters ?? [],
    body,
    bodyRequired: operation.requestBody?.required ?? false,
    answers,
  };
}

function scopeOf(operation: Operation): Scope | null {
  const words = (operation.security ?? []).flatMap((need) => Object.values(need).flat());
  return SCOPES.find((scope) => words.includes(scope)) ?? null;
}

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

const KINDS: ReadonlyMap<string, string> = new Map([
  ["string", "text"],
  ["boolean", "true or false"],
]);
