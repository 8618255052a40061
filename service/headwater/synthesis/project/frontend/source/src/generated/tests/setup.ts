import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// @if account
import { writeToken } from "../session/token";

// @end
// Machines that build are busy.
configure({ asyncUtilTimeout: 10_000 });

// jsdom has no dialogs and no scrolling.
HTMLDialogElement.prototype.showModal = function open() {
  this.open = true;
};
window.scrollTo = () => undefined;

afterEach(() => {
  cleanup();
  // @if account
  writeToken(null);
  // @end
});
