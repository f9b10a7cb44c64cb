import { text } from "./texts.js";

const OVERLAY = "prima-mark";
const SMALL = 60; // px: the height up to which a shape (event, gateway) has its name below it

const CLASSES = ["prima-active", "prima-late", "prima-incident", "prima-completed"];

/**
 * Mark on the diagram where an instance stands; what was marked before is taken off.
 *
 * `state`: {"active": [{"element_id", "count", "late": bool, "label"}], "completed": {element_id: count},
 * "incidents": [{"element_id", "label"}]}. An element that the diagram does not hold is reported on the console.
 */
export function showMarks(viewer, { active = [], completed = {}, incidents = [] }) {
  const board = new Board(viewer);
  board.clear();
  for (const [elementId, count] of Object.entries(completed)) {
    board.mark(elementId, "prima-completed");
    if (board.hasRoomForCount(elementId, count)) {
      board.badge(elementId, { foot: "left" }, "completed", `✓ ${count}`, text("completed", count));
    }
  }
  for (const { element_id: elementId, count, late, label } of active) {
    board.mark(elementId, late ? "prima-late" : "prima-active");
    const kind = late ? "late" : "active";
    board.badge(elementId, { head: "right" }, kind, String(count), label || text("active", count));
    if (late) {
      board.badge(elementId, { head: "left" }, "late", text("late"), label || text("late"));
    }
  }
  for (const { element_id: elementId, label } of incidents) {
    board.mark(elementId, "prima-incident");
    board.badge(elementId, { foot: "right" }, "incident", `! ${text("incident")}`, label || text("incident"));
  }
}

class Board {
  constructor(viewer) {
    this.canvas = viewer.get("canvas");
    this.overlays = viewer.get("overlays");
    this.elements = viewer.get("elementRegistry");
  }

  clear() {
    this.overlays.remove({ type: OVERLAY });
    this.elements.forEach((element) => {
      for (const name of CLASSES) {
        this.canvas.removeMarker(element, name);
      }
    });
  }

  mark(elementId, name) {
    if (this.elements.get(elementId)) {
      this.canvas.addMarker(elementId, name);
    } else {
      console.warn(`The diagram holds no element "${elementId}".`);
    }
  }

  /** A count would bury the activity that a boundary event sits on, and once is told by the outline of an event alone. */
  hasRoomForCount(elementId, count) {
    const element = this.elements.get(elementId);
    return Boolean(element) && !element.host && (count > 1 || element.height > SMALL);
  }

  badge(elementId, corner, kind, words, title) {
    const element = this.elements.get(elementId);
    if (!element || element.waypoints) {
      return;
    }
    const badge = document.createElement("div");
    badge.className = `prima-badge prima-badge-${kind}`;
    badge.textContent = words;
    badge.title = title;
    // Badges keep a readable size when the diagram is small, and do not bury it when it is large.
    const position = placeAt(corner, element);
    this.overlays.add(elementId, OVERLAY, { position, html: badge, scale: { min: 0.8, max: 1.2 } });
  }
}

/** px from the shape's edges; what belongs at the foot of a small shape goes above its head instead, off its name. */
function placeAt({ head, foot }, { height }) {
  const across = (head ?? foot) === "left" ? { left: -8 } : { right: 14 };
  if (head) {
    return { top: -12, ...across };
  }
  return height > SMALL ? { bottom: 10, ...across } : { top: -34, ...across };
}
