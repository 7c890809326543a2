// What the step needs of the client, and no more: an import of the whole package at run time would keep all of it.
export { Client, ProtocolError, SdkError, StreamableHTTPClientTransport } from "@modelcontextprotocol/client"
