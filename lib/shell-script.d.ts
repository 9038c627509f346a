/** Shell scripts are imported as their text; the bundler and the test runner see to that. */
declare module '*.sh' {
  const text: string;
  export default text;
}
