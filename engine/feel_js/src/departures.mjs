// Where feelin 8.2.0 departs from the FEEL standard (DMN 1.4, clause 10.3) and how it is mended, as text to find in
// its source and text to put there.  Every `find` must be there exactly once, so that another version of feelin
// cannot be built half mended.

const departures = [
  {
    why: 'moments that differ by less than a millisecond are not equal',
    find: "return value.value.toZonedDateTime('UTC').epochMilliseconds;",
    put: "return value.value.toZonedDateTime('UTC').epochNanoseconds;"
  },
  {
    why: 'the same, for an offset with seconds',
    find: ": value.value.toZonedDateTime('UTC')).epochMilliseconds;\n            return utcEpoch - offsetSeconds * 1000;",
    put: ": value.value.toZonedDateTime('UTC')).epochNanoseconds;\n            return utcEpoch - BigInt(offsetSeconds) * 1000000000n;"
  },
  {
    why: 'the same, for a named zone',
    find: ': value.value.toZonedDateTime(zone)).epochMilliseconds;',
    put: ': value.value.toZonedDateTime(zone)).epochNanoseconds;'
  },
  {
    why: 'P200D is not P201D, and a duration in months cannot be compared with one in days',
    find: 'function durationEquals(a, b) {',
    put: `function durationEquals(a, b) {
    if (a.yearsMonths !== b.yearsMonths) return null;
    const size = ({ value, yearsMonths }) => yearsMonths
        ? value.years * 12 + value.months
        : value.total({ unit: 'nanosecond', relativeTo: REFERENCE_DATE });
    return size(a) === size(b);
}
function durationEqualsRoughly(a, b) {`
  },
  {
    why: 'a difference is of moments, not of what clocks in two zones show',
    find: 'function subtractTemporals(a, b) {',
    put: `function subtractTemporals(a, b) {
    if (isTime(a) !== isTime(b)) return null;
    if (isDate(a) && isZoned(b)) a = new FeelDateTime(a.value.toPlainDateTime(), 'UTC');
    if (isDate(b) && isZoned(a)) b = new FeelDateTime(b.value.toPlainDateTime(), 'UTC');
    if (isZoned(a) !== isZoned(b)) return null;
    if (isZoned(a)) {
        const nanoseconds = toComparable(a) - toComparable(b);
        const milliseconds = Number(nanoseconds / 1000000n);
        return new FeelDuration(Temporal.Duration.from({ milliseconds, nanoseconds: Number(nanoseconds % 1000000n) }), false);
    }`
  },
  {
    why: 'only values of one kind can be put in order',
    find: 'function rangeIncludes(range, value) {',
    put: `function orderedKind(value) {
    const type = getType(value);
    if (type === 'duration') return value.yearsMonths ? 'months' : 'days';
    if (type === 'time' || type === 'date time') return isZoned(value) ? type + ' with zone' : type;
    return type === 'number' || type === 'string' || type === 'date' ? type : null;
}
function oneKind(...values) {
    const kind = orderedKind(values[0]);
    return kind !== null && values.every(value => orderedKind(value) === kind);
}
function ends(value) {
    return value instanceof FeelRange ? [value.start, value.end].filter(end => end !== null) : [value];
}
function and3(a, b) {
    return a === false || b === false ? false : a === true && b === true ? true : null;
}
function rangeIncludes(range, value) {
    const known = [...ends(range), ...ends(value)];
    if (known.length && !oneKind(...known)) return null;`
  },
  {
    why: 'a range that runs downwards holds nothing',
    find: 'if (start !== null && end !== null && cmp(start, end) > 0) {',
    put: 'if (false) {'
  },
  {
    why: 'the same for before() and after()',
    find: 'function before(a, b) {',
    put: `function before(a, b) {
    return oneKind(...ends(a), ...ends(b)) ? beforeOfOneKind(a, b) : null;
}
function beforeOfOneKind(a, b) {`
  },
  {
    why: 'the same for meets() and met by()',
    find: 'function meets(a, b) {',
    put: `function meets(a, b) {
    if (!oneKind(...ends(a), ...ends(b))) return null;`
  },
  {
    why: 'not knowing whether one is before the other is not to know that they overlap',
    find: 'return !before(range1, range2) && !before(range2, range1);',
    put: `const first = before(range1, range2), second = before(range2, range1);
        return first === null || second === null ? null : !first && !second;`
  },
  {
    why: 'a range between values that have no order is unknown, not an exception',
    find: 'throw new Error(`unsupported range: ${start}..${end}`);',
    put: 'return createRange(null, null, false, false);'
  },
  {
    why: 'a missing value is null',
    find: 'function createRange(start, end, startIncluded = true, endIncluded = true) {',
    put: `function createRange(start, end, startIncluded = true, endIncluded = true) {
    start = start === undefined ? null : start;
    end = end === undefined ? null : end;`
  },
  {
    why: 'a range with an unknown bound is unknown; it is not open at that side',
    find: 'return createRange(left, right, startIncluded, endIncluded);',
    put: `if (isNil(left) || isNil(right)) return createRange(null, null, false, false);
                return createRange(left, right, startIncluded, endIncluded);`
  },
  {
    why: 'between is two comparisons: null for unlike kinds, false when the bounds are the wrong way round',
    find: `if (start === null || end === null) {
                    return null;
                }
                return createRange(start, end).includes(args[0](context));`,
    put: `const middle = args[0](context);
                return and3(
                    createRange(start, null, true, false).includes(middle),
                    createRange(null, end, false, true).includes(middle)
                );`
  },
  {
    why: 'a list of one is not its element',
    find: `if (isArray(a) && a.length < 2) {
        a = a[0];
    }
    if (isArray(b) && b.length < 2) {
        b = b[0];
    }
    const aType`,
    put: 'const aType'
  },
  {
    why: 'list contains() and index of() compare as = does',
    find: 'function matches(a, b) {\n    return a === b;',
    put: 'function matches(a, b) {\n    return equals(a, b) === true;'
  },
  {
    why: '1..0 and -3..0 are iterations too',
    find: 'return b ? createRange(a, b) : a;',
    put: "return !args[2] ? a : getType(a) === getType(b) && !isNil(a) ? createRange(a, b) : null;"
  },
  {
    why: 'if takes its first branch for true and for nothing else',
    find: 'if (isTruthy(ifCondition(context))) {',
    put: 'if (ifCondition(context) === true) {'
  },
  {
    why: 'every is a conjunction in three values',
    find: 'return contexts.every(ctx => isTruthy(_condition(ctx)));',
    put: 'return contexts.reduce((so_far, ctx) => and3(so_far, _condition(ctx)), true);'
  },
  {
    why: 'some is a disjunction in three values',
    find: 'return contexts.some(ctx => isTruthy(_condition(ctx)));',
    put: `return contexts.reduce((so_far, ctx) => {
                    const found = _condition(ctx);
                    return so_far === true || found === true ? true : so_far === false && found === false ? false : null;
                }, false);`
  },
  {
    why: 'a filter keeps elements that are false or null, and may be a property of the element',
    find: `if (isBoolean(idx)) {
                    if (idx === true) {
                        return target;
                    }
                    else {
                        return [];
                    }
                }
                if (!isNumber(idx)) {
                    return [];
                }`,
    put: `if (!isNumber(idx)) {
                    return filterTarget.filter(el =>
                        filterFn(Object.assign({}, context, { item: el }, isContext(el) ? el : null)) === true);
                }`
  },
  {
    why: 'the same for a filter that is a comparison',
    find: 'return filterTarget.map(el => {\n',
    put: 'return filterTarget.filter(el => {\n'
  },
  {
    why: 'the same',
    find: `if (result === true) {
                        return el;
                    }
                    return result;
                }).filter(isTruthy);`,
    put: `return result === true;
                });`
  },
  {
    why: '1e3 is a thousand, not one',
    find: "const value = node.input.includes('.') ? parseFloat(node.input) : parseInt(node.input);",
    put: 'const value = Number(node.input);'
  },
  {
    why: 'an empty text is not zero, and 0x10 is no number of FEEL',
    find: 'const number = +from;',
    put: 'const number = /^[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?$/.test(from) ? +from : NaN;'
  }
];

// what index.js needs to parse once and run often
const door = '\nexport { Interpreter, InterpreterContext, builtins };\n';

/** The source of feelin with every departure mended; throws when one is not found exactly once. */
export function mend(source) {
  const mended = departures.reduce((text, { why, find, put }) => {
    const found = text.split(find).length - 1;
    if (found !== 1) {
      throw new Error(`departures.mjs: expected exactly one place in feelin for "${why}", found ${found}`);
    }
    return text.replace(find, () => put);
  }, source);
  return mended + door;
}
