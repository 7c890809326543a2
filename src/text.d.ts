/** A text file: the bundlers of the Worker and of the tests give its content. */
declare module "*.md" {
  const text: string
  export default text
}
