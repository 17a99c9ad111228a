package httpin

// Document is the OpenAPI description.
func Document(feedNames []string) map[string]any { return map[string]any{"openapi": "3.1.0"} }
