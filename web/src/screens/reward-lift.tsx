import { createResource, createSignal, Show, type JSX } from "solid-js";
import { api, ok, type Schemas } from "../api/client";
import { t } from "../i18n";
import { decimal, money, percent, whole } from "../i18n/format";
import { Field } from "../ui/field";
import { Loaded } from "../ui/loaded";

type Lift = Schemas["Lift"];

const DAYS = 30;
const LONGEST = 365;

/** What a reward brought: those who got it beside those who were held out. */
export function Lift(props: { audience: string; programme: string }): JSX.Element {
  const [days, setDays] = createSignal(DAYS);
  const [found, { refetch }] = createResource(
    () => ({ audience: props.audience, programme: props.programme, days: days() }),
    ({ days, ...path }) => ok(api.GET("/audiences/{audience}/programmes/{programme}/lift", { params: { path, query: { days } } })),
  );
  const choose = (typed: number): void => {
    if (Number.isInteger(typed) && typed >= 1 && typed <= LONGEST) setDays(typed);
  };
  return (
    <section class="card apart">
      <h2>{t("lift.title")}</h2>
      <p>{t("lift.what", { days: days() })}</p>
      <div class="narrow-choice">
        <Field
          label={t("lift.days")}
          input={{ type: "number", min: 1, max: LONGEST, value: days(), onChange: (it) => choose(it.currentTarget.valueAsNumber) }}
        />
      </div>
      <Loaded of={found} retry={() => void refetch()}>
        {(shown) => (
          <>
            <Show when={!shown().enough}>
              <p class="notice">
                {t("lift.few", { least: shown().least_persons, awarded: shown().awarded.persons, heldOut: shown().held_out.persons })}
              </p>
            </Show>
            <Compared of={shown()} />
          </>
        )}
      </Loaded>
    </section>
  );
}

function Compared(props: { of: Lift }): JSX.Element {
  const amount = (value: string): string => money(value, props.of.currency!);
  return (
    <>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <td />
              <th scope="col" class="number">
                {t("lift.got")}
              </th>
              <th scope="col" class="number">
                {t("rewards.heldOut")}
              </th>
              <Show when={props.of.differences}>
                <th scope="col" class="number">
                  {t("lift.difference")}
                </th>
              </Show>
            </tr>
          </thead>
          <tbody>
            <Row name={t("lift.persons")} of={props.of} value={(it) => whole(it.persons)} difference={() => undefined} />
            <Row
              name={t("lift.buyers")}
              of={props.of}
              value={(it) => told(it.buyers_share, percent)}
              difference={(it) => range(it.buyers_share, percent)}
            />
            <Row
              name={t("lift.orders")}
              of={props.of}
              value={(it) => told(it.orders_per_head, decimal)}
              difference={(it) => range(it.orders_per_head, decimal)}
            />
            <Show when={props.of.currency}>
              <Row
                name={t("lift.spent")}
                of={props.of}
                value={(it) => told(it.spent_per_head, amount)}
                difference={(it) => it.spent_per_head && range(it.spent_per_head, amount)}
              />
            </Show>
          </tbody>
        </table>
      </div>
      <Show when={props.of.differences}>
        <p class="hint">{t("lift.interval")}</p>
      </Show>
    </>
  );
}

function Row(props: {
  name: string;
  of: Lift;
  value: (of: Schemas["LiftGroup"]) => string;
  difference: (of: Schemas["LiftDifferences"]) => string | null | undefined;
}): JSX.Element {
  return (
    <tr>
      <th scope="row">{props.name}</th>
      <td class="number">{props.value(props.of.awarded)}</td>
      <td class="number">{props.value(props.of.held_out)}</td>
      <Show when={props.of.differences}>{(it) => <td class="number">{props.difference(it()) ?? ""}</td>}</Show>
    </tr>
  );
}

const told = <T,>(value: T | null, shown: (value: T) => string): string => (value === null ? "–" : shown(value));

const range = <T,>(of: { difference: T; low: T; high: T }, shown: (value: T) => string): string =>
  `${shown(of.difference)} (${t("lift.between", { low: shown(of.low), high: shown(of.high) })})`;
