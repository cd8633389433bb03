package template

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// maxVariables bounds the JSON object of a function's variables (Lambda
// Developer Guide, "Troubleshoot deployment issues": key names, values,
// quotes, commas and brackets count).
const maxVariables = 4 << 10

// reserved are the names that Lambda gives itself (Developer Guide, "Defined
// runtime environment variables") and lets no template give.
var reserved = []string{
	"_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
	"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE",
	"AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID",
	"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
}

// variables resolves a function's environment, the later of each name.
func variables(v values, layers ...map[string]ast.Node) (map[string]string, error) {
	all := map[string]string{}
	for _, layer := range layers {
		for _, name := range slices.Sorted(maps.Keys(layer)) {
			text, err := v.text(layer[name])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			if at := strings.Index(text, "<"); at >= 0 {
				return nil, fmt.Errorf("%s: nothing is given for %s", name, text[at:])
			}
			if slices.Contains(reserved, name) {
				return nil, fmt.Errorf("%s: Lambda keeps this name to itself", name)
			}
			all[name] = text
		}
	}
	b, err := json.Marshal(all)
	if err == nil && len(b) > maxVariables {
		err = fmt.Errorf("the variables have %d bytes as JSON, Lambda takes %d", len(b), maxVariables)
	}
	return all, err
}
