// What the engine wants to know of an expression before it runs: its names, its functions, its mistakes.

import { builtins, parseExpression } from 'feelin';

const CLOCK_FUNCTIONS = ['now', 'today'];
// feelin knows their names and throws when they are called
const NOT_BUILT = [
  'overlaps before', 'overlaps after', 'finishes', 'finished by', 'during', 'starts', 'started by', 'coincides'
];
const LARGEST_INTEGER = 2n ** 53n;

class Mistake extends Error {
  constructor(node, rule, found) {
    super(rule);
    this.position = node.from;
    this.found = found;
  }
}

function childrenOf(node) {
  const children = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (!child.type.isSkipped) {
      children.push(child);
    }
  }
  return children;
}

class Reader {
  constructor(source) {
    this.source = source;
    this.names = new Set();
    this.filterNames = new Set();
    this.paths = new Set();
    this.functions = new Set();
  }

  text(node) {
    return this.source.slice(node.from, node.to);
  }

  /** A name as feelin compares it: one blank between its parts, no backticks. */
  name(node) {
    return this.text(node).replace(/`/g, '').replace(/\s+/g, ' ').trim();
  }

  /** `a.b.c` of a name or a chain of properties of a name, else null. */
  path(node) {
    if (node.name === 'VariableName') {
      return [this.name(node)];
    }
    if (node.name !== 'PathExpression') {
      return null;
    }
    const [target, , property] = childrenOf(node);
    const start = this.path(target);
    return start && [...start, this.name(property)];
  }

  read(node, local, filtered) {
    const handler = this[`read${node.name}`];
    if (handler) {
      handler.call(this, node, local, filtered);
    } else {
      childrenOf(node).forEach(child => this.read(child, local, filtered));
    }
  }

  readVariableName(node, local, filtered) {
    this.use([this.name(node)], local, filtered);
  }

  readPathExpression(node, local, filtered) {
    const path = this.path(node);
    if (path) {
      this.use(path, local, filtered);
    } else {
      this.read(node.firstChild, local, filtered);
    }
  }

  use(path, local, filtered) {
    if (!local.has(path[0])) {
      (filtered ? this.filterNames : this.names).add(path[0]);
      this.paths.add(path.join('.'));
    }
  }

  readFunctionInvocation(node, local, filtered) {
    const [target, ...rest] = childrenOf(node);
    if (target.name === 'VariableName') {
      this.call(target, this.name(target), local);
    } else {
      this.read(target, local, filtered);
    }
    rest.forEach(child => this.read(child, local, filtered));
  }

  readSpecialFunctionName(node, local) {
    this.call(node, this.name(node), local);
  }

  readDateTimeConstructor(node, local) {
    this.call(node, this.name(node), local);
  }

  call(node, name, local) {
    if (local.has(name)) {
      return;
    }
    if (!Object.hasOwn(builtins, name)) {
      throw new Mistake(node, 'unknown_function', name);
    }
    if (NOT_BUILT.includes(name)) {
      throw new Mistake(node, 'function_not_built', name);
    }
    this.functions.add(name);
  }

  readContext(node, local, filtered) {
    const inner = new Set(local);
    for (const entry of childrenOf(node).filter(({ name }) => name === 'ContextEntry')) {
      const [key, value] = childrenOf(entry);
      if (!value) {
        throw new Mistake(entry, 'incomplete', this.text(entry));
      }
      this.read(value, inner, filtered);
      inner.add(this.name(key).replace(/^"|"$/g, ''));
    }
  }

  readForExpression(node, local, filtered) {
    this.readIteration(node, new Set(local).add('partial'), local, filtered);
  }

  readQuantifiedExpression(node, local, filtered) {
    this.readIteration(node, new Set(local), local, filtered);
  }

  readIteration(node, inner, local, filtered) {
    const seen = new Set(local);
    for (const child of childrenOf(node)) {
      if (child.name === 'InExpressions') {
        for (const part of childrenOf(child).filter(({ name }) => name === 'InExpression')) {
          const [name, , range] = childrenOf(part);
          this.read(range, seen, filtered);
          seen.add(this.name(name));
          inner.add(this.name(name));
        }
      } else {
        this.read(child, inner, filtered);
      }
    }
  }

  readFunctionDefinition(node, local, filtered) {
    const inner = new Set(local);
    for (const child of childrenOf(node)) {
      if (child.name === 'external') {
        throw new Mistake(child, 'external_function', this.text(node));
      }
      if (child.name === 'FormalParameters') {
        childrenOf(child)
          .filter(({ name }) => name === 'FormalParameter')
          .forEach(parameter => inner.add(this.name(parameter.firstChild)));
      } else {
        this.read(child, inner, filtered);
      }
    }
  }

  readFilterExpression(node, local, filtered) {
    const [target, , filter] = childrenOf(node);
    this.read(target, local, filtered);
    this.read(filter, new Set(local).add('item'), filter.name !== 'NumericLiteral');
  }

  readComparison(node, local, filtered) {
    const [left, operator, right] = childrenOf(node);
    if (operator?.name === 'CompareOp' && right?.name === 'SimplePositiveUnaryTest') {
      throw new Mistake(right, 'two_operators', this.text(right));
    }
    childrenOf(node).forEach(child => this.read(child, local, filtered));
  }

  readNumericLiteral(node) {
    const text = this.text(node);
    const value = Number(text);
    // read by BigInt, for a double has lost the digits that are asked about
    const tooLarge = /^\d+$/.test(text) ? BigInt(text) > LARGEST_INTEGER : value > LARGEST_INTEGER;
    if (tooLarge || Number.isNaN(value)) {
      throw new Mistake(node, 'number_too_large', this.text(node));
    }
  }

  readParameterName() {}

  readType() {}

  readPathName() {}
}

function firstError(tree, source) {
  let error = null;
  tree.iterate({
    enter({ type, node }) {
      if (type.isError && error === null) {
        error = node;
      }
    }
  });
  if (error === null) {
    return null;
  }
  const rest = source.slice(error.from).trim();
  return rest ? new Mistake(error, 'unexpected', rest) : new Mistake(error, 'incomplete', source);
}

/** {names, filterNames, paths, functions, barePath, clock} of an expression, or {rule, position, found} of its mistake. */
export function describe(source, dialect) {
  const reader = new Reader(source);
  try {
    const tree = parseExpression(source, {}, dialect);
    const error = firstError(tree, source);
    if (error) {
      throw error;
    }
    const [body] = childrenOf(tree.topNode);
    reader.read(body, new Set(), false);
    const bare = reader.path(body);
    return {
      names: [...reader.names],
      filterNames: [...reader.filterNames],
      paths: [...reader.paths],
      functions: [...reader.functions],
      barePath: bare && bare.join('.'),
      clock: CLOCK_FUNCTIONS.some(name => reader.functions.has(name))
    };
  } catch (error) {
    if (error instanceof Mistake) {
      return { rule: error.message, position: error.position, found: error.found };
    }
    return { rule: 'unexpected', position: error.position?.from ?? 0, found: String(error.message) };
  }
}
