// Shows the mail that the dashboard hands in. Scripts put in this way never run, and this page's policy lets nothing load.
addEventListener("message", (event) => {
  if (event.source === parent && typeof event.data === "string") document.documentElement.innerHTML = event.data;
});
