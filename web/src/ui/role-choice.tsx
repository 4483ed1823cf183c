import type { JSX } from "solid-js";
import type { Schemas } from "../api/client";
import { t } from "../i18n";
import { Select } from "./select";

type Role = Schemas["Role"];

const ROLES: Role[] = ["viewer", "marketer", "owner"];

/** A choice of a role, which says what the chosen one may do. */
export function RoleChoice(props: { label: string; value: Role; onChange: (role: Role) => void }): JSX.Element {
  return (
    <div class="field">
      <Select
        label={props.label}
        value={props.value}
        options={ROLES.map((value) => ({ value, label: t(`role.${value}`) }))}
        onChange={props.onChange}
      />
      <p class="hint" aria-live="polite">
        {t(`roleWhat.${props.value}`)}
      </p>
    </div>
  );
}
