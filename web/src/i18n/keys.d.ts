declare module "virtual:message-keys" {
  const keys: (keyof typeof import("./en.json"))[];
  export default keys;
}
