"use strict";

const element = (id) => document.getElementById(id);
let apis = null;

/** Every operation of the document, with its method and path. */
function operations() {
  return Object.entries(apis.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })));
}

function resolved(schema) {
  return schema.$ref ? apis.components.schemas[schema.$ref.split("/").pop()] : schema;
}

/** A value to start from: what the schema gives as default, else the emptiest of its type. */
function example(given) {
  const schema = resolved(given);
  if ("default" in schema) return schema.default;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf || schema.oneOf) return example((schema.anyOf || schema.oneOf)[0]);
  if (schema.type === "object") {
    const required = schema.required || [];
    return Object.fromEntries(required.map((name) => [name, example(schema.properties[name])]));
  }
  if (schema.type === "array") return schema.minItems ? [example(schema.items)] : [];
  if (schema.type === "integer" || schema.type === "number") return schema.minimum || 0;
  return schema.type === "boolean" ? false : "";
}

function chosen() {
  return operations()[element("operation").selectedIndex];
}

function show() {
  const operation = chosen();
  element("summary").textContent = operation.summary;
  element("key").value = `local-key-of-${operation.tags[0]}-api`;
  element("parameters").replaceChildren(...operation.parameters.flatMap((parameter) => {
    const label = document.createElement("label");
    const input = document.createElement("input");
    input.id = `parameter ${parameter.name}`;
    input.required = parameter.required;
    label.htmlFor = input.id;
    label.textContent = `${parameter.name} (${parameter.in}${resolved(parameter.schema).type === "array" ? ", one per comma" : ""})`;
    return [label, input];
  }));
  element("body-part").hidden = !operation.requestBody;
  if (operation.requestBody) {
    const schema = operation.requestBody.content["application/json"].schema;
    element("body").value = JSON.stringify(example(schema), null, 2);
  }
}

/** Address and options of the request that the form describes. */
function request() {
  const operation = chosen();
  const headers = { "X-Api-Key": element("key").value, Accept: "application/json" };
  const query = new URLSearchParams();
  let path = operation.path;
  for (const parameter of operation.parameters) {
    const value = element(`parameter ${parameter.name}`).value;
    if (value === "") continue;
    if (parameter.in === "path") path = path.replace(`{${parameter.name}}`, encodeURIComponent(value));
    if (parameter.in === "header") headers[parameter.name] = value;
    if (parameter.in === "query") {
      const many = resolved(parameter.schema).type === "array" ? value.split(",") : [value];
      many.forEach((item) => query.append(parameter.name, item));
    }
  }
  const options = { method: operation.method, headers };
  if (operation.requestBody) {
    headers["Content-Type"] = "application/json";
    options.body = element("body").value;
  }
  return [query.size ? `${path}?${query}` : path, options];
}

async function send(event) {
  event.preventDefault();
  const [address, options] = request();
  const started = performance.now();
  element("status").textContent = "Waiting …";
  try {
    const answer = await fetch(address, options);
    const text = await answer.text();
    const took = Math.round(performance.now() - started);
    element("status").textContent = `${answer.status} ${answer.statusText}, ${took} ms: ${options.method} ${address}`;
    element("answer").textContent = pretty(text);
  } catch (error) {
    element("status").textContent = `No answer: ${error.message}`;
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function start() {
  apis = await (await fetch("/-/openapi.json")).json();
  element("operation").replaceChildren(...operations().map((operation) =>
    new Option(`${operation.method} ${operation.path}${operation.parameters.some((p) => p.name === "ids") ? " (list, or ids)" : ""}`)));
  element("operation").addEventListener("change", show);
  element("call").addEventListener("submit", send);
  show();
}

start();
