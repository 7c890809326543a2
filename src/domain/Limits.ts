/** Every limit that a client can meet, with its unit in its name. The tables of limits are checked against this file. */
export const Limits = {
  /** A request's body. */
  requestBodyBytes: 1_048_576,
  /** How deeply JSON may nest, in a request and in an upstream's answer. */
  jsonDepth: 100,
  /** A workflow's steps and triggers as JSON. A D1 row holds 2 MB. */
  definitionBytes: 1_500_000,
  /** An execution's inputs as JSON. A D1 row holds 2 MB, of which the outputs may take `outputsInlineBytes`. */
  inputBytes: 1_048_576,
  /** Steps of one workflow. */
  steps: 1_000,
  /** Triggers of one workflow. */
  triggers: 50,
  /** Characters of a name. */
  nameCharacters: 200,
  /** Characters of a description. */
  descriptionCharacters: 4_096,
  /** A secret's value: its characters besides white space around it, and its bytes in UTF-8. */
  secretMinCharacters: 4,
  secretBytes: 8_192,
  /** Secrets of one tenant. */
  secretsPerTenant: 200,
  /** Stored API keys of one tenant, and those of the operators. */
  apiKeysPerTenant: 1_000,
  /** Workflows that one API key is held to. */
  apiKeyWorkflows: 100,
  /** Keys that are not valid from one address, and the seconds in which so many may come. */
  failedAuthentications: 20,
  failedAuthenticationSeconds: 300,
  /** Proposals of one tenant that nobody has decided yet. */
  openProposals: 100,
  /** Those of them that one key has proposed. */
  openProposalsPerKey: 20,
  /** Characters of the reason for which a proposal is refused. */
  proposalReasonCharacters: 1_000,
  /** New hosts, new secrets and triggers, of each, that a question to the user names; of more the user is not asked. */
  questionNames: 20,
  /** Members that a diff names of one changed step; of more, what holds them is named. */
  changedMembers: 20,
  /** A step's timeout: the default, and the longest that may be set. */
  stepTimeoutDefaultMillis: 30_000,
  stepTimeoutMaxMillis: 86_400_000,
  /** A run's timeout: the default, and the longest that may be set. */
  runTimeoutDefaultMillis: 86_400_000,
  runTimeoutMaxMillis: 31_622_400_000,
  /** How long a workflow lets its finished executions be kept: an hour to ten years. */
  retentionMinMillis: 3_600_000,
  retentionMaxMillis: 315_360_000_000,
  /** Executions that may run at the same time where a limit is set, and those that may wait for a slot. */
  concurrency: 1_000,
  concurrencyQueue: 10_000,
  /** Attempts at one step. */
  stepAttempts: 20,
  /** The longest wait: a delay, a wait for an event, the back-off of a retry. */
  waitMaxMillis: 31_622_400_000,
  /** A schedule's fire that starts later than this is late; one that the service does not get to by then is missed. */
  fireGraceMillis: 300_000,
  /** Missed fires of one schedule that are told one by one, and caught up with. */
  catchUpFires: 100,
  /** The next fires of a schedule that are shown. */
  nextFires: 10,
  /** Characters of one expression. */
  expressionCharacters: 10_000,
  /** A wait for an event that sets no timeout. */
  eventTimeoutDefaultMillis: 2_592_000_000,
  /** What one check against a JSON Schema may do: schemas applied to values, and what costs as much. */
  schemaSteps: 1_000_000,
  /** Schemas applied inside one another: `$ref`, `anyOf` and the like, and those of the members of nested values. */
  schemaDepth: 500,
  /** A `pattern` of a JSON Schema: its characters, and its size with counted repetitions written out. */
  patternCharacters: 1_000,
  patternSize: 2_000,
  /** Characters of the problems that one check against a JSON Schema tells; more are left out. */
  issueCharacters: 65_536,
  /** Steps inside steps. */
  stepDepth: 10,
  /** Executions in one chain, in which each was started by the one before. */
  executionDepth: 10,
  /** Items of one loop, and how many of them are worked on at the same time. */
  loopItems: 10_000,
  loopConcurrency: 50,
  /** An upstream's answer to an `http-request` step, and all answers to one attempt at an `mcp-tool` step. */
  responseBytes: 1_048_576,
  /** Requests that one attempt at an `mcp-tool` step sends: all but those for a lost answer, and the one that ends a session. */
  mcpRequests: 100,
  /** Pages of a server's list of tools in which one attempt at an `mcp-tool` step looks for its tool. */
  mcpToolPages: 20,
  /** One step's output as JSON. A row of a Durable Object's storage holds 2 MB. */
  stepOutputBytes: 1_900_000,
  /** All outputs of one execution together, as JSON. Its trace may hold them twice, and a KV value holds 25 MiB. */
  runOutputBytes: 10_485_760,
  /** Log entries kept of one execution, and their JSON together. */
  logEntries: 10_000,
  logBytes: 2_097_152,
  /** Characters of an error message, and of a body and an address that an error tells. */
  errorMessageCharacters: 2_000,
  /** An error's details as JSON. A D1 row holds 2 MB, of which the inputs may take `inputBytes`. */
  errorDetailsBytes: 65_536,
  /** Problems that one error names; its `detail` says how many there are in all. */
  issues: 1_000,
  /** Items of one page of a list. */
  pageItems: 100,
  pageItemsDefault: 50,
  /** JSON of one page of a list: a page ends early rather than pass it. */
  pageBytes: 4_194_304,
  /** Outputs kept in the executions table; larger ones are kept with the logs. A D1 row holds 2 MB. */
  outputsInlineBytes: 900_000,
  /** How long `Prefer: wait` may ask for. */
  waitSeconds: 25,
  /** How long tools wait that may, unless `waitSeconds` says otherwise. */
  toolWaitSecondsDefault: 10,
  /** One answer of a tool, with its text. */
  toolAnswerBytes: 50_000,
  /** Items of one page of a tool's list, unless `limit` says otherwise. */
  toolPageItemsDefault: 20,
  /** How far the time in a webhook's signature may be from the service's own, in either direction. */
  webhookClockSeconds: 300,
  /** How long a cancel waits for the clean-up. */
  cancelWaitMillis: 5_000
} as const
