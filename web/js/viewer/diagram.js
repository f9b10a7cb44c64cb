import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

import { text } from "./texts.js";

const FIT_MARGIN = 24; // px around the diagram, so that badges on its edge are seen
const SMALLEST_SCALE = 0.1;

/** Draw `xml` in `container`, fitted, with zoom buttons; gives the bpmn-js viewer, or throws what bpmn-js says of the XML. */
export async function openDiagram(container, xml) {
  // The wheel scrolls the page until the diagram has the focus: a diagram must not be a trap on the way down.
  const viewer = new NavigatedViewer({ container, zoomScroll: { enabled: false } });
  try {
    await viewer.importXML(xml);
  } catch (error) {
    viewer.destroy();
    throw error;
  }
  const svg = container.querySelector(".djs-container > svg");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", text("diagram"));
  viewer.on("canvas.focus.changed", ({ focused }) => viewer.get("zoomScroll").toggle(focused));
  const view = new View(viewer.get("canvas"));
  view.fit();
  new ResizeObserver(() => view.resized()).observe(container);
  panByTouch(viewer, view, svg);
  container.append(zoomButtons(viewer, view));
  return viewer;
}

/** What part of the diagram is seen. */
class View {
  constructor(canvas) {
    this.canvas = canvas;
  }

  fitScale() {
    const { inner, outer } = this.canvas.viewbox();
    const across = (outer.width - 2 * FIT_MARGIN) / inner.width;
    const down = (outer.height - 2 * FIT_MARGIN) / inner.height;
    return Math.min(1, Math.max(SMALLEST_SCALE, Math.min(across, down)));
  }

  /** Show the whole diagram, centred, never larger than drawn. */
  fit() {
    const { inner, outer } = this.canvas.viewbox();
    if (!inner.width || !outer.width) {
      return; // an empty diagram, or one in a closed <details>
    }
    const scale = this.fitScale();
    const width = outer.width / scale;
    const height = outer.height / scale;
    const x = inner.x - (width - inner.width) / 2;
    const y = inner.y - (height - inner.height) / 2;
    this.canvas.viewbox({ x, y, width, height });
    this.fitted = this.place();
  }

  /** Fit again in the new size, unless the reader has moved to a view of their own. */
  resized() {
    const untouched = !this.fitted || this.fitted === this.place();
    this.canvas.resized();
    if (untouched) {
      this.fit();
    }
  }

  place() {
    const { x, y, scale } = this.canvas.viewbox();
    return [x, y, scale].map((number) => number.toFixed(3)).join(" ");
  }
}

/** bpmn-js moves by mouse only. A finger moves a diagram that is larger than its frame; a fitted one lets the page scroll. */
function panByTouch(viewer, view, svg) {
  let last = null;
  viewer.on("canvas.viewbox.changed", ({ viewbox }) => {
    svg.classList.toggle("prima-zoomed", viewbox.scale > view.fitScale() + 0.001);
  });
  svg.addEventListener("pointerdown", (event) => {
    const moves = event.pointerType === "touch" && svg.classList.contains("prima-zoomed");
    last = moves ? { x: event.clientX, y: event.clientY } : null;
  });
  svg.addEventListener("pointermove", (event) => {
    if (last) {
      view.canvas.scroll({ dx: event.clientX - last.x, dy: event.clientY - last.y });
      last = { x: event.clientX, y: event.clientY };
    }
  });
  for (const end of ["pointerup", "pointercancel"]) {
    svg.addEventListener(end, () => (last = null));
  }
}

function zoomButtons(viewer, view) {
  const zoom = viewer.get("zoomScroll");
  const group = document.createElement("div");
  group.className = "prima-diagram-buttons";
  group.append(
    button("+", "zoomIn", () => zoom.stepZoom(1)),
    button("−", "zoomOut", () => zoom.stepZoom(-1)),
    button("⤢", "fit", () => view.fit()),
  );
  return group;
}

function button(sign, key, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = sign;
  made.title = text(key);
  made.setAttribute("aria-label", text(key));
  made.addEventListener("click", act);
  return made;
}
