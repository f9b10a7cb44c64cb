// Words of the diagram, in the page's language.
const TEXTS = {
  id: {
    diagram: "Diagram alur. Geser dengan tombol panah.",
    zoomIn: "Perbesar",
    zoomOut: "Perkecil",
    fit: "Tampilkan semua",
    active: (count) => `${count} sedang berjalan`,
    late: "Terlambat",
    incident: "Gangguan",
    completed: (count) => `Selesai ${count} kali`,
    diagramFailed: "Diagram tidak dapat ditampilkan.",
    stateFailed: "Keadaan terbaru tidak dapat diambil.",
    sessionEnded: "Sesi Anda sudah berakhir; muat ulang halaman ini untuk masuk kembali.",
  },
  en: {
    diagram: "Process diagram. Move it with the arrow keys.",
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    fit: "Show everything",
    active: (count) => `${count} in progress`,
    late: "Overdue",
    incident: "Incident",
    completed: (count) => `Completed ${count} times`,
    diagramFailed: "The diagram cannot be shown.",
    stateFailed: "The latest state cannot be fetched.",
    sessionEnded: "Your session has ended; reload this page to log in again.",
  },
};

export function text(key, ...values) {
  const language = document.documentElement.lang.startsWith("en") ? "en" : "id";
  const found = TEXTS[language][key];
  return typeof found === "function" ? found(...values) : found;
}
