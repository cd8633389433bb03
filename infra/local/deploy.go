package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// deployments is as much of CodeDeploy as its hook asks (API Reference): a
// deployment "d-NAME" of each function, in which the hook finds its version.
// Nothing is deployed; it is for running the hook.
func (s *processes) deployments() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			DeploymentID string `json:"deploymentId"`
			Status       string `json:"status"`
			Execution    string `json:"lifecycleEventHookExecutionId"`
			Revision     struct {
				String struct {
					SHA256 string `json:"sha256"`
				} `json:"string"`
			} `json:"revision"`
		}
		_ = json.NewDecoder(r.Body).Decode(&in) // what is not said names no deployment
		var answer any
		switch strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "CodeDeploy_20141006.") {
		case "GetDeployment": // which leaves out the content, and says what to ask for
			answer = map[string]any{"deploymentInfo": map[string]any{
				"applicationName": application, "revision": revision(map[string]string{"sha256": in.DeploymentID}),
			}}
		case "GetApplicationRevision":
			name := strings.TrimPrefix(in.Revision.String.SHA256, "d-")
			answer = map[string]any{"applicationName": application, "revision": revision(map[string]string{"content": appSpec(name)})}
		case "PutLifecycleEventHookExecutionStatus":
			s.log().Info("deployment checked", "deployment", in.DeploymentID, "status", in.Status)
			answer = map[string]string{"lifecycleEventHookExecutionId": in.Execution}
		default:
			w.WriteHeader(http.StatusBadRequest)
			answer = map[string]string{"__type": "InvalidOperationException"}
		}
		_ = json.NewEncoder(w).Encode(answer) // the client may be gone
	})
}

func revision(content map[string]string) map[string]any {
	return map[string]any{"revisionType": "String", "string": content}
}

// appSpec is what CloudFormation tells CodeDeploy of a function.
func appSpec(name string) string {
	return fmt.Sprintf(`{"version":"0.0","Resources":[{"F":{"Type":"AWS::Lambda::Function","Properties":`+
		`{"Name":%q,"Alias":%q,"CurrentVersion":%q,"TargetVersion":%q}}}]}`, name, liveAlias, onlyVersion, onlyVersion)
}
