import { createEffect, type JSX } from "solid-js";

/**
 * Shows the HTML of a mail. The page in the frame has a policy of its own, which lets styles of the mail in and nothing else, and
 * no origin, so that it sees nothing of the dashboard.
 */
export function MailFrame(props: { title: string; html: string }): JSX.Element {
  let frame!: HTMLIFrameElement;
  const show = (html: string): void => frame.contentWindow?.postMessage(html, "*");
  createEffect(() => show(props.html));
  return <iframe ref={frame} sandbox="allow-scripts" title={props.title} src="./preview.html" onLoad={() => show(props.html)} />;
}
