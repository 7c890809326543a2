/** The version of the service, as the OpenAPI document, the health check and package.json tell it. */
export const version = "0.1.0"
