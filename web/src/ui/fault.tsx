import type { JSX } from "solid-js";

/** What went wrong, read aloud as soon as it is there; nothing is seen of it before. */
export function Fault(props: { of: string | undefined }): JSX.Element {
  return (
    <p role="alert" class="fault">
      {props.of}
    </p>
  );
}
