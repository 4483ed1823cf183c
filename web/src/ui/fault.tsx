import type { JSX } from "solid-js";
import { Fault } from "./fault";

/** What went wrong, read aloud as soon as it is there; nothing is seen of it before. */
export function Fault(props: { of: string | undefined }): JSX.Element {
  return (
    <Fault of={props.of} />
  );
}
