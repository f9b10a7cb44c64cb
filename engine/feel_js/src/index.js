// The FEEL evaluator that engine/definition/feel.py runs in an embedded V8 isolate.
//
// Texts of JSON go in and out, because one string is the cheapest thing to hand across.  An expression is parsed once
// and kept; the clock and the zone are those of the command.

import { Temporal } from 'temporal-polyfill';
import {
  FeelDate,
  FeelDateTime,
  FeelDuration,
  FeelTime,
  Interpreter,
  InterpreterContext,
  parseExpression
} from 'feelin';
import { describe } from './describe.js';

const DIALECT = 'camunda';
const KEPT = 2000;
const LARGEST_INTEGER = 2 ** 53;

const clock = { micros: 0, zone: 'UTC' };

function pinnedNow(zone = clock.zone) {
  return Temporal.Instant.fromEpochNanoseconds(BigInt(clock.micros) * 1000n).toZonedDateTimeISO(zone);
}

Object.assign(Temporal.Now, {
  timeZoneId: () => clock.zone,
  instant: () => pinnedNow().toInstant(),
  zonedDateTimeISO: pinnedNow,
  plainDateTimeISO: zone => pinnedNow(zone).toPlainDateTime(),
  plainDateISO: zone => pinnedNow(zone).toPlainDate(),
  plainTimeISO: zone => pinnedNow(zone).toPlainTime()
});

/** What an expression cannot give: the engine stores JSON only. */
class NotStorable extends Error {}

const programs = new Map();

function program(source) {
  let found = programs.get(source);
  if (found === undefined) {
    const warnings = new InterpreterContext();
    const tree = parseExpression(source, {}, DIALECT);
    found = { root: new Interpreter()._buildExecutionTree(tree, source, warnings).root, warnings };
    if (programs.size >= KEPT) {
      programs.delete(programs.keys().next().value);
    }
  } else {
    programs.delete(source);
  }
  programs.set(source, found);
  return found;
}

/** A temporal value as ISO 8601: the name of a zone becomes the offset that it had. */
function iso(value) {
  const zone = value.zone ?? null;
  if (zone === null || zone === 'UTC' || /^[+-]/.test(zone)) {
    return value.toString();
  }
  const day = value instanceof FeelTime ? pinnedNow(zone).toPlainDate().toPlainDateTime(value.unwrap()) : value.unwrap();
  return value.unwrap().toString() + day.toZonedDateTime(zone).offset;
}

function storable(value) {
  if (value === undefined || value === null) {
    return null;
  }
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return value;
    case 'number':
      if (!Number.isFinite(value)) {
        throw new NotStorable(`bilangan terhingga diharapkan, ditemukan ${value}`);
      }
      if (Number.isInteger(value) && Math.abs(value) > LARGEST_INTEGER) {
        throw new NotStorable(`bilangan bulat sampai 2^53 diharapkan, ditemukan ${value}`);
      }
      return value;
  }
  if (Array.isArray(value)) {
    return value.map(storable);
  }
  if (value instanceof FeelDate || value instanceof FeelDuration) {
    return value.toString();
  }
  if (value instanceof FeelDateTime || value instanceof FeelTime) {
    return iso(value);
  }
  if (Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, storable(entry)]));
  }
  throw new NotStorable('nilai yang dapat disimpan diharapkan, ditemukan fungsi atau rentang');
}

function unknownNames(warnings) {
  const names = warnings
    .filter(({ type }) => type === 'NO_VARIABLE_FOUND')
    .map(({ message }) => message.slice("Variable '".length, -"' not found".length));
  return [...new Set(names)];
}

/**
 * [source, variables, now in microseconds, zone] -> {v: value, u: names of unknown variables} or {e: reason}.
 */
function evaluate(text) {
  const [source, variables, micros, zone] = JSON.parse(text);
  clock.micros = micros;
  clock.zone = zone;
  try {
    const { root, warnings } = program(source);
    warnings.warnings = [];
    const value = storable(root(variables));
    return JSON.stringify(
      warnings.warnings.length ? { v: value, u: unknownNames(warnings.warnings) } : { v: value }
    );
  } catch (error) {
    return JSON.stringify({ e: String(error.message) });
  }
}

globalThis.primaFeel = {
  evaluate,
  parse: source => JSON.stringify(describe(source, DIALECT))
};
