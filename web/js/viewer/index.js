/**
 * Draws every `<div data-bpmn-viewer data-bpmn-url="…">` of the page.
 *
 * - `data-bpmn-url`: the BPMN 2.0 XML.
 * - `data-state-url` (optional): JSON of what to mark, see marks.js.
 * - `data-poll-seconds` (optional): ask for the state again this often while the tab is visible.
 *
 * A `prima:refresh` event on the div asks for the state at once. The div's height is the style sheet's (`.prima-diagram`).
 */
import "diagram-js/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "./viewer.css";

import { openDiagram } from "./diagram.js";
import { showMarks } from "./marks.js";
import { text } from "./texts.js";

const ACCEPT = { json: "application/json", text: "application/xml, */*" };

class SessionEnded extends Error {}

async function fetchAs(kind, url) {
  // Asked for JSON, the server says that nobody is logged in any more; else it would send the login page.
  const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: ACCEPT[kind] } });
  if (answer.status === 401) {
    throw new SessionEnded(url);
  }
  if (!answer.ok) {
    throw new Error(`${url}: HTTP ${answer.status}`);
  }
  return answer[kind]();
}

function showFailure(container, sentence, error) {
  console.error(sentence, error);
  showNote(container, `${sentence} (${error.message})`);
}

function showNote(container, sentence) {
  container.querySelector(".prima-diagram-failure")?.remove();
  const note = document.createElement("p");
  note.className = "prima-diagram-failure";
  note.setAttribute("role", "alert");
  note.textContent = sentence;
  container.append(note);
}

/** Fetch and show the state; false when there is no use in asking again. */
async function refresh(container, viewer) {
  try {
    showMarks(viewer, await fetchAs("json", container.dataset.stateUrl));
    container.querySelector(".prima-diagram-failure")?.remove();
    container.dataset.marked = "true";
  } catch (error) {
    if (error instanceof SessionEnded) {
      showNote(container, text("sessionEnded"));
      return false;
    }
    showFailure(container, text("stateFailed"), error);
  }
  return true;
}

async function start(container) {
  container.classList.add("prima-diagram");
  let viewer;
  try {
    viewer = await openDiagram(container, await fetchAs("text", container.dataset.bpmnUrl));
  } catch (error) {
    showFailure(container, text("diagramFailed"), error);
    return;
  }
  if (!container.dataset.stateUrl) {
    return;
  }
  await refresh(container, viewer);
  container.addEventListener("prima:refresh", () => refresh(container, viewer));
  const seconds = Number(container.dataset.pollSeconds);
  if (seconds > 0) {
    const timer = setInterval(async () => {
      if (!container.isConnected) {
        clearInterval(timer);
        viewer.destroy();
      } else if (!document.hidden && !(await refresh(container, viewer))) {
        clearInterval(timer);
      }
    }, seconds * 1000);
  }
}

document.querySelectorAll("[data-bpmn-viewer]").forEach(start);
