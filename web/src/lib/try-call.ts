// A call that is made from the page that describes it.

import type { Call, Parameter } from "./openapi";

/** What was typed for a call. */
export interface Typed {
  /** By the names of the parameters. */
  values: Record<string, string>;
  body: string;
}

/** The path with what was typed; what was left empty is left out of the query. */
export function pathOf(base: string, call: Call, typed: Typed): string {
  const given = (parameter: Parameter) => (typed.values[parameter.name] ?? "").trim();
  let path = call.path;
  const query = new URLSearchParams();
  for (const parameter of call.parameters) {
    const value = given(parameter);
    if (parameter.in === "path") path = path.replace(`{${parameter.name}}`, value === "" ? `{${parameter.name}}` : encodeURIComponent(value));
    if (parameter.in === "query" && value !== "") query.append(parameter.name, value);
  }
  return `${base}${path}${query.size > 0 ? `?${query}` : ""}`;
}

/** The headers that go with it. */
export function headersOf(call: Call, typed: Typed): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { name, in: place } of call.parameters) {
    const value = (typed.values[name] ?? "").trim();
    if (place === "header" && value !== "") headers[name] = value;
  }
  if (sendsBody(call, typed)) headers["Content-Type"] = "application/json";
  return headers;
}

export function sendsBody(call: Call, typed: Typed): boolean {
  return call.body !== null && typed.body.trim() !== "";
}

/** Names of what must be typed and was not. */
export function missing(call: Call, typed: Typed): string[] {
  const empty = ({ name, required }: Parameter) => required === true && (typed.values[name] ?? "").trim() === "";
  return call.parameters.filter(empty).map(({ name }) => name);
}

/** The same for a shell, with a token instead of the session. */
export function curlOf(origin: string, base: string, call: Call, typed: Typed): string {
  const parts = [`curl ${quote(origin + pathOf(base, call, typed))}`];
  if (call.method !== "get") parts.push(`-X ${call.method.toUpperCase()}`);
  if (call.scope !== null) parts.push(`-H "Authorization: Bearer $TOKEN"`);
  for (const [name, value] of Object.entries(headersOf(call, typed))) parts.push(`-H ${quote(`${name}: ${value}`)}`);
  if (sendsBody(call, typed)) parts.push(`--data ${quote(typed.body)}`);
  return parts.join(" \\\n  ");
}

/** JSON is set out for reading; what is none is shown as it is. */
export function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
