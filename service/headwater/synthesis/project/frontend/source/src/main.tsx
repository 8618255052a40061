import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { Application } from "./generated/Application";
import "./generated/styles.css";
import "./custom/theme.css";

const root = document.getElementById("root");
if (!root) {
  throw new Error("index.html has no element with the id root.");
}
createRoot(root).render(
  <StrictMode>
    <Application />
  </StrictMode>,
);
